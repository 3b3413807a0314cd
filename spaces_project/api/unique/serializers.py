"""What requests may say, in the vendor's words; the rules about lengths and the like are the models'."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from chats.models import Assessment, Assistant, MessageLog
from spaces.models.access import AccessLevel

from .fields import Array, Body, Choice, Flag, Number, Object, Objects, Structure, Text, Texts, Time

# ruff: noqa: N815 (the wire's names)


class ModuleBody(Body):
    """A module of a new space."""

    name = Text(required=True, allow_blank=False)
    description = Text()
    weight = Number()
    isExternal = Flag(source="is_external")
    isCustomInstructionEnabled = Flag(source="is_custom_instruction_enabled")
    configuration = Object()
    toolDefinition = Object(source="tool_definition")


class ModuleChange(ModuleBody):
    """What changes in a module that there is."""

    name = Text(allow_blank=False)
    moduleId = Text(required=True)


class PromptBody(Body):
    """A question that people are offered."""

    title = Text(required=True, allow_blank=False)
    prompt = Text(required=True, allow_blank=False)
    order = Number()


class McpTool(Body):
    """One tool of an MCP server."""

    name = Text(required=True, allow_blank=False)
    isEnabled = Flag()


class McpServerBody(Body):
    """A link to an MCP server. No ``tools``: all of them are enabled; an empty array disables it."""

    mcpServerId = Text(required=True, allow_blank=False)
    name = Text()
    tools = Objects(McpTool())


class SpaceChange(Body):
    """The body of PATCH /space/{id}; what is absent or null stays as it is."""

    name = Text(allow_blank=False)
    title = Text()
    subtitle = Text()
    explanation = Text()
    alert = Text()
    inputLimit = Number(source="input_limit", min_value=1)
    inputPlaceholder = Text(source="input_placeholder")
    chatUpload = Choice(Assistant.Upload.values, source="chat_upload")
    goals = Texts()
    languageModel = Text(source="language_model")
    isPinned = Flag(source="is_pinned")
    settings = Object()
    allowModelSwitching = Flag(source="allow_model_switching")
    switchableLanguageModels = Objects(source="switchable_language_models")
    allowEndUserSpace = Flag(source="allow_end_user_space")
    uiType = Choice(Assistant.UiType.values, source="ui_type")
    isSubAgent = Flag(source="is_sub_agent")
    subAgentSettings = Object(source="sub_agent_settings")
    subAgentIds = Texts(source="sub_agents")
    mcpServers = Objects(McpServerBody(), source="mcp_servers")
    assistantPrompts = Objects(PromptBody(), source="prompts")
    modules = Objects(ModuleChange())


class SpaceBody(SpaceChange):
    """The body of POST /space."""

    name = Text(required=True, allow_blank=False)
    fallbackModule = Text(required=True, allow_blank=False, source="fallback_module")
    isExternal = Flag(source="is_external")
    modules = Objects(ModuleBody(), required=True, allow_empty=False)

    def validate(self, attrs: Any) -> Any:
        if attrs["fallback_module"] not in [module["name"] for module in attrs["modules"]]:
            raise serializers.ValidationError({"fallbackModule": "Must be the name of one of the modules."})
        return attrs


class AccessEntry(Body):
    """A grant to one user or one group."""

    LEVELS = {"READ": "USE", "WRITE": "MANAGE"}  # older words of the vendor

    entityId = Text(required=True, allow_blank=False)
    entityType = Choice(("USER", "GROUP"), required=True)
    type = Choice((*AccessLevel.values, *LEVELS), required=True)

    def validate_type(self, value: str) -> str:
        return self.LEVELS.get(value, value)


class AccessBody(Body):
    """Grants to add, under either of the vendor's two names."""

    access = Objects(AccessEntry())
    accessIds = Objects(AccessEntry())

    def validate(self, attrs: Any) -> Any:
        entries = [*attrs.get("access", ()), *attrs.get("accessIds", ())]
        if not entries:
            raise serializers.ValidationError({"access": "Name at least one entry."})
        return {"access": entries}


class ChatBody(Body):
    """A new chat without messages."""

    title = Text(required=True, allow_blank=False)
    assistantId = Text(required=True)


