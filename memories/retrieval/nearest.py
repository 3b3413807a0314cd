"""The vectors nearest to a question's, in one container. Exact, or by an index where that finds the same.

What a search may find is never a matter of tuning: an index is asked for more than is needed, what may not be found is
taken out, and when too little is left every vector of the container is compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection

from memories.models import Embedder
from memories.vectors import HalfVector
from spaces_project.kit import prepared

from .containers import Container
from .setups import OF_ONE
from .types import HnswOptions

if TYPE_CHECKING:
    import numpy as np

ChunkId = str
"""As PostgreSQL writes it: a search hashes and compares hundreds, which takes longer with Python's UUIDs."""
Scored = list[tuple[ChunkId, float]]
Rows = dict[ChunkId, Sequence[Any]]
FEW_MEMORIES = 500
SPARE = 40  # where conditions have to leave enough of what is near
SPARE_OF_PLAIN = 10  # where nothing has to hold but what nearly always does
EF_SEARCH = 200  # of an index, at most where few are wanted
EF_SEARCH_ASTRAY = 400
ITERATIVE = "relaxed_order"  # to go on until enough may be found; None leaves pgvector's way, which is quicker
EF_OF_EACH = 8  # wanted: so an index finds 0.999 of the true ten nearest (of 100,000; 10: 0.9998, 6: 0.997)
NEAR = 0.4  # farther than this from all vectors an index misses some of the nearest, so all are compared
SIZES = (10, 20, 30, 50, 100, 200, 500, 1_000)  # what statements ask for: a few texts, each planned once per connection

# The sum keeps the planner from any index: this is the exact answer. How many rows a container has it is not told, nor
# asks: else it would plan each time anew, which takes longer than to compare a hundred vectors.
ALL_OF_CONTAINER = """
SELECT e.chunk_id, e.memory_id, (e.emb <#> %s) + 0 AS distance FROM memories_embedding e
WHERE e.account_id = %s AND e.container_id BETWEEN (SELECT %s::uuid) AND (SELECT %s::uuid) AND e.embedder_id = %s
ORDER BY distance LIMIT {most}
"""
# The inner limit is computed before the index is asked, so the settings hold for this statement (or its transaction);
# the planner knows the outer one.
BY_INDEX = """
SELECT * FROM (
    SELECT e.chunk_id, e.memory_id, e.emb::halfvec({dimension}) <#> %s AS distance FROM memories_embedding e
    WHERE e.container_id = '{container}' AND e.embedder_id = '{embedder}' ORDER BY distance
    LIMIT (SELECT {most} + 0 * length(concat({settings})))
) found LIMIT {most}
"""
# What a passage is made of. The moment as a number: as a text, it takes longer to read than all the rest.
COLUMNS = """
c.id::text, c.text, c."order", c.start, c."end", c.first_page, c.last_page,
m.id, m.space_id, m.name, m.key, m.url, m.mime_type, m.meta, (extract(epoch FROM m.created_at) * 1000000)::bigint
"""
# First what is near, then what of it may be found: few rows are joined, as they are in order before. Which chunks are
# disabled an index knows, so a chunk is only looked up where its text is wanted.
FOUND = """
WITH near AS MATERIALIZED ({near})
SELECT -near.distance, (SELECT count(*) FROM near), ({setup}), {columns}
FROM (SELECT * FROM near ORDER BY distance, chunk_id) near
JOIN memories_memory m ON m.account_id = %s AND m.id = near.memory_id {join}
WHERE {condition}
    AND NOT EXISTS (SELECT FROM memories_chunk d WHERE d.account_id = %s AND d.id = near.chunk_id AND d.is_disabled)
ORDER BY near.distance, near.chunk_id LIMIT {most}
"""
CHUNKS = "JOIN memories_chunk c ON c.account_id = m.account_id AND c.id = near.chunk_id"
# The other way round.
OF_MEMORIES = """
SELECT found.chunk_id::text, -found.distance FROM (
    SELECT e.chunk_id, (e.emb <#> %s::halfvec) + 0 AS distance FROM memories_embedding e
    JOIN memories_chunk c ON c.account_id = e.account_id AND c.id = e.chunk_id
    WHERE e.account_id = %s AND e.container_id = %s AND e.embedder_id = %s AND NOT c.is_disabled AND {memories}
    ORDER BY distance LIMIT %s
) found ORDER BY found.distance, found.chunk_id
"""
FEW = "c.account_id = e.account_id AND c.memory_id = ANY(%s::uuid[])"
MANY = "e.memory_id IN (SELECT m.id FROM memories_memory m WHERE {condition})"
SCORES = """
SELECT e.chunk_id::text, -(e.emb <#> %s::halfvec) FROM memories_embedding e
WHERE e.account_id = %s AND e.container_id = %s AND e.embedder_id = %s AND e.chunk_id = ANY(%s::uuid[])
"""


