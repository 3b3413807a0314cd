"""What all records of GoodMem share: times in milliseconds, and who touched a row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

Record = dict[str, Any]


def milliseconds(moment: datetime) -> int:
    """Since 1970."""
    return int(moment.timestamp() * 1000)


def maybe_milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else milliseconds(moment)


def touched(row: Any) -> Record:
    """The four members that every object has. What the system made itself is its account's."""
    maker = row.created_by or row.account_id
    return {
        "createdAt": milliseconds(row.created_at),
        "updatedAt": milliseconds(row.updated_at),
        "createdById": str(maker),
        "updatedById": str(row.updated_by or maker),
    }
