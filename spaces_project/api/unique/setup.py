"""Writing what a request says of the Unique face of a space."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from chats.models import Assistant, AssistantPrompt, McpServer, Module, SubAgent
from spaces.actors import Actor
from spaces.errors import InvalidInput
from spaces.models import Space
from spaces.permissions import visible_spaces

from .lookup import find_space, pk_of

PARTS = ("modules", "prompts", "mcp_servers", "sub_agents")


@transaction.atomic
def create_space(by: Actor, fields: dict[str, Any]) -> Space:
    """A new space of this actor with its face. It searches folders too, as the vendor's spaces do."""
    space = Space.create(by, by.account, owner=by.user, name=fields["name"])  # type: ignore[arg-type]
    it = Assistant.of(space)
    modules = [Module(account_id=it.account_id, **module) for module in fields["modules"]]
    parts: dict[Any, Any] = {Module: modules, **_other_parts(by, it, fields)}
    it.change(by, parts, internal_search=True, **_facet_fields(fields))
    return space


@transaction.atomic
def change_space(by: Actor, space: Space, fields: dict[str, Any]) -> None:
    """Change what is given. Raises ValidationError on a field, NotFound for a sub-agent, InvalidInput for a module."""
    if "name" in fields:
        space.change(by, name=fields["name"])
    it = Assistant.of(space)
    parts = _other_parts(by, it, fields)
    if fields.get("modules"):
        parts[Module] = _changed_modules(it, fields["modules"])
    given = _facet_fields(fields)
    if parts or given:
        it.change(by, parts, **given)


def _facet_fields(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in ("name", *PARTS)}


def _other_parts(by: Actor, it: Assistant, fields: dict[str, Any]) -> dict[Any, Any]:
    parts: dict[Any, Any] = {}
    if "prompts" in fields:
        given = [{"order": number, **prompt} for number, prompt in enumerate(fields["prompts"])]
        parts[AssistantPrompt] = [AssistantPrompt(account_id=it.account_id, **prompt) for prompt in given]
    if "mcp_servers" in fields:
        parts[McpServer] = _servers(it, fields["mcp_servers"])
    if "sub_agents" in fields:
        parts[SubAgent] = _agents(by, it, fields["sub_agents"])
    return parts


def _changed_modules(it: Assistant, changes: list[dict[str, Any]]) -> list[Module]:
    """All modules, the named ones changed; InvalidInput for one that this space does not have."""
    modules = {module.pk: module for module in it.modules()}
    for number, change in enumerate(changes):
        module = modules.get(pk_of(change["moduleId"], f"modules[{number}].moduleId: Module not found"))
        if module is None:
            raise InvalidInput(f"modules[{number}].moduleId: This space has no such module.", field="modules")
        for name, value in change.items():
            if name != "moduleId":
                setattr(module, name, value)
        module.touch()
    if it.fallback_module not in [module.name for module in modules.values()]:
        raise InvalidInput("modules: One of them must have the name of the fallback module.", field="modules")
    return list(modules.values())


def _servers(it: Assistant, given: list[dict[str, Any]]) -> list[McpServer]:
    """All servers: the listed ones enabled with these tools (without: all of them; none: disabled), the rest as is."""
    servers = {server.server_id: server for server in it.mcp_servers()}
    for entry in given:
        name = entry["mcpServerId"]
        server = servers.setdefault(name, McpServer(account_id=it.account_id, server_id=name))
        server.name = entry.get("name", server.name)
        server.tools = [{"isEnabled": True, **tool} for tool in entry["tools"]] if "tools" in entry else None
        server.is_enabled = server.tools != []
        server.touch()
    return list(servers.values())


def _agents(by: Actor, it: Assistant, texts: list[str]) -> list[SubAgent]:
    """The named spaces, and those linked already that this actor cannot see. NotFound for one he cannot read."""
    known = {row.agent_id: row for row in it.sub_agents()}
    visible: set[UUID] = set(visible_spaces(by).filter(pk__in=known).values_list("pk", flat=True))
    kept = [row for pk, row in known.items() if pk not in visible]
    named = {space.pk: space for space in (find_space(by, text) for text in texts)}
    if it.space_id in named:
        raise InvalidInput("subAgentIds: A space cannot be its own sub-agent.", field="subAgentIds")
    made = [known.get(pk) or SubAgent(account_id=it.account_id, agent=space) for pk, space in named.items()]
    return [*kept, *made]
