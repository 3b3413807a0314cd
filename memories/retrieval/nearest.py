"""The vectors nearest to a question's, in one container. Exact, or by an index where that finds the same.

What a search may find is never a matter of tuning: an index is asked for more than is needed, what may not be found is
taken out, and when too little is left every vector of the container is compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection, transaction

from memories.models import Embedder, VectorIndex

from .containers import Container
from .types import HnswOptions

if TYPE_CHECKING:
    import numpy as np

Scored = list[tuple[UUID, float]]
FEW_MEMORIES = 500
SPARE = 40
EF_SEARCH = 200  # of an index; finds 0.99 and more of the true ten nearest
SURVIVING = "NOT c.is_disabled"

# The sum keeps the planner from any index: this is the exact answer.
ALL_OF_CONTAINER = """
SELECT e.chunk_id, -(e.emb <#> %s::halfvec) FROM memories_embedding e
WHERE e.account_id = %s AND e.container_id = %s AND e.embedder_id = %s
ORDER BY (e.emb <#> %s::halfvec) + 0 LIMIT %s
"""
OF_MEMORIES = """
SELECT e.chunk_id, -(e.emb <#> %s::halfvec) FROM memories_embedding e
JOIN memories_chunk c ON c.account_id = e.account_id AND c.id = e.chunk_id
WHERE e.account_id = %s AND e.container_id = %s AND e.embedder_id = %s AND NOT c.is_disabled AND {memories}
ORDER BY (e.emb <#> %s::halfvec) + 0 LIMIT %s
"""
FEW = "c.account_id = e.account_id AND c.memory_id = ANY(%s::uuid[])"
MANY = "e.memory_id IN (SELECT m.id FROM memories_memory m WHERE {condition})"
BY_INDEX = """
SELECT e.chunk_id, -(e.emb::halfvec({dimension}) <#> %s::halfvec({dimension})) FROM memories_embedding e
WHERE e.container_id = '{container}' AND e.embedder_id = '{embedder}'
ORDER BY e.emb::halfvec({dimension}) <#> %s::halfvec({dimension}) LIMIT %s
"""
FINDABLE = """
SELECT c.id FROM memories_chunk c JOIN memories_memory m ON m.account_id = c.account_id AND m.id = c.memory_id
WHERE c.account_id = %s AND c.id = ANY(%s::uuid[]) AND NOT c.is_disabled AND {condition}
"""
SCORES = """
SELECT e.chunk_id, -(e.emb <#> %s::halfvec) FROM memories_embedding e
WHERE e.account_id = %s AND e.container_id = %s AND e.embedder_id = %s AND e.chunk_id = ANY(%s::uuid[])
"""


def nearest(
    container: Container, embedder: Embedder, vector: np.ndarray, most: int, options: HnswOptions | None = None
) -> Scored:
    """The chunks nearest to ``vector`` that may be found, best first, with their inner products; at most ``most``."""
    text = literal(vector)
    few = _few_memories(container) if container.conditions else None
    if few is not None:
        return _exact(container, embedder, text, most, (FEW, [few]))
    wide = 2 * most + SPARE
    index = _index(container, embedder)
    found = _by_index(index, embedder, text, wide, options) if index else _all(container, embedder, text, wide)
    kept = findable(container, [chunk for chunk, _ in found])
    left = [(chunk, score) for chunk, score in found if chunk in kept][:most]
    if len(left) >= most or (len(found) < wide and not index):
        return left
    condition, values = container.memories
    return _exact(container, embedder, text, most, (MANY.format(condition=condition), values))


def literal(vector: np.ndarray) -> str:
    """A vector as pgvector reads it."""
    return "[" + ",".join(f"{value:.6g}" for value in vector.tolist()) + "]"


def findable(container: Container, chunks: Sequence[UUID]) -> set[UUID]:
    """Those of these chunks that a search of this container may find."""
    condition, values = container.memories
    return {
        row[0] for row in _rows(FINDABLE.format(condition=condition), [container.account_id, list(chunks), *values])
    }


def scores_of(
    container: Container, embedder: Embedder, vector: np.ndarray, chunks: Sequence[UUID]
) -> dict[UUID, float]:
    """The inner products of these chunks; those without a vector are left out."""
    values = [literal(vector), container.account_id, container.id, embedder.pk, list(chunks)]
    return dict(_rows(SCORES, values))


def _few_memories(container: Container) -> list[UUID] | None:
    """The memories that the conditions leave, while they are few; None for many."""
    condition, values = container.memories
    sql = f"SELECT m.id FROM memories_memory m WHERE {condition} LIMIT {FEW_MEMORIES + 1}"  # noqa: S608  SQL of ours
    found = [row[0] for row in _rows(sql, values)]
    return found if len(found) <= FEW_MEMORIES else None


def _all(container: Container, embedder: Embedder, text: str, most: int) -> Scored:
    return _rows(ALL_OF_CONTAINER, [text, container.account_id, container.id, embedder.pk, text, most])


def _exact(container: Container, embedder: Embedder, text: str, most: int, memories: tuple[str, list[Any]]) -> Scored:
    sql, values = memories
    place = [text, container.account_id, container.id, embedder.pk]
    return _rows(OF_MEMORIES.format(memories=sql), [*place, *values, text, most])


def _index(container: Container, embedder: Embedder) -> VectorIndex | None:
    rows = VectorIndex.objects.of(container.account_id).filter(container_id=container.id, embedder=embedder)
    return rows.filter(state=VectorIndex.State.READY).first()  # type: ignore[no-any-return]


def _by_index(index: VectorIndex, embedder: Embedder, text: str, most: int, options: HnswOptions | None) -> Scored:
    """By the container's own index, whose condition the query has to spell out as the index does."""
    sql = BY_INDEX.format(dimension=embedder.dimensionality, container=index.container_id, embedder=index.embedder_id)
    with transaction.atomic():
        _configure(max(EF_SEARCH, 2 * most), options or HnswOptions())
        return _rows(sql, [text, text, most])


def _configure(ef_search: int, options: HnswOptions) -> None:
    """pgvector's settings, for this transaction."""
    settings = {
        "hnsw.ef_search": min(options.ef_search or ef_search, 1000),
        "hnsw.iterative_scan": options.iterative_scan or "relaxed_order",
        "hnsw.max_scan_tuples": options.max_scan_tuples,
        "hnsw.scan_mem_multiplier": options.scan_mem_multiplier,
    }
    given = {name: str(value) for name, value in settings.items() if value is not None}
    asked = ", ".join(["set_config(%s, %s, true)"] * len(given))
    _rows(f"SELECT {asked}", [part for pair in given.items() for part in pair])


def _rows(sql: str, values: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
