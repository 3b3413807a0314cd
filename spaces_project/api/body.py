"""Request bodies as they really come: with and without Content-Length, up to a limit, in JSON.

Django reads nothing of a body without Content-Length (``Transfer-Encoding: chunked``), so an update would
silently do nothing. ``buffer_body`` reads it up to the limit and says its length.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any
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
CHARSETS = {"utf-8", "utf8", "us-ascii", "ascii"}


def buffer_body(request: Any) -> None:
    """Make a chunked body readable. Raises TooLarge, before reading when the length is declared; InvalidInput."""
    if _declared(request) > limits.JSON_BODY_BYTES:
        raise _too_large()
    if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
        data = _read(request.META["wsgi.input"])
        request._stream, request._read_started = BytesIO(data), False
        request.META["CONTENT_LENGTH"] = str(len(data))


def _declared(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _too_large() -> TooLarge:
    return TooLarge(f"The body is larger than {limits.JSON_BODY_BYTES:,} bytes.")


def _read(stream: Any) -> bytes:
    """The whole stream, at most the limit. Servers raise their own errors for chunks that are not well-formed."""
    data = bytearray()
    try:
        while block := stream.read(min(BLOCK, limits.JSON_BODY_BYTES + 1 - len(data))):
            data += block
            if len(data) > limits.JSON_BODY_BYTES:
                raise _too_large()
    except TooLarge:
        raise
    except Exception as error:
        raise InvalidInput("The body could not be read.") from error
    return bytes(data)


def read_object(request: HttpRequest) -> dict[str, Any]:
    """The JSON object in the body. Raises InvalidInput, TooLarge, UnsupportedMediaType."""
    kind = (request.content_type or "").lower()
    charset = (request.content_params or {}).get("charset", "utf-8").strip("\"' ").lower()
    if charset not in CHARSETS or not (kind in JSON_TYPES or kind.endswith("+json")):
        raise UnsupportedMediaType()
    return parse_object(request.body)


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
