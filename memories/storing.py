"""What was computed of a memory on its way into PostgreSQL: its chunks by one COPY, their vectors by another.

Only what ingests imports this, as it loads numpy. As text the vectors would take ten times as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection

from . import binary
from .chunking import Span
from .embedders.tokens import counts_of
from .models import Memory

ROWS = 2_000  # per piece handed over, so that a large memory is not laid out whole


def copy_chunks(memory: Memory, spans: Sequence[Span], texts: Sequence[str], at: datetime) -> bytes:
    """Insert the chunks; their ids, 16 bytes each, in order. ``texts`` are those of ``spans``."""
    keys, places = binary.new_ids(len(spans)), np.array(spans, dtype=np.int64).reshape(-1, 2)
    columns = _chunk_columns(has_pages=bool(memory.page_starts))
    with connection.cursor() as cursor, cursor.copy(binary.statement("memories_chunk", columns)) as copy:
        copy.write(binary.HEADER)
        for first in range(0, len(spans), ROWS):
            part = slice(first, first + ROWS)
            written = [text.encode() for text in texts[part]]
            rows = binary.rows(len(written), columns)
            rows["id"], rows["order"] = keys[part], np.arange(first, first + len(written))
            rows["tokens"] = counts_of(texts[part])
            rows["text_size"] = [len(each) for each in written]
            _fill_chunks(rows, memory, places[part], at)
            copy.write(_joined(rows, written))
        copy.write(binary.TRAILER)
    return keys.tobytes()


def _chunk_columns(*, has_pages: bool) -> dict[str, Any]:
    """The text comes last: it is the only one whose size varies."""
    ids = dict.fromkeys(("id", "account_id", "memory_id", "container_id"), binary.ID)
    times = dict.fromkeys(("created_at", "updated_at"), binary.TIME)
    numbers = dict.fromkeys(("order", "start", "end", "tokens"), binary.INTEGER)
    pages = dict.fromkeys(("first_page", "last_page"), binary.INTEGER if has_pages else None)
    return {**ids, **times, **numbers, **pages, "is_disabled": binary.YES_OR_NO, "text": None}


def _fill_chunks(rows: np.ndarray, memory: Memory, places: np.ndarray, at: datetime) -> None:
    rows["account_id"], rows["memory_id"] = binary.same(memory.account_id), binary.same(memory.pk)
    rows["container_id"] = binary.same(memory.container_id)
    rows["created_at"] = rows["updated_at"] = binary.instant(at)
    rows["start"], rows["end"] = places[:, 0], places[:, 1]
    if memory.page_starts:
        rows["first_page"], rows["last_page"] = pages_of(memory.page_starts, places)


def pages_of(page_starts: Sequence[int], places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first and the last page, from 1, of the characters from the one to the other number of each place (n, 2)."""
    begins, (starts, ends) = np.sort(np.array(page_starts)), places.T
    first = np.searchsorted(begins, starts, side="right")
    last = np.searchsorted(begins, np.maximum(ends, starts + 1), side="left")
    return np.maximum(first, 1), np.maximum(last, 1)


def _joined(rows: np.ndarray, texts: Sequence[bytes]) -> bytes:
    """Each row, and its text behind it."""
    laid_out, width = rows.tobytes(), rows.itemsize
    heads = (laid_out[at : at + width] for at in range(0, len(laid_out), width))
    return b"".join(chain.from_iterable(zip(heads, texts, strict=True)))


def copy_vectors(memory: Memory, embedder: UUID, chunks: bytes, vectors: np.ndarray, at: datetime) -> None:
    """Insert one row per chunk; ``chunks`` are ids as of `copy_chunks`, ``vectors`` floats (n, dimension) in order."""
    assert connection.in_atomic_block, "the vectors belong in the transaction of their chunks"
    known, columns = np.frombuffer(chunks, binary.ID), _vector_columns(vectors.shape[1])
    with connection.cursor() as cursor, cursor.copy(binary.statement("memories_embedding", columns)) as copy:
        copy.write(binary.HEADER)
        for first in range(0, len(known), ROWS):
            part = slice(first, first + ROWS)
            rows = binary.rows(len(known[part]), columns)
            rows["id"], rows["chunk_id"] = binary.new_ids(len(rows)), known[part]
            rows["embedder_id"] = binary.same(embedder)
            rows["emb"]["dimension"], rows["emb"]["numbers"] = vectors.shape[1], vectors[part]
            _fill_vectors(rows, memory, at)
            copy.write(rows.tobytes())
        copy.write(binary.TRAILER)


def _vector_columns(dimension: int) -> dict[str, Any]:
    ids = ("id", "account_id", "container_id", "memory_id", "embedder_id", "chunk_id")
    vector = [("dimension", ">i2"), ("unused", ">i2"), ("numbers", ">f2", (dimension,))]  # as pgvector has it
    return dict.fromkeys(ids, binary.ID) | {"created_at": binary.TIME, "emb": vector}


def _fill_vectors(rows: np.ndarray, memory: Memory, at: datetime) -> None:
    rows["account_id"], rows["memory_id"] = binary.same(memory.account_id), binary.same(memory.pk)
    rows["container_id"] = binary.same(memory.container_id)
    rows["created_at"] = binary.instant(at)
