"""The operations of conversations, messages and ratings, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes

from . import answers_chats as answers
from . import serializers_chats as bodies
from .operation import EXPORT, ID, LIST, Operation, Query, one, page, query, rows

OF_CONVERSATIONS: Query = (
    query("spaceId", "Only conversations in these spaces (comma list of ids or `@alias`)."),
    query("contactId", "Only conversations with these contacts (comma list of ids or `@alias`)."),
    query("botId", "Only conversations with these bot ids (comma list)."),
    query("taskId", "Only conversations with these task ids (comma list)."),
    query("blueprintId", "Only conversations with these blueprint ids (comma list)."),
)
OF_RATINGS: Query = (
    query("contactId", "Only ratings in conversations with these contacts (comma list of ids or `@alias`)."),
    query("botId", "Only ratings in conversations with these bot ids (comma list)."),
    query("conversationId", "Only ratings of these conversations and their messages (comma list)."),
    query("messageId", "Only ratings of these messages (comma list)."),
    query("value", "`upvote`, `downvote`, or a number that may follow `>`, `<`, `>=` or `<=`."),
)
Conversation, Message, Rating = answers.Conversation, answers.Message, answers.Rating


def _told(record: Any) -> dict[str, Any]:
    """One object, or the events that lead to it."""
    return {"application/json": record, "application/jsonl": OpenApiTypes.STR}


CONVERSATIONS = (
    Operation(
        "conversation.create",
        "createConversation",
        "Create a conversation, maybe with messages",
        ID,
        bodies.NewConversation,
        fails=(404, 409),
    ),
    Operation("conversation.fetch", "fetchConversation", "Fetch a conversation", one(Conversation), fails=(404,)),
    Operation(
        "conversation.update",
        "updateConversation",
        "Change a conversation; meta is merged",
        ID,
        bodies.ConversationFields,
        fails=(404, 409),
    ),
    Operation("conversation.delete", "deleteConversation", "Delete a conversation and its messages", ID, fails=(404,)),
    Operation(
        "conversation.list",
        "listConversation",
        "List conversations",
        page(Conversation),
        query=LIST + OF_CONVERSATIONS,
    ),
    Operation(
        "conversation.export",
        "exportConversation",
        "Export conversations with what was said in them",
        rows(answers.ExportedConversation),
        query=EXPORT + OF_CONVERSATIONS,
    ),
    Operation("conversation.upvote", "upvoteConversation", "Say that it went well", ID, bodies.Upvote, fails=(404,)),
    Operation(
        "conversation.downvote", "downvoteConversation", "Say that it went badly", ID, bodies.Downvote, fails=(404,)
    ),
    Operation(
        "conversation.create_session",
        "createConversationSession",
        "Create a token that opens this conversation alone",
        one(answers.Session),
        bodies.SessionFields,
        fails=(404,),
    ),
    Operation(
        "conversation.upsert_contact",
        "upsertConversationContact",
        "Make sure that a contact exists, and link it",
        ID,
        bodies.Visitor,
        fails=(404, 409),
    ),
)
COMPLETIONS = (
    Operation(
        "completion.complete",
        "completeConversation",
        "Send a message and wait for the answer",
        _told(answers.Answer),
        bodies.Asked,
        fails=(404, 408, 409, 422),
    ),
    Operation(
        "completion.send",
        "sendConversation",
        "Send a message; no answer is written",
        _told(answers.Stored),
        bodies.Sent,
        fails=(404, 409),
    ),
    Operation(
        "completion.receive",
        "receiveConversation",
        "Wait for an answer to what was said last",
        _told(answers.Answer),
        fails=(404, 408, 409, 422),
    ),
    Operation(
        "completion.complete_once",
        "completeMessages",
        "Answer the messages given; nothing is stored",
        _told(answers.PassingAnswer),
        bodies.Dialogue,
        fails=(404, 409, 422),
    ),
)
MESSAGES = (
    Operation(
        "message.create",
        "createMessage",
        "Add a message; no answer is written",
        one(answers.Stored),
        bodies.NewMessage,
        fails=(404, 409),
    ),
    Operation("message.fetch", "fetchMessage", "Fetch a message", one(Message), fails=(404,)),
    Operation(
        "message.update",
        "updateMessage",
        "Change a message; meta is merged",
        one(answers.Stored),
        bodies.MessageFields,
        fails=(404, 409),
    ),
    Operation("message.delete", "deleteMessage", "Delete a message, and answers to it", ID, fails=(404,)),
    Operation(
        "message.list", "listMessage", "List the messages, oldest first", page(Message), query=LIST, fails=(404,)
    ),
    Operation("message.upvote", "upvoteMessage", "Say that a message is good", ID, bodies.Upvote, fails=(404,)),
    Operation("message.downvote", "downvoteMessage", "Say that a message is bad", ID, bodies.Downvote, fails=(404,)),
)
RATINGS = (
    Operation(
        "rating.create", "createRating", "Rate a conversation or a message", ID, bodies.NewRating, fails=(404, 409)
    ),
    Operation("rating.fetch", "fetchRating", "Fetch a rating", one(Rating), fails=(404,)),
    Operation(
        "rating.update", "updateRating", "Change a rating; meta is merged", ID, bodies.RatingFields, fails=(404,)
    ),
    Operation("rating.delete", "deleteRating", "Delete a rating", ID, fails=(404,)),
    Operation("rating.list", "listRating", "List ratings", page(Rating), query=LIST + OF_RATINGS),
    Operation("rating.export", "exportRating", "Export ratings", rows(Rating), query=EXPORT + OF_RATINGS),
)
OF_CONTACTS = (
    Operation(
        "contact.list_conversations",
        "listContactConversations",
        "List the conversations with a contact",
        page(Conversation),
        query=LIST + OF_CONVERSATIONS,
        fails=(404,),
    ),
    Operation(
        "contact.list_ratings",
        "listContactRatings",
        "List the ratings in conversations with a contact",
        page(Rating),
        query=LIST + OF_RATINGS,
        fails=(404,),
    ),
)
CHATS = (*CONVERSATIONS, *COMPLETIONS, *MESSAGES, *RATINGS, *OF_CONTACTS)
