"""Vectors on their way into PostgreSQL, in its binary form, as numpy lays it out: stored by one COPY, or asked for.

As text they would take ten times as long.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection

from spaces_project.kit.ids import new_id
from spaces_project.kit.prepared import Packed

if TYPE_CHECKING:
    import numpy as np

    from .models import Memory

COLUMNS = ("id", "account_id", "created_at", "container_id", "memory_id", "embedder_id", "chunk_id", "emb")
HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
EPOCH = 946_684_800  # PostgreSQL counts from 2000-01-01
ROWS = 2_000  # per piece handed over, so that a large memory is not laid out whole


class HalfVector(Packed):
    """A vector to compare others with; as pgvector has it: its dimension, two bytes of nothing, its numbers."""

    @classmethod
    def of(cls, vector: np.ndarray) -> HalfVector:
        return cls(struct.pack(">hh", len(vector), 0) + vector.astype(">f2").tobytes())

    @property
    def text(self) -> str:
        import numpy as np

        return literal(np.frombuffer(self[4:], ">f2"))


def literal(vector: np.ndarray) -> str:
    """A vector as pgvector reads it."""
    return "[" + ",".join(f"{value:.6g}" for value in vector.tolist()) + "]"


def copy_vectors(memory: Memory, embedder: UUID, chunks: Sequence[UUID], vectors: np.ndarray, at: datetime) -> None:
    """Insert one row per chunk of a memory; ``vectors`` is float32 (n, dimension) in the order of ``chunks``."""
    assert connection.in_atomic_block, "the vectors belong in the transaction of their chunks"
    with connection.cursor() as cursor:
        statement = f"COPY memories_embedding ({', '.join(COLUMNS)}) FROM STDIN (FORMAT BINARY)"
        with cursor.copy(statement) as copy:
            copy.write(HEADER)
            for first in range(0, len(chunks), ROWS):
                part = slice(first, first + ROWS)
                copy.write(_rows(memory, embedder, chunks[part], vectors[part], at))
            copy.write(TRAILER)


def _rows(memory: Memory, embedder: UUID, chunks: Any, vectors: np.ndarray, at: datetime) -> bytes:
    import numpy as np

    count, dimension = vectors.shape
    rows = np.zeros(count, dtype=np.dtype(_layout(dimension)))
    rows["columns"] = len(COLUMNS)
    for name in COLUMNS:
        rows[f"{name}_size"] = {"created_at": 8, "emb": 4 + 2 * dimension}.get(name, 16)
    rows["id"] = np.frombuffer(b"".join(new_id().bytes for _ in range(count)), dtype="V16")
    rows["chunk_id"] = np.frombuffer(b"".join(chunk.bytes for chunk in chunks), dtype="V16")
    same = {"account_id": memory.account_id, "container_id": memory.container_id, "memory_id": memory.pk}
    for name, value in (same | {"embedder_id": embedder}).items():
        rows[name] = np.frombuffer(value.bytes, dtype="V16")[0]
    rows["created_at"] = round((at.timestamp() - EPOCH) * 1_000_000)
    rows["dimension"] = dimension
    rows["emb"] = vectors
    return rows.tobytes()


def _layout(dimension: int) -> list[Any]:
    """A row as PostgreSQL reads it: the number of columns, then each with its size in front, all big-endian."""
    kinds: dict[str, list[Any]] = {
        "created_at": [("created_at", ">i8")],
        "emb": [("dimension", ">i2"), ("unused", ">i2"), ("emb", ">f2", (dimension,))],
    }
    layout: list[Any] = [("columns", ">i2")]
    for name in COLUMNS:
        layout += [(f"{name}_size", ">i4"), *kinds.get(name, [(name, "V16")])]
    return layout
