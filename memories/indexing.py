"""Indexes over the vectors of one container and embedder each, where comparing all of them would take too long.

A partial HNSW index is built beside the work that goes on, and used when it is whole; until then, and wherever there is
none, searches compare every vector. One runs at a time: two CREATE INDEX CONCURRENTLY on one table deadlock.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection
from django.utils import timezone
from psycopg import sql

from spaces_project.kit import limits

from .models import Embedder, VectorIndex, index_name

logger = logging.getLogger(__name__)

LOCK = 0x5E7C_0001  # of one who tends indexes in this database
LEAVE = 2  # an index goes when its container has become this many times too small
COUNTS = """
SELECT account_id, container_id, embedder_id, count(*) FROM memories_embedding
GROUP BY account_id, container_id, embedder_id HAVING count(*) > %s ORDER BY count(*) DESC LIMIT %s
"""
BUILT = """
SELECT c.relname, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = 'memories_embedding'::regclass AND c.relname LIKE 'hnsw\\_%'
"""
# Twice pgvector's own ef_construction: half as long again to build, and searches that look at half as much find more.
BUILD = """
CREATE INDEX CONCURRENTLY {name} ON memories_embedding
USING hnsw ((emb::halfvec({dimension})) halfvec_ip_ops) WITH (m = 16, ef_construction = 128)
WHERE container_id = {container} AND embedder_id = {embedder}
"""


def tend() -> None:
    """Drop what is broken or not wanted any more, then build what is missing. Does nothing while another one does."""
    with _own_connection() as database:
        (is_mine,) = database.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone() or (False,)
        if not is_mine:
            return
        wanted = {
            index_name(container, embedder): (account, container, embedder, count)
            for account, container, embedder, count in _counts(database)
        }
        large = {name for name, (*_, count) in wanted.items() if count > limits.INDEXED_ROWS}
        for name, is_whole in database.execute(BUILT).fetchall():
            if not is_whole or name not in wanted:
                _drop(database, name)
        _forget(set(wanted))
        for name in large:
            _build(database, name, *wanted[name])


@contextmanager
def _own_connection() -> Iterator[psycopg.Connection[Any]]:
    """Outside of any transaction, and with no limit of time."""
    given = {key: value for key, value in connection.get_connection_params().items() if key not in IGNORED}
    with psycopg.connect(**given, autocommit=True) as database:
        database.execute("SET statement_timeout = 0")
        yield database


IGNORED = frozenset({"context", "cursor_factory", "prepare_threshold", "pool"})


def _counts(database: psycopg.Connection[Any]) -> list[tuple[UUID, UUID, UUID, int]]:
    """The containers that are large enough, or were until lately, largest first."""
    return database.execute(COUNTS, [limits.INDEXED_ROWS // LEAVE, limits.VECTOR_INDEXES]).fetchall()


def _forget(names: set[str]) -> None:
    """Rows of indexes that are not wanted."""
    for row in VectorIndex.objects.all():
        if row.index_name not in names:
            row.delete()


def _drop(database: psycopg.Connection[Any], name: str) -> None:
    """First no search uses it any more, then it goes."""
    for row in VectorIndex.objects.all():
        if row.index_name == name:
            row.delete()
    database.execute(sql.SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(sql.Identifier(name)))


def _build(
    database: psycopg.Connection[Any], name: str, account: UUID, container: UUID, embedder: UUID, count: int
) -> None:
    """Build one index, unless it is there; then searches use it."""
    row, _ = VectorIndex.objects.get_or_create(
        container_id=container, embedder_id=embedder, defaults={"account_id": account}
    )
    rows = VectorIndex.objects.of(account).filter(pk=row.pk)
    if row.state == VectorIndex.State.READY:
        rows.update(rows=count)
        return
    dimension = Embedder.objects.of(account).values_list("dimensionality", flat=True).get(pk=embedder)
    statement = sql.SQL(BUILD).format(
        name=sql.Identifier(name),
        dimension=sql.Literal(dimension),
        container=sql.Literal(str(container)),
        embedder=sql.Literal(str(embedder)),
    )
    try:
        if name not in {built for built, _ in database.execute(BUILT).fetchall()}:
            database.execute(statement)
    except psycopg.Error as error:
        logger.warning("the index of container %s could not be built: %s", container, error)
        rows.update(state=VectorIndex.State.FAILED, failure=str(error).split("\n")[0])
        return
    rows.update(state=VectorIndex.State.READY, rows=count, built_at=timezone.now(), failure="")
