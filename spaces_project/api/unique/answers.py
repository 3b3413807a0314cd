"""What answers look like, for the OpenAPI document only: faces.py and shapes.py make them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

ANY_OBJECT = {"type": "object", "additionalProperties": True}
Shape = type[serializers.Serializer[Any]]


@extend_schema_field(ANY_OBJECT)
class _Free(serializers.Field):  # type: ignore[type-arg]
    """Free JSON: an object."""


@extend_schema_field({})
class _Any(serializers.Field):  # type: ignore[type-arg]
    """Any JSON."""


def _shape(name: str, about: str, /, **members: Any) -> Shape:
    """A serializer that describes an object with these members."""
    return type(name, (serializers.Serializer,), {**members, "__doc__": about})


def text() -> Any:
    return serializers.CharField()


def maybe() -> Any:
    return serializers.CharField(allow_null=True)


def time() -> Any:
    return serializers.DateTimeField()


def no_time_yet() -> Any:
    return serializers.DateTimeField(allow_null=True)


def number() -> Any:
    return serializers.IntegerField()


def flag() -> Any:
    return serializers.BooleanField()


def texts() -> Any:
    return serializers.ListField(child=serializers.CharField())


def free() -> Any:
    return _Free(allow_null=True)


TIMES = {"createdAt": time(), "updatedAt": time()}

Fault = _shape("Fault", "What went wrong.", message=text(), code=text(), params=_Free())
Failure = _shape("Failure", "Every error. `params.retryable` says whether to send it again.", error=Fault())

Module = _shape(
    "Module",
    "One of the things that can answer in a space.",
    id=text(),
    name=text(),
    description=maybe(),
    toolDefinition=free(),
    configuration=_Free(),
    assistantId=text(),
    weight=number(),
    isExternal=flag(),
    isCustomInstructionEnabled=flag(),
    moduleTemplateId=maybe(),
    **TIMES,
)
Rule = _shape(
    "ScopeRule",
    "What answers of the space may use, in UniqueQL.",
    id=text(),
    assistantId=text(),
    title=text(),
    companyId=text(),
    rule=_Free(),
    isAdvanced=flag(),
    **TIMES,
)
Prompt = _shape(
    "Prompt", "A question that people are offered.", id=text(), object=text(), order=number(), title=text(),
    prompt=text(),
)  # fmt: skip
McpServer = _shape(
    "McpServer",
    "A link to a server of tools: kept and returned, never called.",
    id=text(),
    name=text(),
    assistantId=text(),
    mcpServerId=text(),
    isEnabled=flag(),
    tools=serializers.ListField(child=_Free(), allow_null=True),
    **TIMES,
)
SubAgent = _shape(
    "SubAgent",
    "Another space that this one may ask.",
    id=text(),
    name=text(),
    title=maybe(),
    subtitle=maybe(),
    explanation=maybe(),
    isSubAgent=flag(),
    settingsOverride=free(),
)
Access = _shape("Access", "A grant.", id=text(), entityId=text(), entityType=text(), type=text(), createdAt=time())
Space = _shape(
    "Space",
    "A space. Grants are shown to those who read everything in it.",
    id=text(),
    name=text(),
    defaultForCompanyId=maybe(),
    title=maybe(),
    subtitle=maybe(),
    explanation=maybe(),
    alert=maybe(),
    inputLimit=serializers.IntegerField(allow_null=True),
    inputPlaceholder=maybe(),
    chatUpload=text(),
    goals=serializers.ListField(child=_Any()),
    languageModel=maybe(),
    allowModelSwitching=flag(),
    switchableLanguageModels=serializers.ListField(child=_Any()),
    fallbackModule=text(),
    access=texts(),
    isExternal=flag(),
    isPinned=flag(),
    uiType=text(),
    settings=free(),
    allowEndUserSpace=flag(),
    isSubAgent=flag(),
    subAgentSettings=free(),
    assistantAccess=Access(many=True),
    modules=Module(many=True),
    scopeRules=Rule(many=True),
    assistantPrompts=Prompt(many=True),
    assistantMcpServers=McpServer(many=True),
    subAgents=SubAgent(many=True),
    **TIMES,
)
Spaces = _shape("Spaces", "Some spaces, newest first.", data=Space(many=True))
Grants = _shape("Grants", "Grants of a space.", access=Access(many=True))
Done = _shape("Done", "It is done.", success=flag())
Identifier = _shape("Identifier", "What was deleted.", id=text())
ServerStatus = _shape(
    "ServerStatus",
    "Whether one is signed in to a server of tools.",
    mcpServerId=text(),
    name=text(),
    isEnabled=flag(),
    requiresOAuth=flag(),
    isOAuth2Connected=flag(),
    oauth2Url=maybe(),
    enabledToolNames=texts(),
)
ServerStatuses = _shape("ServerStatuses", "The servers of a space.", spaceId=text(), mcpServers=ServerStatus(many=True))

Chat = _shape("Chat", "A chat.", id=text(), title=text(), createdAt=time(), object=text())
DeletedChat = _shape("DeletedChat", "The chat that was deleted.", chat_id=text())

Reference = _shape(
    "Reference",
    "Where an answer has something from.",
    name=text(),
    description=maybe(),
    url=maybe(),
    sequenceNumber=number(),
    originalIndex=serializers.ListField(child=_Any()),
    sourceId=text(),
    source=text(),
)
Assessment = _shape(
    "Assessment",
    "The finding of a check on a message.",
    id=text(),
    object=text(),
    messageId=text(),
    status=text(),
    type=text(),
    label=maybe(),
    title=maybe(),
    explanation=maybe(),
    isVisible=flag(),
    companyId=text(),
    userId=maybe(),
    createdBy=maybe(),
    **TIMES,
)
Message = _shape(
    "Message",
    "A message. `text` is null until there is some.",
    id=text(),
    object=text(),
    chatId=text(),
    text=maybe(),
    originalText=maybe(),
    role=text(),
    debugInfo=free(),
    gptRequest=_Any(),
    startedStreamingAt=no_time_yet(),
    stoppedStreamingAt=no_time_yet(),
    completedAt=no_time_yet(),
    userAbortedAt=no_time_yet(),
    turnInterruptionReason=maybe(),
    previousMessageId=maybe(),
    segmentKind=maybe(),
    segmentIndex=serializers.IntegerField(allow_null=True),
    responseTurnId=maybe(),
    correlation=free(),
    references=Reference(many=True),
    assessment=Assessment(many=True),
    **TIMES,
)
Transcript = _shape(
    "Transcript",
    "Messages of a chat, oldest first; `data` is the same as `messages`.",
    messages=Message(many=True),
    totalCount=number(),
    data=Message(many=True),
)
Messages = _shape(
    "Messages", "The newest messages of a chat, oldest first.", object=text(), data=Message(many=True),
    has_more=flag(), url=text(),
)  # fmt: skip
Log = _shape(
    "MessageLog",
    "One step that an answer went through.",
    id=text(),
    object=text(),
    messageId=text(),
    text=text(),
    status=text(),
    order=number(),
    details=_Any(),
    references=_Any(),
    uncitedReferences=_Any(),
    **TIMES,
)
Memory = _shape(
    "ShortTermMemory",
    "A small text under a name.",
    id=text(),
    object=text(),
    memoryName=text(),
    chatId=maybe(),
    messageId=maybe(),
    data=text(),
    **TIMES,
)
User = _shape(
    "User",
    "A user of the company. `email` is empty for those who may not see it.",
    id=text(),
    object=text(),
    externalId=maybe(),
    firstName=text(),
    lastName=text(),
    displayName=text(),
    userName=text(),
    email=text(),
    active=flag(),
    **TIMES,
)
Configured = _shape(
    "ConfiguredUser",
    "A user with what programs keep for him.",
    id=text(),
    object=text(),
    displayName=text(),
    userName=text(),
    userConfiguration=_Free(),
    **TIMES,
)
Users = _shape("Users", "Some users, by user name.", users=User(many=True), object=text())
Member = _shape("GroupMember", "A user in a group.", entityId=text())
Group = _shape(
    "Group", "Users who are granted access together.", id=text(), object=text(), name=text(), externalId=maybe(),
    parentId=maybe(), **TIMES,
)  # fmt: skip
FullGroup = _shape(
    "GroupWithMembers", "A group and who is in it.", id=text(), object=text(), name=text(), externalId=maybe(),
    parentId=maybe(), members=Member(many=True), **TIMES,
)  # fmt: skip
Membership = _shape("Membership", "A user in a group.", entityId=text(), groupId=text(), createdAt=time())
Memberships = _shape("Memberships", "Who was put in.", memberships=Membership(many=True))
Groups = _shape("Groups", "Some groups, by name.", groups=FullGroup(many=True))
UserGroups = _shape("UserGroups", "The groups of a user.", groups=Group(many=True))
