"""list and export: which rows (filters, order, cursor, take) and in which form (Accept), as ChatBotKit has it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase

from spaces.errors import InvalidInput
from spaces_project.api.pagination import as_number, read_cursor
from spaces_project.kit import limits
from spaces_project.kit.cursors import CURSOR_CHARS, InvalidCursor, Position
from spaces_project.kit.exports import export_response

from .base import Operations
from .filters import filtered
from .lookup import wire_pk
from .records import Record

JSON, JSONL, CSV = "application/json", "application/jsonl", "text/csv"
ANY = {"", "*/*", "application/*"}
OTHER: dict[str, Literal["asc", "desc"]] = {"asc": "desc", "desc": "asc"}


@dataclass(frozen=True)
class Listing:
    """What a caller asked for: the rows that match, and where in them he is. ``take`` None: he did not say."""

    rows: QuerySet[Any]
    record: Record
    accept: str
    order: Literal["asc", "desc"]
    after: Position | None
    take: int | None
    raw: bool
    is_head: bool

    @classmethod
    def of(
        cls, view: Operations, rows: QuerySet[Any], record: type[Record], *, order: Literal["asc", "desc"] = "desc"
    ) -> Listing:
        """Read the query string and Accept; ``order`` is that of callers who name none.

        Raises InvalidInput for a cursor that we did not issue.
        """
        account_id, other = view.account.pk, OTHER[order]
        take = as_number(view.member("take"))
        return cls(
            rows=filtered(rows, view.query, view.actor),
            record=record(account_id),
            accept=media_type(view.request.headers.get("Accept", "")),
            order=other if view.member("order") == other else order,
            after=_position(record(account_id), rows, view.member("cursor") or ""),
            take=None if take is None else max(take, 1),
            raw=view.member("raw") == "1",
            is_head=view.request.method == "HEAD",
        )


def media_type(accept: str) -> str:
    """The first type of an Accept header, JSON for none and for any."""
    first = accept.split(",")[0].split(";")[0].strip().lower()
    return JSON if first in ANY else first


def listed(listing: Listing) -> HttpResponseBase:
    """One page of JSON (1 to 100 rows), or all rows up to ``take`` as lines ``{"type": "item", "data": {…}}``."""
    return _by_accept(listing, {JSON: _page, JSONL: lambda asked: _stream(asked, "items", "list")})


def exported(listing: Listing, name: str, *, lines: Literal["jsonl", "items"] = "jsonl") -> HttpResponseBase:
    """Everything, or ``take`` rows, in the form that Accept names; JSONL has one bare record per line, or ``items`` as
    lists have, where the vendor's client reads the export."""
    return _by_accept(
        listing,
        {
            JSON: lambda asked: _stream(asked, "json", name),
            JSONL: lambda asked: _stream(asked, lines, name),
            CSV: lambda asked: _stream(asked, "csv", name),
        },
    )


def _by_accept(listing: Listing, forms: dict[str, Callable[[Listing], HttpResponseBase]]) -> HttpResponseBase:
    if listing.accept not in forms:
        raise InvalidInput(f"Unsupported accept header; send one of {', '.join(forms)}.")
    return forms[listing.accept](listing)


def _page(listing: Listing) -> HttpResponse:
    take = min(listing.take or limits.PAGE_TAKE, limits.PAGE_TAKE)
    batch = listing.record.page(listing.rows, order=listing.order, after=listing.after, take=take)
    cursor = listing.record.cursor(batch.last) if batch.more and batch.last else ""
    items = ",".join(batch.lines)
    return HttpResponse(f'{{"items":[{items}],"cursor":"{cursor}"}}', content_type=JSON)


def _stream(listing: Listing, form: str, name: str) -> HttpResponseBase:
    response = export_response(
        listing.record,
        listing.rows,
        form,
        filename=name,
        order=listing.order,
        after=listing.after,
        take=listing.take,
        raw=listing.raw,
        is_head=listing.is_head,
    )
    response["Content-Type"] = listing.accept  # the vendor's, without a charset
    return response


def _position(record: Record, rows: QuerySet[Any], text: str) -> Position | None:
    """Behind which row to go on: our own cursor, a plain id, or the documented base64 of ``{"id": …}``."""
    if not text:
        return None
    try:
        return read_cursor(record.account_id, text)
    except InvalidCursor:
        pk = wire_pk(record.prefix, text) or wire_pk(record.prefix, _documented(text))
    found = rows.filter(pk=pk).values_list("created_at", "pk").first() if pk else None
    if found is None:
        raise InvalidInput("The cursor is not one of this list.")
    return found  # type: ignore[no-any-return]


def _documented(text: str) -> str:
    """The id in the base64 form that the vendor's documentation shows."""
    try:
        body = json.loads(base64.b64decode(text[:CURSOR_CHARS] + "=" * (-len(text) % 4), altchars=b"-_"))
    except (ValueError, RecursionError):
        return ""
    named = body.get("id") if isinstance(body, dict) else None
    return named if isinstance(named, str) else ""
