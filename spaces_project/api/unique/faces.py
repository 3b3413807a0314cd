"""The Unique face of spaces, read for many at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from chats.models import Assistant, AssistantPrompt, McpServer, Module, ScopeRule, SubAgent
from spaces.actors import Actor
from spaces.models import Space, SpaceAccess
from spaces.permissions import supervised_spaces, visible_spaces
from spaces_project.kit.ids import Prefix, encode

from .shapes import Shape, access, moment, wire


def faces(actor: Actor, spaces: Sequence[Space]) -> list[Shape]:
    """The spaces as this actor sees them, in a number of statements that does not depend on how many they are.

    Grants are shown to those who read everything in the space, sub-agents to those who may read them.
    """
    prefetch_related_objects(spaces, *_lookups(actor))
    pks = [space.pk for space in spaces]
    supervised = set(supervised_spaces(actor).filter(pk__in=pks).values_list("pk", flat=True))
    return [_face(space, space.pk in supervised) for space in spaces]


def face(actor: Actor, space: Space) -> Shape:
    """One space, freshly read."""
    return faces(actor, [visible_spaces(actor).get(pk=space.pk)])[0]


def _lookups(actor: Actor) -> list[Prefetch[Any]]:
    """Everything that hangs on spaces and their assistants, each started at the account."""
    of: Any = actor.account
    agents = SubAgent.objects.of(of).filter(agent__in=visible_spaces(actor).values("pk")).select_related("agent")
    facets = Assistant.objects.of(of).prefetch_related(
        Prefetch("module_set", Module.objects.of(of)),
        Prefetch("scope_rules", ScopeRule.objects.of(of)),
        Prefetch("prompt_set", AssistantPrompt.objects.of(of)),
        Prefetch("mcp_server_set", McpServer.objects.of(of)),
        Prefetch("sub_agent_set", agents.prefetch_related(Prefetch("agent__assistants", Assistant.objects.of(of)))),
    )
    return [Prefetch("assistants", facets), Prefetch("access", SpaceAccess.objects.of(of))]


def _by_age(rows: Iterable[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: (row.created_at, row.pk))


def _facet(space: Space) -> Assistant:
    """As Assistant.of, from what was prefetched."""
    found = next(iter(space.assistants.all()), None)
    assistant: Assistant = found or Assistant(account_id=space.account_id, space=space)
    assistant.space = space
    return assistant


def _face(space: Space, with_access: bool) -> Shape:
    it = _facet(space)
    grants = _by_age(space.access.all()) if with_access else []
    return {
        "id": wire(Prefix.ASSISTANT, space.pk),
        "name": space.name,
        "defaultForCompanyId": None,
        "title": it.title or None,
        "subtitle": it.subtitle or None,
        "explanation": it.explanation or None,
        "alert": it.alert or None,
        "inputLimit": it.input_limit,
        "inputPlaceholder": it.input_placeholder or None,
        "chatUpload": it.chat_upload,
        "goals": it.goals,
        "languageModel": it.language_model or None,
        "allowModelSwitching": it.allow_model_switching,
        "switchableLanguageModels": it.switchable_language_models,
        "fallbackModule": it.fallback_module,
        "access": [entry["entityId"] for entry in map(access, grants)],
        "isExternal": it.is_external,
        "isPinned": it.is_pinned,
        "uiType": it.ui_type,
        "settings": it.settings,
        "allowEndUserSpace": it.allow_end_user_space,
        "isSubAgent": it.is_sub_agent,
        "subAgentSettings": it.sub_agent_settings,
        "assistantAccess": [access(grant) for grant in grants],
        **_parts(it),
        "createdAt": moment(space.created_at),
        "updatedAt": moment(max(space.updated_at, it.updated_at) if it.is_stored else space.updated_at),
    }


def _parts(it: Assistant) -> Shape:
    stored = it.is_stored
    modules = sorted(_by_age(it.module_set.all()), key=lambda row: -row.weight) if stored else []
    prompts = sorted(_by_age(it.prompt_set.all()), key=lambda row: row.order) if stored else []
    return {
        "modules": [_module(row, it) for row in modules or [it.default_module()]],
        "scopeRules": [_rule(row, it) for row in (_by_age(it.scope_rules.all()) if stored else [])],
        "assistantPrompts": [_prompt(row) for row in prompts],
        "assistantMcpServers": [_mcp_server(row, it) for row in (_by_age(it.mcp_server_set.all()) if stored else [])],
        "subAgents": [_sub_agent(row) for row in (_by_age(it.sub_agent_set.all()) if stored else [])],
    }


def _times(row: Any) -> Shape:
    return {"createdAt": moment(row.created_at), "updatedAt": moment(row.updated_at)}


def _module(row: Module, it: Assistant) -> Shape:
    return {
        "id": row.wire_id,
        "name": row.name,
        "description": row.description or None,
        "toolDefinition": row.tool_definition,
        "configuration": row.configuration,
        "assistantId": wire(Prefix.ASSISTANT, it.space_id),
        "weight": row.weight,
        "isExternal": row.is_external,
        "isCustomInstructionEnabled": row.is_custom_instruction_enabled,
        "moduleTemplateId": row.module_template_id or None,
        **_times(row),
    }


def _rule(row: ScopeRule, it: Assistant) -> Shape:
    return {
        "id": encode(Prefix.RULE, row.pk),
        "assistantId": wire(Prefix.ASSISTANT, it.space_id),
        "title": row.title,
        "companyId": str(row.account_id),
        "rule": row.rule,
        "isAdvanced": row.is_advanced,
        **_times(row),
    }


def _prompt(row: AssistantPrompt) -> Shape:
    return {
        "id": encode(Prefix.PROMPT, row.pk),
        "object": "assistant-prompt",
        "order": row.order,
        "title": row.title,
        "prompt": row.prompt,
    }


def _mcp_server(row: McpServer, it: Assistant) -> Shape:
    return {
        "id": encode(Prefix.MCP_SERVER, row.pk),
        "name": row.name or row.server_id,
        "assistantId": wire(Prefix.ASSISTANT, it.space_id),
        "mcpServerId": row.server_id,
        "isEnabled": row.is_enabled,
        "tools": row.tools,
        **_times(row),
    }


def _sub_agent(row: SubAgent) -> Shape:
    it = _facet(row.agent)
    return {
        "id": wire(Prefix.ASSISTANT, row.agent_id),
        "name": row.agent.name,
        "title": it.title or None,
        "subtitle": it.subtitle or None,
        "explanation": it.explanation or None,
        "isSubAgent": it.is_sub_agent,
        "settingsOverride": row.settings_override,
    }


def server_status(row: McpServer) -> Shape:
    """A server of tools as the vendor tells whether one is signed in to it: none is called, so none needs it."""
    return {
        "mcpServerId": row.server_id,
        "name": row.name or row.server_id,
        "isEnabled": row.is_enabled,
        "requiresOAuth": False,
        "isOAuth2Connected": False,
        "oauth2Url": None,
        "enabledToolNames": [tool["name"] for tool in row.tools or () if tool.get("isEnabled", True)],
    }
