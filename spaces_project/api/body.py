"""Request bodies as they really come: with and without Content-Length, up to a limit, in JSON.

Django reads nothing of a body without Content-Length (``Transfer-Encoding: chunked``), so an update would
silently do nothing. ``buffered`` reads it up to the limit and says its length.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from urllib.parse import parse_qsl

from django.http import HttpRequest

from spaces.errors import InvalidInput, TooLarge
from spaces_project.kit import limits

from .errors import UnsupportedMediaType
from .strict_json import parse_object

BLOCK = 64 * 1024
QUERY_FIELDS = 200
# What SDKs, and curl without -H, label JSON with
JSON_TYPES = {"", "application/json", "text/json", "text/plain", "application/x-www-form-urlencoded"}
PLAIN = {"", "identity"}
CHARSETS = {"utf-8", "utf8", "us-ascii", "ascii"}


@contextmanager
def buffered(request: Any, most: int = limits.JSON_BODY_BYTES) -> Iterator[None]:
    """Make a chunked body readable while the request is answered. Raises TooLarge, before reading when the length is
    declared; InvalidInput; UnsupportedMediaType for a body that is packed."""
    if request.META.get("HTTP_CONTENT_ENCODING", "").strip().lower() not in PLAIN:
        raise UnsupportedMediaType("Send the body as it is, without Content-Encoding.")
    if _declared(request) > most:
        raise _too_large(most)
    if "chunked" not in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
        yield
        return
    with SpooledTemporaryFile(max_size=limits.JSON_BODY_BYTES) as body:
        request.META["CONTENT_LENGTH"] = str(_read(request.META["wsgi.input"], body, most))
        request._stream, request._read_started = body, False
        yield


def _declared(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"The body is larger than {most:,} bytes.")


def _read(stream: Any, body: IO[bytes], most: int) -> int:
    """Keep the whole stream, at most that large, and give its length. Servers raise their own errors for chunks that
    are not well-formed."""
    size = 0
    try:
        while block := stream.read(min(BLOCK, most + 1 - size)):
            size += len(block)
            if size > most:
                raise _too_large(most)
            body.write(block)
    except TooLarge:
        raise
    except Exception as error:
        raise InvalidInput("The body could not be read.") from error
    body.seek(0)
    return size


def read_object(request: HttpRequest) -> dict[str, Any]:
    """The JSON object in the body. Raises InvalidInput, TooLarge, UnsupportedMediaType."""
    check_type(request)
    return parse_object(request.body)


def check_type(request: HttpRequest) -> None:
    """Raises UnsupportedMediaType for what is not labelled as JSON in UTF-8."""
    kind = (request.content_type or "").lower()
    charset = (request.content_params or {}).get("charset", "utf-8").strip("\"' ").lower()
    if charset not in CHARSETS or not (kind in JSON_TYPES or kind.endswith("+json")):
        raise UnsupportedMediaType()


def check_query(request: HttpRequest) -> None:
    """Raises InvalidInput for a query string over its limit."""
    if len(request.META.get("QUERY_STRING", "")) > limits.QUERY_STRING_BYTES:
        raise InvalidInput(f"The query string is longer than {limits.QUERY_STRING_BYTES:,} bytes.")


def read_query(request: HttpRequest) -> dict[str, list[str]]:
    """The query string, each name with its values in order. Raises InvalidInput when it is not UTF-8."""
    try:
        text = request.META.get("QUERY_STRING", "").encode("latin-1").decode()
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=QUERY_FIELDS)
    except ValueError as error:  # also UnicodeError
        raise InvalidInput("The query string is not UTF-8 or has too many fields.") from error
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
