"""Keyset positions: order by (column, id), both in one direction, and go on after a row by a row-value comparison.

``(created_at, id) < (a, b)`` is what the index on these columns serves at any depth; the form with OR, which most
cursor paginators make, reads everything before it. Lists of the dialects and exports share this; pages build on
it in ``keyset.py``.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import F, Model, QuerySet
from django.db.models.expressions import Combinable, OrderBy
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

M = TypeVar("M", bound=Model)
Position = tuple[Any, UUID]
CURSOR_CHARS = 2_000


class InvalidCursor(ValueError):
    """A text that is not a cursor of ours (or not one for this list)."""


def encode_cursor(values: Sequence[Any]) -> str:
    """Opaque base64url JSON without padding; ``values`` are texts, numbers, datetimes and UUIDs."""
    plain = [each.isoformat() if isinstance(each, datetime) else each for each in values]
    body = json.dumps(plain, separators=(",", ":"), default=str)
    return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def decode_cursor(text: str) -> list[Any]:
    """The values, as JSON gives them; raises InvalidCursor for every text that ``encode_cursor`` did not make."""
    if len(text) > CURSOR_CHARS:
        raise InvalidCursor(text[:32])
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        values = json.loads(raw)
    except (binascii.Error, ValueError, RecursionError) as error:
        raise InvalidCursor(text) from error
    if not isinstance(values, list) or encode_cursor(values) != text:
        raise InvalidCursor(text)
    return values


@dataclass(frozen=True)
class Keyset:
    """The order of a list: by ``column`` (a field path or an expression, never NULL) and the primary key."""

    column: str | Combinable = "created_at"
    descending: bool = True

    @property
    def ref(self) -> Any:
        return F(self.column) if isinstance(self.column, str) else self.column

    def order(self, queryset: QuerySet[M]) -> QuerySet[M]:
        """The rows in this order."""
        return queryset.order_by(
            OrderBy(self.ref, descending=self.descending), OrderBy(F("pk"), descending=self.descending)
        )

    def after(self, queryset: QuerySet[M], position: Position | None) -> QuerySet[M]:
        """The rows that follow ``position`` (value of the column, primary key) in this order; None: all."""
        if position is None:
            return queryset
        lookup = TupleLessThan if self.descending else TupleGreaterThan
        return queryset.filter(lookup(Tuple(self.ref, F("pk")), position))


def time_position(text: str) -> Position:
    """The position in a list by time that ``encode_cursor((moment, pk))`` spells; raises InvalidCursor."""
    values = decode_cursor(text)
    try:
        moment, pk = values
        position = datetime.fromisoformat(moment), UUID(pk)
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidCursor(text) from error
    if position[0].tzinfo is None:
        raise InvalidCursor(text)
    return position
