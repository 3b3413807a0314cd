"""A memory's file, whole or in part: strong ETag, If-Match, If-None-Match, one Range."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from memories import originals
from memories.models import Memory
from spaces.errors import NotFound
from spaces_project.kit.exports import release_connection

from .errors import FailedPrecondition, RangeNotSatisfiable

BLOCK = 1 << 18
RANGE = re.compile(r"\s*bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.ASCII | re.IGNORECASE)
# Somebody else's file on our address: it is never shown as a page of ours, whatever its type.
HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": "attachment",
    "Cache-Control": "private, no-cache",
    "Accept-Ranges": "bytes",
}


def content_response(memory: Memory, headers: object, *, is_head: bool) -> HttpResponseBase:
    """The file as ``headers`` ask for it. Raises NotFound without a file, FailedPrecondition, RangeNotSatisfiable."""
    if not memory.original:
        raise NotFound("The memory has no content.")
    asked = dict(headers.items())  # type: ignore[attr-defined]
    etag = f'"{memory.original}"'
    if "If-Match" in asked and not _names(asked["If-Match"], etag):
        raise FailedPrecondition("The content is another one than If-Match names.")
    if "If-None-Match" in asked and _names(asked["If-None-Match"], etag):
        return _dressed(HttpResponse(status=304), memory, etag)
    start, end = 0, memory.byte_size
    is_part = "Range" in asked and asked.get("If-Range", etag) == etag
    if is_part:
        start, end = wanted(asked["Range"], memory.byte_size)
    response = _body(memory, start, end, is_head=is_head)
    response["Content-Length"] = str(end - start)
    if is_part:
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{end - 1}/{memory.byte_size}"
    return _dressed(response, memory, etag)


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
        raise RangeNotSatisfiable(f"The content has {size:,} bytes; the range is not among them.")
    return start, end


def _body(memory: Memory, start: int, end: int, *, is_head: bool) -> HttpResponseBase:
    if is_head:
        return HttpResponse()
    return StreamingHttpResponse(Part(originals.open_original(memory.account_id, memory.original), start, end))


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


def _dressed(response: HttpResponseBase, memory: Memory, etag: str) -> HttpResponseBase:
    response["Content-Type"] = memory.mime_type
    response["ETag"] = etag
    for name, value in HARMLESS.items():
        response[name] = value
    return response
