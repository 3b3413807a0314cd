"""Where a search looks: containers, each a space or a chat, with what may be found in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

from memories.models import Embedder, embedders_of
from spaces.models import Space

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
    """The containers of these places that hold anything. Raises InvalidFilter for a rule that is not UniqueQL."""
    rules = binding_rules(query)
    asked = [] if query.chat_only else [place.space.pk for place in places]
    filled = _filled([*asked, *([query.chat] if query.chat else [])])
    found = [_of_space(place, query, rules) for place in places if place.space.pk in filled and not query.chat_only]
    if query.chat in filled and places:
        found.append(_of_chat(query.chat, places[0].space, query))
    return found


def _filled(containers: Sequence[UUID]) -> set[UUID | None]:
    """Those with at least one chunk: of the others nothing need be asked, no embedder either."""
    with connection.cursor() as cursor:
        cursor.execute(FILLED, [list(containers)])
        return {row[0] for row in cursor.fetchall()}


FILLED = """
SELECT asked.id FROM unnest(%s::uuid[]) AS asked(id)
WHERE EXISTS (SELECT FROM memories_chunk c WHERE c.container_id = asked.id)
"""


def _of_chat(chat: UUID, space: Space, query: Query) -> Container:
    weights = tuple((each.embedder, each.weight) for each in embedders_of(space))
    only: Any = {"conditions": tuple(_common(query)), "names": (ASKED,)} if query.memory_ids is not None else {}
    return Container(space.account_id, chat, weights, is_chat=True, **only)


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
