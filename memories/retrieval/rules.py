"""UniqueQL rules of a search: what of a container they leave."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone

from memories.filters.evaluator import document, matches
from memories.filters.uniqueql import And, Nested, Or, Rule, Statement, expand, parse
from memories.models import Memory

from .types import Query


def binding_rules(query: Query) -> tuple[Rule, ...]:
    """The rules of ``query``, parsed and with their variables filled in; all of them must match a memory.

    Raises InvalidFilter, whose place begins with ``rules[0]``.
    """
    now = query.now or timezone.now()
    return tuple(
        expand(_parsed(rule, f"rules[{index}]"), now, query.user_metadata, query.tool_parameters)
        for index, rule in enumerate(query.rules)
    )


def _parsed(rule: Any, place: str) -> Rule:
    return rule if isinstance(rule, Statement | And | Or | Nested) else parse(rule, place)


def allowed(account: UUID, space: UUID, rules: tuple[Rule, ...]) -> list[UUID]:
    """The memories of a space that every rule matches."""
    rows = Memory.objects.of(account).filter(space=space, chat=None).completed()
    named = rows.values_list("pk", "meta", "key", "url", "name", "mime_type").iterator(chunk_size=2_000)
    return [
        pk for pk, meta, *known in named if all(matches(rule, document(meta, well_known(*known))) for rule in rules)
    ]


def well_known(key: str, url: str, title: str, mime_type: str) -> dict[str, Any]:
    """What rules may name besides the memory's own metadata."""
    return {"key": key or None, "url": url or None, "title": title or None, "mimeType": mime_type or None}
