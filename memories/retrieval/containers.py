"""Where a search looks: containers, each a space or a chat, with what may be found in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from memories.models import Embedder
from spaces.models import Space
from spaces_project.kit import prepared

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
    indexed: frozenset[UUID] = frozenset()  # the embedders whose vectors have an index of their own here
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
    spaces = {place.space.pk: place.space for place in places}
    asked = [] if query.chat_only else [(pk, pk) for pk in spaces]
    if query.chat is not None and places:
        asked.append((query.chat, places[0].space.pk))
    used = _used(spaces.values(), asked)
    found = [_of_space(place, query, rules, used) for place in places if place.space.pk in used and not query.chat_only]
    if query.chat in used:
        found.append(_of_chat(query.chat, places[0].space, query, used))
    return found


Used = dict[UUID, list[tuple[Embedder, float, bool]]]
"""The embedders of each container that holds anything: with weight, and whether it has an index."""

# Of a container without chunks nothing need be asked, no embedder either.
USED = """
SELECT asked.id, e.id, COALESCE(l.weight, 1), e.updated_at, v.id IS NOT NULL
FROM unnest(%s::uuid[], %s::uuid[]) AS asked(id, space_id)
LEFT JOIN memories_spaceembedder l ON l.account_id = %s AND l.space_id = asked.space_id
JOIN memories_embedder e ON e.account_id = %s AND (e.id = l.embedder_id OR (l.id IS NULL AND e.is_default))
LEFT JOIN memories_vectorindex v ON v.container_id = asked.id AND v.embedder_id = e.id AND v.state = 'ready'
WHERE EXISTS (SELECT FROM memories_chunk c WHERE c.account_id = %s AND c.container_id = asked.id)
ORDER BY l.created_at, l.id
"""


def _used(spaces: Iterable[Space], asked: Sequence[tuple[UUID, UUID]]) -> Used:
    """In one statement for each account: a search runs it always."""
    found: Used = {}
    for account in {space.account_id for space in spaces}:
        own = {space.pk for space in spaces if space.account_id == account}
        pairs = [pair for pair in asked if pair[1] in own]
        values: list[Any] = [[pair[0] for pair in pairs], [pair[1] for pair in pairs], account, account, account]
        for container, embedder, weight, changed_at, has_index in prepared.run(USED, values):
            found.setdefault(container, []).append((_embedder(embedder, changed_at), weight, has_index))
    return found


@lru_cache(maxsize=256)
def _embedder(pk: UUID, changed_at: datetime) -> Embedder:
    """As it is since its last change: read once in a process."""
    return Embedder.objects.get(pk=pk)


def _of_space(place: Place, query: Query, rules: tuple[Any, ...], used: Used) -> Container:
    space, given = place.space, place.weights or {}
    named: list[tuple[str, Condition]] = [(ASKED, each) for each in _common(query)]
    if query.contact is not None:
        named.append(("the contact", ("m.contact_id = %s", [query.contact])))
    if place.filter is not None:
        named.append(("the filter", place.filter.sql("m.meta")))
    if rules:
        pks = allowed(space.account_id, space.pk, rules)
        named.append(("the rules", ("m.id = ANY(%s::uuid[])", [pks])))
    return Container(
        space.account_id,
        space.pk,
        tuple((embedder, given.get(embedder.pk, weight)) for embedder, weight, _ in used[space.pk]),
        tuple(condition for _, condition in named),
        indexed=_indexed(used[space.pk]),
        names=tuple(name for name, _ in named),
    )


def _of_chat(chat: UUID, space: Space, query: Query, used: Used) -> Container:
    weights = tuple((embedder, weight) for embedder, weight, _ in used[chat])
    only: Any = {"conditions": tuple(_common(query)), "names": (ASKED,)} if query.memory_ids is not None else {}
    return Container(space.account_id, chat, weights, indexed=_indexed(used[chat]), is_chat=True, **only)


def _indexed(used: Sequence[tuple[Embedder, float, bool]]) -> frozenset[UUID]:
    return frozenset(embedder.pk for embedder, _, has_index in used if has_index)


def _common(query: Query) -> list[Condition]:
    return [] if query.memory_ids is None else [("m.id = ANY(%s::uuid[])", [list(query.memory_ids)])]
