"""How containers are set up: by which embedders, how much each counts, and which of them have an index there.

A search has to know before it can find anything, and nearly always it is as it was the last time. So where nothing else
needs a statement of its own, a search goes by what was seen last, and lets the statement that finds also say how it is;
where that differs, it begins again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from memories.models import Embedder
from spaces_project.kit import prepared

REMEMBERED = 10_000  # containers


class Outdated(Exception):
    """A container is not set up as it was when it was last seen."""


@dataclass(frozen=True)
class Asked:
    """A container, and the space whose embedders it has."""

    account: UUID
    container: UUID
    space: UUID


@dataclass(frozen=True)
class Embedders:
    """Of a container: each with how much it counts, those whose vectors have an index, and if all compute here."""

    weights: tuple[tuple[Embedder, float], ...]
    indexed: frozenset[UUID]
    are_here: bool


@dataclass
class Setup:
    """How a container is set up, in the words of the database; ``is_sure`` when those are of this search."""

    asked: Asked
    text: str
    is_sure: bool = True

    @property
    def embedders(self) -> Embedders:
        return _embedders(self.text)

    def check(self, text: str | None) -> None:
        """Compare with what the database says by now. Raises Outdated."""
        if text != self.text:
            _seen.pop(self.asked, None)
            raise Outdated
        self.is_sure = True


Setups = dict[UUID, Setup]
"""By container, of those that hold anything."""

_seen: dict[Asked, str] = {}

TEXT = """
SELECT {wanted} string_agg(
    concat_ws(' ', e.id, COALESCE(l.weight, 1), extract(epoch FROM e.updated_at), v.id IS NOT NULL), ','
    ORDER BY l.created_at, l.id
) FROM (SELECT {asked}) asked
LEFT JOIN memories_spaceembedder l ON l.account_id = asked.account_id AND l.space_id = asked.space_id
JOIN memories_embedder e ON e.account_id = asked.account_id
    AND (e.id = l.embedder_id OR (l.id IS NULL AND e.is_default))
LEFT JOIN memories_vectorindex v ON v.container_id = asked.id AND v.embedder_id = e.id AND v.state = 'ready'
"""
OF_MANY = "%s::uuid AS account_id, id, space_id FROM unnest(%s::uuid[], %s::uuid[]) AS given(id, space_id)"
OF_ONE = TEXT.format(wanted="", asked="%s::uuid AS account_id, %s::uuid AS id, %s::uuid AS space_id")
# Of a container without chunks nothing need be asked, no embedder either.
USED = f"""{TEXT.format(wanted="asked.id,", asked=OF_MANY)}
WHERE EXISTS (SELECT FROM memories_chunk c WHERE c.account_id = asked.account_id AND c.container_id = asked.id)
GROUP BY asked.id
"""


def read(asked: Sequence[Asked]) -> Setups:
    """As it is now, in one statement for each account."""
    found: Setups = {}
    for account in {each.account for each in asked}:
        own = {each.container: each for each in asked if each.account == account}
        values = [account, list(own), [each.space for each in own.values()]]
        found.update((container, Setup(own[container], text)) for container, text in prepared.run(USED, values))
    if len(_seen) > REMEMBERED:
        _seen.clear()
    _seen.update((each.asked, each.text) for each in found.values())
    return found


def recall(asked: Sequence[Asked]) -> Setups:
    """As it was when last seen: of one container, whose embedders compute here; else as it is now.

    A server might have moved since then: no question is sent to where it was.
    """
    text = _seen.get(asked[0]) if len(asked) == 1 else None
    if text is not None and _embedders(text).are_here:
        return {asked[0].container: Setup(asked[0], text, is_sure=False)}
    return read(asked)


@lru_cache(maxsize=1024)
def _embedders(text: str) -> Embedders:
    read = [_embedder(*each.split()) for each in text.split(",")]
    return Embedders(
        weights=tuple((embedder, weight) for embedder, weight, _ in read),
        indexed=frozenset(embedder.pk for embedder, _, has_index in read if has_index),
        are_here=all(embedder.builtin and weight for embedder, weight, _ in read),
    )


def _embedder(pk: str, weight: str, changed_at: str, has_index: str) -> tuple[Embedder, float, bool]:
    return _as_since(UUID(pk), changed_at), float(weight), has_index == "t"


@lru_cache(maxsize=256)
def _as_since(pk: UUID, changed_at: str) -> Embedder:
    """As it is since its last change: read once in a process."""
    return Embedder.objects.get(pk=pk)