def nearest(
    container: Container,
    embedder: Embedder,
    vector: np.ndarray,
    most: int,
    options: HnswOptions | None = None,
    rows: Rows | None = None,
) -> Scored:
    """The chunks nearest to ``vector`` that may be found, best first, with their inner products; at most ``most``.

    Where ``rows`` are given, the COLUMNS of what is found may be put there, if that costs no statement.
    """
    asked = Asked(container, embedder, HalfVector.of(vector), size_for(most), rows)
    few = None if container.is_plain else _few_memories(container)
    found = _nearest(asked, options or HnswOptions()) if few is None else _exact(asked, FEW, [few])
    return found[:most]


@dataclass(frozen=True)
class Asked:
    """One question to one container: the ``size`` chunks nearest to the vector by this embedder."""

    container: Container
    embedder: Embedder
    vector: HalfVector
    size: int
    rows: Rows | None = None


def _nearest(asked: Asked, options: HnswOptions) -> Scored:
    """By the index while that is sure to find the same, else exactly."""
    enough = True
    if asked.embedder.pk in asked.container.indexed:
        found = _by_index_twice(asked, options)
        enough = len(found) >= asked.size
        if enough and found[0][1] < NEAR and not asked.container.conditions:  # perhaps it only went astray
            found = _by_index(asked, options, asked.size + SPARE, max(EF_SEARCH_ASTRAY, 2 * asked.size))
            enough = len(found) >= asked.size
        if enough and found[0][1] >= NEAR:
            return found
    if enough:
        found, is_all = _of_all(asked)
        if is_all or len(found) >= asked.size:
            return found
    condition, values = asked.container.memories
    return _exact(asked, MANY.format(condition=condition), values)


def scores_of(
    container: Container, embedder: Embedder, vector: np.ndarray, chunks: Sequence[ChunkId]
) -> dict[ChunkId, float]:
    """The inner products of these chunks; those without a vector are left out."""
    values = [HalfVector.of(vector), container.account_id, container.id, embedder.pk, list(chunks)]
    return dict(_rows(SCORES, values))


def _few_memories(container: Container) -> list[UUID] | None:
    """The memories that the conditions leave, while they are few; None for many."""
    condition, values = container.memories
    sql = f"SELECT m.id FROM memories_memory m WHERE {condition} LIMIT {FEW_MEMORIES + 1}"  # noqa: S608  SQL of ours
    found = [row[0] for row in _rows(sql, values)]
    return found if len(found) <= FEW_MEMORIES else None


def _of_all(asked: Asked) -> tuple[Scored, bool]:
    """What of the nearest may be found, and whether that is all that may be."""
    near, place = 2 * asked.size + SPARE, asked.container
    values = [asked.vector, place.account_id, place.id, place.id, asked.embedder.pk]
    found, compared = _of_the_near(asked, ALL_OF_CONTAINER.format(most=near), values)
    return found, 0 < compared < near


