"""Where a search looks: containers, each a space or a chat, with what may be found in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from memories.models import Embedder, embedders_of

from .rules import allowed, binding_rules
from .types import Place, Query

ASKED = "the memories asked for"
Condition = tuple[str, list[Any]]
"""SQL over the memory ``m``, and its values."""


@dataclass(frozen=True)
class Container:
    """A space, or a chat's files, and the conditions that a memory in it has to meet.

    ``weights`` are its embedders with how much each counts; ``conditions`` come on top of what always holds: the memory
    is complete, not expired, and in this container.
    """

    account_id: UUID
    id: UUID
    weights: tuple[tuple[Embedder, float], ...]
    conditions: tuple[Condition, ...] = ()
    is_chat: bool = False
    names: tuple[str, ...] = field(default=(), compare=False)  # of the conditions, for explanations

    @property
    def memories(self) -> Condition:
        """Of the memory ``m``: whether it may be found here."""
        where = "m.chat_id = %s" if self.is_chat else "m.space_id = %s AND m.chat_id IS NULL"
        parts: list[Condition] = [
            ("m.account_id = %s", [self.account_id]),
            (where, [self.id]),
            ("m.state = 'completed' AND (m.expires_at IS NULL OR m.expires_at > now())", []),
            *self.conditions,
        ]
        return " AND ".join(f"({sql})" for sql, _ in parts), [value for _, values in parts for value in values]


def containers(places: Sequence[Place], query: Query) -> list[Container]:
    """The containers of these places. Raises InvalidFilter for a rule that is not UniqueQL, before anything is read."""
    rules = binding_rules(query)
    found = [] if query.chat_only else [_of_space(place, query, rules) for place in places]
    if query.chat is not None and places:
        space = places[0].space
        weights = tuple((each.embedder, each.weight) for each in embedders_of(space))
        only = {"conditions": tuple(_common(query)), "names": (ASKED,)} if query.memory_ids is not None else {}
        found.append(Container(space.account_id, query.chat, weights, is_chat=True, **only))
    return found


def _of_space(place: Place, query: Query, rules: tuple[Any, ...]) -> Container:
    space, given = place.space, place.weights or {}
    weights = tuple((each.embedder, given.get(each.embedder.pk, each.weight)) for each in embedders_of(space))
    named: list[tuple[str, Condition]] = [(ASKED, each) for each in _common(query)]
    if query.contact is not None:
        named.append(("the contact", ("m.contact_id = %s", [query.contact])))
    if place.filter is not None:
        named.append(("the filter", place.filter.sql("m.meta")))
    if rules:
        pks = allowed(space.account_id, space.pk, rules)
        named.append(("the rules", ("m.id = ANY(%s::uuid[])", [pks])))
    conditions = tuple(condition for _, condition in named)
    return Container(space.account_id, space.pk, weights, conditions, names=tuple(name for name, _ in named))


def _common(query: Query) -> list[Condition]:
    return [] if query.memory_ids is None else [("m.id = ANY(%s::uuid[])", [list(query.memory_ids)])]
