"""Keyset paging for pages: Newer and Older by a row-value comparison, for every sort, never an OFFSET.

A cursor is base64url JSON ``[sort, value, id, rows before it]``. It is not a secret and not trusted: a cursor of
another sort or one that we did not make is ignored, and the page says so.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest

from . import limits
from .cursors import InvalidCursor, Keyset, Position, decode_cursor, encode_cursor, time_position
from .pages import with_query

__all__ = [
    "InvalidCursor",
    "Keyset",
    "KeysetPage",
    "Position",
    "Sort",
    "Sorting",
    "cursor_before",
    "decode_cursor",
    "encode_cursor",
    "keyset_page",
    "notices",
    "time_position",
]

LAST = UUID(int=2**128 - 1)  # after every id


@dataclass(frozen=True)
class Sort:
    """A column to sort by; ``expression`` (a field or an expression) is never NULL."""

    key: str
    label: str
    expression: str | Combinable
    is_time: bool = False
    is_number: bool = False

    @property
    def ref(self) -> Combinable:
        return F(self.expression) if isinstance(self.expression, str) else self.expression

    def parse(self, value: Any) -> Any:
        """The cursor's value as the database's; raises ValueError or TypeError."""
        if self.is_number:
            return value if type(value) is int and abs(value) < 2**31 else _fail(value)
        if not isinstance(value, str):
            raise TypeError(value)
        if not self.is_time:
            return value if "\x00" not in value else _fail(value)
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else _fail(value)


def _fail(value: object) -> Any:
    raise ValueError(value)


@dataclass(frozen=True)
class Sorting:
    """The sorts of a list; ``default`` is a key, with ``-`` for descending."""

    sorts: tuple[Sort, ...]
    default: str

    def chosen(self, request: HttpRequest) -> tuple[Sort, bool]:
        """The sort the query string names (``sort=-updated``) and whether it descends; nonsense is the default."""
        by_key = {sort.key: sort for sort in self.sorts}
        for wish in (request.GET.get("sort", ""), self.default):
            if wish.removeprefix("-") in by_key:
                return by_key[wish.removeprefix("-")], wish.startswith("-")
        raise ValueError(self.default)


@dataclass
class KeysetPage:
    """Rows of one page; ``newer`` and ``older`` are addresses or empty; ``start`` is the first row's number."""

    rows: list[Any]
    sort: Sort
    descends: bool
    sorting: Sorting
    start: int = 1
    newer: str = ""
    older: str = ""
    bad_cursor: bool = False

    @property
    def end(self) -> int:
        return self.start + len(self.rows) - 1

    @property
    def newer_word(self) -> str:
        return "Newer" if self.sort.is_time and self.descends else "Previous"

    @property
    def older_word(self) -> str:
        return "Older" if self.sort.is_time and self.descends else "Next"


@dataclass(frozen=True)
class _Cursor:
    value: Any
    pk: UUID
    before: int


def keyset_page(
    request: HttpRequest, queryset: QuerySet[Any], sorting: Sorting, size: int = limits.PAGE_ROWS
) -> KeysetPage:
    """The page that ``?sort=&after=`` or ``&before=`` names. One query of ``size + 1`` rows."""
    sort, descends = sorting.chosen(request)
    backwards = bool(request.GET.get("before"))
    text = request.GET.get("before") or request.GET.get("after") or ""
    cursor = _decode(sort, descends, text) if text else None
    rows = list(_slice(queryset, sort, descends != (backwards and cursor is not None), cursor)[: size + 1])
    has_more, rows = len(rows) > size, rows[:size]
    page = KeysetPage(rows, sort, descends, sorting, bad_cursor=bool(text) and cursor is None)
    if cursor and backwards:
        rows.reverse()
        page.start = max(1, cursor.before - len(rows) + 1)
        _link(request, page, newer=has_more, older=True)
    else:
        page.start = cursor.before + 1 if cursor else 1
        _link(request, page, newer=cursor is not None, older=has_more)
    return page


def cursor_before(sorting: Sorting, value: int) -> str:
    """For ``?after=``: the page, by the default sort, that begins at the number ``value``."""
    sort = sorting.default
    page = KeysetPage([], next(each for each in sorting.sorts if each.key == sort), False, sorting)
    return _encoded(page, value - 1, LAST, value)


def notices(complaints: Iterable[str], page: KeysetPage) -> list[str]:
    """What stands above a list: which filters were left out, and that a page link is stale."""
    ignored = [f"Left out, because it could not be read. {complaint}" for complaint in complaints]
    return [*ignored, *(["That page link is no longer good. This is the first page."] if page.bad_cursor else [])]


def _slice(queryset: QuerySet[Any], sort: Sort, descends: bool, cursor: _Cursor | None) -> QuerySet[Any]:
    keyset = Keyset(sort.expression, descends)
    position = (cursor.value, cursor.pk) if cursor else None
    # the database's own value goes into the cursor: lower() there and in Python differ for some letters
    return keyset.order(keyset.after(queryset, position).annotate(sort_value=sort.ref))


def _link(request: HttpRequest, page: KeysetPage, *, newer: bool, older: bool) -> None:
    if not page.rows:
        page.newer = with_query(request) if newer else ""
        return
    if newer:
        page.newer = with_query(request, before=_encode(page, page.rows[0], page.start - 1))
    if older:
        page.older = with_query(request, after=_encode(page, page.rows[-1], page.end))


def _encode(page: KeysetPage, row: Any, before: int) -> str:
    value = row.sort_value.isoformat() if isinstance(row.sort_value, datetime) else row.sort_value
    return _encoded(page, value, row.pk, before)


def _encoded(page: KeysetPage, value: Any, pk: UUID, before: int) -> str:
    order = ("-" if page.descends else "") + page.sort.key
    body = json.dumps([order, value, str(pk), before], separators=(",", ":"))
    return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def _decode(sort: Sort, descends: bool, text: str) -> _Cursor | None:
    """None for whatever is not a cursor of this very sort."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        order, value, pk, before = json.loads(raw)
        if order != ("-" if descends else "") + sort.key:
            return None
        return _Cursor(sort.parse(value), UUID(pk), max(0, min(int(before), 10**12)))
    except (ValueError, TypeError, AttributeError, RecursionError, OverflowError):
        return None