def _by_index_twice(asked: Asked, options: HnswOptions) -> Scored:
    """What the index finds; where few of the near ones may be found, it is asked for more of them."""
    near, ef_search = 2 * asked.size + SPARE, max(EF_SEARCH, 2 * asked.size)
    scan: str | None = ITERATIVE
    if not asked.container.conditions:
        near, scan = asked.size + SPARE_OF_PLAIN, None
        ef_search = max(min(EF_SEARCH, EF_OF_EACH * asked.size), 2 * asked.size)
    found = _by_index(asked, options, near, ef_search, scan)
    if 0 < len(found) < asked.size:
        wider = size_for(2 * near * asked.size // len(found))
        if wider <= SIZES[-1]:
            return _by_index(asked, options, wider, 2 * wider)
    return found


def _by_index(asked: Asked, options: HnswOptions, near: int, ef_search: int, scan: str | None = ITERATIVE) -> Scored:
    """By the container's own index, whose condition the query has to spell out as the index does."""
    settings = _settings(ef_search, scan, options)
    sql = _sql_by_index(asked.embedder.dimensionality, asked.container.id, asked.embedder.pk, near, len(settings))
    return _of_the_near(asked, sql, [asked.vector, *(part for pair in settings for part in pair)])[0]


@lru_cache(maxsize=1024)
def _sql_by_index(dimension: int, container: UUID, embedder: UUID, most: int, settings: int) -> str:
    set_all = ", ".join(["set_config(%s, %s, true)"] * settings)
    return BY_INDEX.format(dimension=dimension, container=container, embedder=embedder, most=most, settings=set_all)


def _settings(ef_search: int, scan: str | None, options: HnswOptions) -> list[tuple[str, str]]:
    """pgvector's, of one search: name and value."""
    settings = [
        ("hnsw.ef_search", min(options.ef_search or ef_search, 1000)),
        ("hnsw.iterative_scan", options.iterative_scan or scan),
        ("hnsw.max_scan_tuples", options.max_scan_tuples),
        ("hnsw.scan_mem_multiplier", options.scan_mem_multiplier),
    ]
    return [(name, str(value)) for name, value in settings if value is not None]


def _of_the_near(asked: Asked, near: str, values: list[Any]) -> tuple[Scored, int]:
    """What of the near ones may be found, and how many those were (0 if nothing is found).

    Raises Outdated where the container is not set up as it was assumed.
    """
    place, setup, of_setup = asked.container, asked.container.setup, list[Any]()
    if setup is not None and not setup.is_sure:
        of_setup = [setup.asked.account, setup.asked.container, setup.asked.space]
    condition, of_condition = place.memories
    sql = _sql_of_found(near, condition, asked.size, asked.rows is not None, bool(of_setup))
    rows = run(place, sql, [*values, *of_setup, place.account_id, *of_condition, place.account_id])
    if setup is not None and of_setup and rows:
        setup.check(rows[0][2])
    if asked.rows is not None:
        asked.rows.update((row[3], row[3:]) for row in rows)
    return [(row[3], row[0]) for row in rows], rows[0][1] if rows else 0


@lru_cache(maxsize=1024)
def _sql_of_found(near: str, condition: str, most: int, is_read: bool, tells_setup: bool) -> str:
    columns, join = (COLUMNS, CHUNKS) if is_read else ("near.chunk_id::text", "")
    setup = OF_ONE if tells_setup else "NULL"
    return FOUND.format(near=near, condition=condition, most=most, columns=columns, join=join, setup=setup)


def _exact(asked: Asked, memories: str, values: list[Any]) -> Scored:
    place = [asked.vector, asked.container.account_id, asked.container.id, asked.embedder.pk]
    return _rows(OF_MEMORIES.format(memories=memories), [*place, *values, asked.size])


def size_for(most: int) -> int:
    """How many a statement asks for, where ``most`` are wanted."""
    return next((size for size in SIZES if size >= most), most)


def run(container: Container, sql: str, values: list[Any]) -> list[Any]:
    """Planned once per connection, unless a filter or rule is in it: of such texts there are any number."""
    return prepared.run(sql, values) if container.is_plain else _rows(sql, values)


def _rows(sql: str, values: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, prepared.unpacked(values))
        return list(cursor.fetchall())