class ChatChange(Body):
    """A new title."""

    title = Text(required=True, allow_blank=False)


class Correlation(Body):
    """Where a message comes from, when a space asks another one."""

    parentMessageId = Text()
    parentChatId = Text()
    parentAssistantId = Text()


class QuestionBody(Body):
    """A message to a space: to a new chat, or to the one that ``chatId`` names."""

    assistantId = Text(required=True)
    chatId = Text(allow_blank=False)
    text = Text()
    toolChoices = Texts()
    skillChoices = Objects()
    availableSkills = Objects()
    scopeRules = Object()
    languageModel = Text()
    selectedUploadedFileIds = Texts()
    toolParameters = Object()
    correlation = Correlation(required=False)
    autoApproveElicitation = Flag()


class ReferenceBody(Body):
    """Where an answer has something from; ``sequenceNumber`` N belongs to ``<sup>N</sup>`` in the text."""

    name = Text()
    description = Text()
    url = Text()
    sequenceNumber = Number(source="number", required=True, min_value=0)
    sourceId = Text(source="source_id")
    source = Text()  # type: ignore[assignment]  # a member, not the attribute of the class above
    originalIndex = Array(source="original_index")


SEGMENTS = ("PROCESS", "PREFACE", "ELICITATION", "ANSWER")


class MessageChange(Body):
    """The body of PATCH /messages/{id}; what is absent or null stays as it is."""

    chatId = Text(required=True)
    text = Text()
    originalText = Text(source="original_text")
    references = Objects(ReferenceBody())
    gptRequest = Structure(source="gpt_request")
    debugInfo = Object(source="debug_info")
    startedStreamingAt = Time(source="started_at")
    stoppedStreamingAt = Time(source="stopped_at")
    completedAt = Time(source="completed_at")
    segmentKind = Choice(SEGMENTS)


class MessageBody(MessageChange):
    """The body of POST /messages: an answer written by a program."""

    assistantId = Text(required=True)
    role = Choice(("ASSISTANT",), required=True)
    correlation = Correlation(required=False)
    responseTurnId = Text()
    segmentIndex = Number()


class Interruption(Body):
    """A program gives a turn up."""

    chatId = Text(required=True)
    reason = Choice(("SYSTEM_INTERRUPTED",))


class AssessmentChange(Body):
    """The body of PATCH /message-assessment/{messageId}."""

    type = Choice(Assessment.Type.values, required=True)
    status = Choice(Assessment.Status.values)
    label = Choice(Assessment.Label.values)  # type: ignore[assignment]  # a member too
    title = Text()
    explanation = Text()
    isVisible = Flag(source="is_visible")


class AssessmentBody(AssessmentChange):
    """The body of POST /message-assessment."""

    messageId = Text(required=True)
    status = Choice(Assessment.Status.values, required=True)


class LogChange(Body):
    """The body of PATCH /message-log/{id}."""

    text = Text()
    status = Choice(MessageLog.Status.values)
    order = Number()
    details = Structure()
    references = Array()
    uncitedReferences = Structure(source="uncited_references")


class LogBody(LogChange):
    """The body of POST /message-log."""

    messageId = Text(required=True)
    text = Text(required=True, allow_blank=False)
    status = Choice(MessageLog.Status.values, required=True)
    order = Number(required=True)


class MemoryQuestion(Body):
    """Which short-term memory is meant."""

    memoryName = Text(required=True, allow_blank=False)
    chatId = Text()
    messageId = Text()


class MemoryBody(MemoryQuestion):
    """A small text to keep under a name."""

    data = Text()  # type: ignore[assignment]  # a member too


class ConfigurationBody(Body):
    """Free settings of a user."""

    userConfiguration = Object(required=True)


class GroupBody(Body):
    """A new group, without users."""

    name = Text(required=True, allow_blank=False)
    externalId = Text(source="external_id")
    parentId = Text()

    def validate_parentId(self, value: str) -> str:  # noqa: N802 (named after the member)
        raise serializers.ValidationError("Groups have no parents here.")


class GroupChange(Body):
    """A new name."""

    name = Text(allow_blank=False)


class GroupUsers(Body):
    """Users to put into a group."""

    userIds = Texts(required=True, allow_empty=False)
