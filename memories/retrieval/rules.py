"""UniqueQL rules of a search: what of a container they leave."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from memories.filters.uniqueql import And, Nested, Or, Rule, Statement, expand, parse

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
