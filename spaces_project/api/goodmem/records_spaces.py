"""Spaces as GoodMem's clients read them, many at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from memories import chunking
from memories.models import Embedder, MemorySettings, SpaceEmbedder, embedders_of_many
from spaces.models import Account, Space

from .records import Record, touched


def space_records(account: Account, spaces: Sequence[Space]) -> list[Record]:
    """The spaces of one account, in a number of statements that does not depend on how many they are."""
    pks = [space.pk for space in spaces]
    links = embedders_of_many(account, pks)
    rows = MemorySettings.objects.of(account).filter(space__in=pks)
    plans = {row.space_id: row.plan for row in rows}
    default = None if len(links) == len(pks) else Embedder.default_of(account)
    return [
        _record(space, _embedders(space, links.get(space.pk, ()), default), plans.get(space.pk, chunking.DEFAULT))
        for space in spaces
    ]


def space_record(space: Space) -> Record:
    """One space."""
    return space_records(space.account, [space])[0]


def _record(space: Space, embedders: list[Record], plan: chunking.Chunking) -> Record:
    """A name is never empty: the older client refuses that. ``publicRead`` only the older one knows."""
    return {
        "spaceId": str(space.pk),
        "name": space.name or str(space),
        "labels": space.labels,
        "spaceEmbedders": embedders,
        "ownerId": str(space.owner_id),
        **touched(space),
        "publicRead": space.public_read,
        "defaultChunkingConfig": chunking.as_json(plan),
    }


def _embedders(space: Space, links: Iterable[SpaceEmbedder], default: Embedder | None) -> list[Record]:
    found = [_link(space, link.embedder, link.weight, link) for link in links]
    return found or ([_link(space, default, 1.0, space)] if default else [])


def _link(space: Space, embedder: Embedder, weight: float, row: SpaceEmbedder | Space) -> Record:
    ids = {"spaceId": str(space.pk), "embedderId": str(embedder.pk)}
    return {**ids, "defaultRetrievalWeight": weight, **touched(row)}
