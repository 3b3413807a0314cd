"""Every operation as the OpenAPI document tells it: one line each, so that the views stay plain."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes

from spaces_project.api.operations import TableSchema

from . import answers, serializers
from .operation import MADE, Operation, query, window
from .operations_folders import FOLDERS
from .operations_reading import READING
from .operations_writing import WRITING

CHAT_ID = query("chatId", "The chat of the message.", required=True)
PLAIN = query("excludeGptRequest", "`True`: without `gptRequest`.", bool)
ACCESS_IDS = query("accessIds", "`accessIds[0]=…&accessIds[1]=…`", OpenApiTypes.ANY, required=True)
USER_IDS = query("userIds", "`userIds[0]=…&userIds[1]=…`", OpenApiTypes.ANY, required=True)
WRITES = (404, 409)

CHATS = (
    Operation("space.list", "getSpaces", "List spaces, newest first", answers.Spaces,
              query=(query("name", "A part of the name, in any case."), *window(50, 1000)), fails=()),
    Operation("space.create", "createSpace", "Create a space", answers.Space, serializers.SpaceBody, status=MADE),
    Operation("space.retrieve", "getSpace", "Fetch a space", answers.Space),
    Operation("space.modify", "updateSpace", "Change what is given of a space", answers.Space,
              serializers.SpaceChange, fails=WRITES),
    Operation("space.remove", "deleteSpace", "Delete a space and everything in it", answers.Identifier, fails=WRITES),
    Operation("space.mcp_status", "getMcpServerStatus", "Tell about a space's MCP servers", answers.ServerStatuses),
    Operation("access.list", "getSpaceAccess", "List the grants of a space", answers.Grants),
    Operation("access.add", "addSpaceAccess", "Grant access to users and groups", answers.Grants,
              serializers.AccessBody, status=MADE),
    Operation("access.remove", "deleteSpaceAccess", "Take grants away", answers.Done, query=(ACCESS_IDS,)),
    Operation("chat.create", "createChat", "Create a chat without messages", answers.Chat, serializers.ChatBody,
              fails=WRITES, status=MADE),
    Operation("chat.modify", "updateChat", "Change the title of a chat", answers.Chat, serializers.ChatChange),
    Operation("chat.remove", "deleteChat", "Delete a chat with its messages", answers.DeletedChat),
    Operation("chat.ask", "createMessage", "Ask: in a new chat, or in one that there is", answers.Message,
              serializers.QuestionBody, fails=WRITES, status=MADE),
    Operation("chat.messages", "getChatMessages", "List messages of a chat, oldest first", answers.Transcript,
              query=(*window(10, 100), PLAIN)),
    Operation("chat.latest", "getLatestMessage", "Fetch the newest message of a chat", answers.Message),
    Operation("message.list", "listMessages", "List the newest messages of a chat, oldest first", answers.Messages,
              query=(CHAT_ID, PLAIN)),
    Operation("message.create", "createAnswer", "Add or fill in an answer of a program", answers.Message,
              serializers.MessageBody, fails=WRITES, status=MADE),
    Operation("message.retrieve", "retrieveMessage", "Fetch a message", answers.Message, query=(CHAT_ID,)),
    Operation("message.modify", "modifyMessage", "Change what is given of a message", answers.Message,
              serializers.MessageChange),
    Operation("message.remove", "deleteMessage", "Delete a message, and the answers to it", answers.Message,
              query=(CHAT_ID,)),
    Operation("message.event", "createEvent", "Show a change of a message without storing it", answers.Message,
              serializers.MessageChange),
    Operation("message.interrupt", "interruptTurn", "Give the turn of a message up", answers.Message,
              serializers.Interruption),
    Operation("assessment.create", "createAssessment", "Assess a message", answers.Assessment,
              serializers.AssessmentBody, status=MADE),
    Operation("assessment.modify", "modifyAssessment", "Change the assessment of this type", answers.Assessment,
              serializers.AssessmentChange),
    Operation("log.create", "createMessageLog", "Log a step of an answer", answers.Log, serializers.LogBody,
              status=MADE),
    Operation("log.modify", "updateMessageLog", "Change a logged step", answers.Log, serializers.LogChange),
    Operation("memory.create", "keepShortTermMemory", "Keep a small text under a name", answers.Memory,
              serializers.MemoryBody, status=MADE),
    Operation("memory.find", "findShortTermMemory", "Find the newest text under a name, or an empty object",
              OpenApiTypes.OBJECT, serializers.MemoryQuestion),
    Operation("user.list", "getUsers", "List users, by user name", answers.Users,
              query=(*window(50, 1000), query("email", "Exactly this address, in any case."),
                     query("displayName", "A part of the shown name, in any case."),
                     query("userName", "Exactly this user name, in any case.")), fails=()),
    Operation("user.retrieve", "getUser", "Fetch a user", answers.User),
    Operation("user.memberships", "getUserGroups", "List the groups of a user", answers.UserGroups),
    Operation("user.configure", "updateUserConfiguration", "Keep free settings for one's own user", answers.Configured,
              serializers.ConfigurationBody),
    Operation("group.list", "getGroups", "List groups, by name", answers.Groups,
              query=(*window(50, 1000), query("name", "A part of the name, in any case.")), fails=()),
    Operation("group.create", "createGroup", "Create a group", answers.FullGroup, serializers.GroupBody,
              fails=WRITES, status=MADE),
    Operation("group.modify", "updateGroup", "Rename a group", answers.FullGroup, serializers.GroupChange,
              fails=WRITES),
    Operation("group.remove", "deleteGroup", "Delete a group; its users stay", answers.Identifier),
    Operation("group.add_users", "addUsersToGroup", "Put users into a group", answers.Memberships,
              serializers.GroupUsers, status=MADE),
    Operation("group.remove_users", "removeUsersFromGroup", "Take users out of a group", answers.Done,
              query=(USER_IDS,)),
)  # fmt: skip
ALL = (*CHATS, *FOLDERS, *READING, *WRITING)
BY_NAME = {operation.name: operation for operation in ALL}


class OperationSchema(TableSchema):
    """Reads ALL."""

    table = BY_NAME
    ways_in = ("bearer",)
