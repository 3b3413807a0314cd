"""A stored file, whole or in part: strong ETag, If-Match, If-None-Match, one Range."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Protocol
from urllib.parse import quote
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from memories import originals
from memories.models.folders import TURNING
from spaces.errors import NotFound
from spaces_project.kit.exports import release_connection

from .errors import FailedPrecondition, RangeNotSatisfiable

BLOCK = 1 << 18
NAME_CHARS = 200
NO_FILE = "It has no file."
BYTES = re.compile(r"\s*bytes\b", re.ASCII | re.IGNORECASE)  # ranges of anything else mean nothing (RFC 9110, 14.2)
RANGE = re.compile(r"\s*bytes\s*=\s*(\d{0,300})\s*-\s*(\d{0,300})\s*", re.ASCII | re.IGNORECASE)
WEAK = re.compile(r'\bW/"')  # whether one has it already is asked weakly (RFC 9110, 13.1.2)
# Somebody else's file on our address: it is never shown as a page of ours, whatever its type.
HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": "attachment",
    "Cache-Control": "private, no-cache",
    "Accept-Ranges": "bytes",
}


class Stored(Protocol):
    """What names a file: a memory, a version of one, a file that came to an upload."""

    account_id: UUID
    original: str
    byte_size: int


@dataclass(frozen=True)
class Told:
    """What is said of a file: its type, and what it is saved as (empty: as whoever saves it likes)."""

    mime_type: str
    name: str = ""


def file_response(
    stored: Stored, told: Told, headers: object, *, is_head: bool, missing: str = NO_FILE
) -> HttpResponseBase:
    """The file as ``headers`` ask for it. Raises NotFound without a file, FailedPrecondition, RangeNotSatisfiable."""
    if not stored.original:
        raise NotFound(missing)
    asked = dict(headers.items())  # type: ignore[attr-defined]
    etag = f'"{stored.original}"'
    if "If-Match" in asked and not _names(asked["If-Match"], etag):
        raise FailedPrecondition("The content is another one than If-Match names.")
    if "If-None-Match" in asked and _names(WEAK.sub('"', asked["If-None-Match"]), etag):
        return _dressed(HttpResponse(status=304), told, etag)
    start, end = 0, stored.byte_size
    is_part = not is_head and BYTES.match(asked.get("Range", "")) and asked.get("If-Range", etag) == etag
    if is_part:
        start, end = wanted(asked["Range"], stored.byte_size)
    response = _body(stored, start, end, is_head=is_head)
    response["Content-Length"] = str(end - start)
    if is_part:
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{end - 1}/{stored.byte_size}"
    return _dressed(response, told, etag)


def _names(header: str, etag: str) -> bool:
    """Whether a list of ETags has this one; weak ones never match."""
    return header.strip() == "*" or etag in [each.strip() for each in header.split(",")]


def wanted(header: str, size: int) -> tuple[int, int]:
    """From where to where (exclusive) ``bytes=a-b``, ``a-`` or ``-n`` reaches. RangeNotSatisfiable."""
    match = RANGE.fullmatch(header)
    first, last = match.groups() if match else ("", "")
    if first:
        start, end = int(first), min(int(last) + 1 if last else size, size)
    else:
        start, end = max(size - int(last), 0) if last else size, size
    if start >= end:
        raise RangeNotSatisfiable(f"The content has {size:,} bytes; the range is not among them.", size)
    return start, end


def _body(stored: Stored, start: int, end: int, *, is_head: bool) -> HttpResponseBase:
    if is_head:
        return HttpResponse()
    return StreamingHttpResponse(Part(originals.open_original(stored.account_id, stored.original), start, end))


class Part:
    """What lies between two places of a file, piece by piece, without a database connection."""

    def __init__(self, file: IO[bytes], start: int, end: int) -> None:
        self.file, self.start, self.end = file, start, end

    def __iter__(self) -> Iterator[bytes]:
        release_connection()
        with self.file:
            self.file.seek(self.start)
            left = self.end - self.start
            while left > 0 and (block := self.file.read(min(BLOCK, left))):
                left -= len(block)
                yield block

    def close(self) -> None:
        self.file.close()


def _dressed(response: HttpResponseBase, told: Told, etag: str) -> HttpResponseBase:
    response["Content-Type"] = told.mime_type
    response["ETag"] = etag
    for name, value in HARMLESS.items():
        response[name] = value
    if told.name:
        response["Content-Disposition"] = disposition(told.name)
    return response


def disposition(name: str) -> str:
    """To be saved as ``name``: without folders, and without marks that turn how it reads; in ASCII for old clients,
    and as it is."""
    kept = "".join(char for char in name if char.isprintable() and char not in TURNING)
    last = re.split(r"[/\\]", kept)[-1].strip(" .")[-NAME_CHARS:] or "file"
    plain = re.sub(r'[^ -~]|["%\\]', "_", last)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(last, safe='')}"
