"""Exports as HTTP answers: streamed batch by batch, without a database connection between two batches."""

from __future__ import annotations

import codecs
import json
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from django.db import connection
from django.db.models import QuerySet
from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from spaces_project.kit.cursors import Position

from .guards import guarded
from .resource import Batch, Form, Order, Resource
from .xlsx import CONTENT_TYPE as XLSX_TYPE
from .xlsx import check_rows, workbook

logger = logging.getLogger("spaces.exports")
Batches = Iterator[Batch]
R = TypeVar("R", bound=HttpResponseBase)
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def _escape_json(error: UnicodeError) -> tuple[str, int]:
    """What ASCII lacks, as JSON's escapes."""
    assert isinstance(error, UnicodeEncodeError)
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


codecs.register_error("spaces.json", _escape_json)


def _csv(resource: Resource, batches: Batches, raw: bool) -> Iterator[bytes]:
    names = [name if raw else guarded(name) for name in resource.headers()]
    head = ",".join(f'"{name}"' if re.search(r'[",\r\n]', name) else name for name in names) + "\n"
    if resource.header_when_empty:
        yield head.encode()
    for number, batch in enumerate(batches):
        if number == 0 and not resource.header_when_empty:
            yield head.encode()
        yield batch.text.encode()


def _jsonl(resource: Resource, batches: Batches, raw: bool) -> Iterator[bytes]:
    for batch in batches:
        yield batch.text.encode("ascii", "spaces.json")


def _items(resource: Resource, batches: Batches, raw: bool) -> Iterator[bytes]:
    for batch in batches:
        text = "".join([f'{{"type":"item","data":{line}}}\n' for line in batch.lines])
        yield text.encode("ascii", "spaces.json")


def _json(resource: Resource, batches: Batches, raw: bool) -> Iterator[bytes]:
    yield b'{"items":['
    last = Batch()
    for batch in batches:
        start = "," if len(last) else ""
        yield (start + ",".join(batch.lines)).encode()
        last = batch
    cursor = resource.cursor(last.last) if last.more and last.last else ""
    yield f'],"cursor":"{cursor}"}}'.encode()


def _xlsx(resource: Resource, batches: Batches, raw: bool) -> Iterator[bytes]:
    return workbook(resource.headers(), batches)


Writer = Callable[[Resource, Batches, bool], Iterator[bytes]]
# format: (writer, the form of its batches, content type, ending of the file name)
WRITERS: dict[str, tuple[Writer, Form, str, str]] = {
    "csv": (_csv, "csv", "text/csv; charset=utf-8", "csv"),
    "json": (_json, "json", "application/json", "json"),
    "jsonl": (_jsonl, "json", "application/jsonl", "jsonl"),
    "items": (_items, "json", "application/jsonl", "jsonl"),  # {"type":"item","data":…} per line
    "xlsx": (_xlsx, "cells", XLSX_TYPE, "xlsx"),
}
FORMATS = tuple(WRITERS)


def export_response(
    resource: Resource,
    queryset: QuerySet[Any],
    format: str,
    *,
    filename: str = "export",
    order: Order = "desc",
    after: Position | None = None,
    take: int | None = None,
    raw: bool = False,
    is_head: bool = False,
) -> HttpResponseBase:
    """The rows of ``queryset`` as a download in one of FORMATS, named ``<filename>-<date>.<ending>``.

    The first batch is read before the answer starts, so what is wrong from the beginning is an ordinary error. A
    failure later is logged and breaks the connection: an export is whole or visibly broken. ``raw`` leaves
    formulas in spreadsheet cells alone; ``is_head`` is the answer to HEAD, for which no row is read. Raises TooManyRows
    for a workbook above limits.XLSX_ROWS.
    """
    writer, form, content_type, ending = WRITERS[format]
    chunks: Iterator[bytes] = iter(())
    if not is_head:
        if format == "xlsx":
            check_rows(queryset, take)
        batches = resource.batches(queryset, order=order, after=after, take=take, form=form, raw=raw)
        first = next(batches, None)
        chunks = _logged(writer(resource, _released(first, batches), raw), filename)
    return _named(StreamingHttpResponse(chunks, content_type=content_type), filename, ending)


def _released(first: Batch | None, rest: Batches) -> Batches:
    """The batches; the connection goes back to the pool before each one is handed on."""
    batch = first
    while batch is not None:
        release_connection()
        yield batch
        batch = next(rest, None)
    release_connection()


def release_connection() -> None:
    """Give this thread's connection back, unless a transaction of the caller holds it."""
    if not connection.in_atomic_block:
        connection.close()


def _logged(chunks: Iterator[bytes], filename: str) -> Iterator[bytes]:
    """Say in the log when an export broke; the server ends the connection without the last chunk."""
    try:
        yield from chunks
    except Exception:
        logger.exception("export %s broke off", filename)
        raise


def _named(response: R, filename: str, ending: str) -> R:
    name = f"{_UNSAFE.sub('-', filename)}-{timezone.localdate():%Y-%m-%d}.{ending}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
