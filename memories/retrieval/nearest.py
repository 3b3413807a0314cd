"""The vectors nearest to a question's, in one container. Exact, or by an index where that finds the same.

What a search may find is never a matter of tuning: an index is asked for more than is needed, what may not be found is
taken out, and when too little is left every vector of the container is compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection, transaction

from memories.models import Embedder

from .containers import Condition, Container
from .types import HnswOptions

if TYPE_CHECKING:
    import numpy as np

Scored = list[tuple[UUID, float]]
FEW_MEMORIES = 500
SPARE = 40
EF_SEARCH = 200  # of an index; near its vectors it finds 0.99 and more of the true ten nearest
NEAR = 0.4  # farther than this from all vectors an index misses some of the nearest, so all are compared

# The sum keeps the planner from any index: this is the exact answer.
ALL_OF_CONTAINER = """
SELECT e.chunk_id, (e.emb <#> %s::halfvec) + 0 AS distance FROM memories_embedding e
WHERE e.account_id = %s AND e.container_id = %s AND e.embedder_id = %s ORDER BY distance LIMIT %s
"""
BY_INDEX = """
SELECT e.chunk_id, e.emb::halfvec({dimension}) <#> %s::halfvec({dimension}) AS distance FROM memories_embedding e
WHERE e.container_id = '{container}' AND e.embedder_id = '{embedder}' ORDER BY distance LIMIT %s
"""
# First what is near, then what of it may be found: few rows are joined.
FOUND = """
WITH near AS MATERIALIZED ({near})
SELECT near.chunk_id, -near.distance FROM near JOIN memories_chunk c ON c.account_id = %s AND c.id = near.chunk_id
JOIN memories_memory m ON m.account_id = c.account_id AND m.id = c.memory_id
WHERE NOT c.is_disabled AND {condition} ORDER BY near.distance, near.chunk_id LIMIT %s
"""
# The other way round.
OF_MEMORIES = """
SELECT found.chunk_id, -found.distance FROM (
    SELECT e.chunk_id, (e.emb <#> %s::halfvec) + 0 AS distance FROM memories_embedding e
    JOIN memories_chunk c ON c.account_id = e.account_id AND c.id = e.chunk_id
    WHERE e.account_id = %s AND e.container_id = %s AND e.embedder_id = %s AND NOT c.is_disabled AND {memories}
    ORDER BY distance LIMIT %s
) found ORDER BY found.distance, found.chunk_id
"""
FEW = "c.account_id = e.account_id AND c.memory_id = ANY(%s::uuid[])"
MANY = "e.memory_id IN (SELECT m.id FROM memories_memory m WHERE {condition})"
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
    if embedder.pk in container.indexed:
        with transaction.atomic():
            _configure(max(EF_SEARCH, 2 * most), options or HnswOptions())
            found = _of_the_near(container, *_by_index(container, embedder, text, 2 * most + SPARE), most)
    else:
        found = _of_the_near(container, *_all(container, embedder, text, 2 * most + SPARE), most)
    is_sure = embedder.pk not in container.indexed or (found and found[0][1] >= NEAR)
    if len(found) >= most and is_sure:
        return found
    condition, values = container.memories
    return _exact(container, embedder, text, most, (MANY.format(condition=condition), values))


def literal(vector: np.ndarray) -> str:
    """A vector as pgvector reads it."""
    return "[" + ",".join(f"{value:.6g}" for value in vector.tolist()) + "]"


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


def _all(container: Container, embedder: Embedder, text: str, most: int) -> Condition:
    return ALL_OF_CONTAINER, [text, container.account_id, container.id, embedder.pk, most]


def _by_index(container: Container, embedder: Embedder, text: str, most: int) -> Condition:
    """By the container's own index, whose condition the query has to spell out as the index does."""
    names = {"dimension": embedder.dimensionality, "container": container.id, "embedder": embedder.pk}
    return BY_INDEX.format(**names), [text, most]


def _of_the_near(container: Container, near: str, near_values: list[Any], most: int) -> Scored:
    condition, values = container.memories
    sql = FOUND.format(near=near, condition=condition)
    return _rows(sql, [*near_values, container.account_id, *values, most])


def _exact(container: Container, embedder: Embedder, text: str, most: int, memories: tuple[str, list[Any]]) -> Scored:
    sql, values = memories
    place = [text, container.account_id, container.id, embedder.pk]
    return _rows(OF_MEMORIES.format(memories=sql), [*place, *values, most])


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
        return list(cursor.fetchall())
