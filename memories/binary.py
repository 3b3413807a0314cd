"""Rows in the binary form that COPY reads, as numpy lays them out: by the thousand, without a step of Python for each.

Source: PostgreSQL's documentation of COPY, "Binary Format": a header, then per row the number of its columns and each
column with its size in front (-1: null), everything big-endian, and a trailer.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np

HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
EPOCH = 946_684_800  # PostgreSQL counts from 2000-01-01
ID, INTEGER, TIME, YES_OR_NO = "V16", ">i4", ">i8", "?"
COUNTED = 1 << 20  # ids of one call to new_ids


def rows(count: int, columns: Mapping[str, Any]) -> np.ndarray:
    """``count`` rows of these columns (name: numpy type), each with its size and zeros.

    A column of the type None has a size only, ``<name>_size``: -1 (null), unless the caller sets it and writes the
    value behind the row, so that only the last one can have some.
    """
    layout: list[Any] = [("columns", ">i2")]
    for name, kind in columns.items():
        layout += [(f"{name}_size", INTEGER), *([(name, kind)] if kind is not None else [])]
    found = np.zeros(count, dtype=np.dtype(layout))
    found["columns"] = len(columns)
    for name, kind in columns.items():
        found[f"{name}_size"] = -1 if kind is None else np.dtype(kind).itemsize
    return found


def statement(table: str, columns: Iterable[str]) -> str:
    """The COPY of these columns."""
    names = ", ".join(f'"{name}"' for name in columns)
    return f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)"


def instant(at: datetime) -> int:
    """As a timestamptz is stored: microseconds."""
    return round((at.timestamp() - EPOCH) * 1_000_000)


def same(pk: UUID) -> Any:
    """One id, to be the value of a whole column."""
    return np.frombuffer(pk.bytes, dtype=ID)[0]


def new_ids(count: int) -> np.ndarray:
    """So many UUIDv7 in ascending order, as a column has them.

    All are of one millisecond and counted in the twenty bits behind it, fifty-four random ones follow (RFC 9562, 6.2,
    method 1). Ids of another call differ in these.
    """
    assert count <= COUNTED
    counter = np.arange(count, dtype=np.uint64)
    halves = np.empty((count, 2), dtype=">u8")
    halves[:, 0] = (time.time_ns() // 1_000_000 << 16 | 0x7000) + (counter >> 8)
    chance = np.frombuffer(secrets.token_bytes(8 * count), dtype=np.uint64)
    halves[:, 1] = np.uint64(1 << 63) | (counter & np.uint64(0xFF)) << np.uint64(54) | chance >> np.uint64(10)
    return halves.view(ID).reshape(count)
