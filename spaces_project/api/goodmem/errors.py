"""Domain errors as GoodMem says them: ``{"error", "status", "timestamp"}``, and ``errors`` when fields are to blame.

``error`` is always there and always a text: the vendor's older client shows nothing else. ``timestamp`` is in
milliseconds. Both of its clients raise by the status alone and repeat nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from rest_framework import exceptions as rest

from spaces.errors import (
    AlreadyExists,
    Conflict,
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    SpacesError,
    TooLarge,
)
from spaces_project.api.errors import (
    FailedPrecondition,
    MethodNotAllowed,
    RangeNotSatisfiable,
    Say,
    ServerFault,
    Unavailable,
    Unimplemented,
    UnsupportedMediaType,
    domain_error,
    nearest,
    told,
)


class InvalidFields(InvalidInput):
    """Fields are to blame, each with its own sentence: (path as the wire spells it, sentence)."""

    def __init__(self, complaints: list[tuple[str, str]]) -> None:
        self.complaints = complaints
        said = (f"{field}: {text}" if field else text for field, text in complaints)
        super().__init__(" ".join(said), field=complaints[0][0] if complaints else None)


STATUSES: dict[type[SpacesError], int] = {
    InvalidInput: 400,
    NotAuthenticated: 401,
    NotAllowed: 403,
    NotFound: 404,
    MethodNotAllowed: 405,
    Conflict: 409,
    AlreadyExists: 409,
    FailedPrecondition: 412,
    TooLarge: 413,
    UnsupportedMediaType: 415,
    RangeNotSatisfiable: 416,
    ServerFault: 500,
    Unimplemented: 501,
    Unavailable: 503,
}


def error_response(error: SpacesError) -> HttpResponse:
    """The answer to ``error``."""
    status = status_of(error)
    return told(error, error_body(error, status), status)


def error_body(error: SpacesError, status: int) -> dict[str, Any]:
    """The JSON of ``error``; a fault of ours is told without details."""
    message = str(error) if status != 500 else ServerFault.message
    body: dict[str, Any] = {"error": message, "status": status, "timestamp": int(time.time() * 1000)}
    if isinstance(error, InvalidFields):
        body["errors"] = [{"field": field, "message": text} for field, text in error.complaints]
    elif isinstance(error, InvalidInput) and error.field:
        body["errors"] = [{"field": error.field, "message": message}]
    return body


def status_of(error: SpacesError) -> int:
    """By the error's class, else by the nearest class above; 500 for what is not known."""
    return nearest(STATUSES, error, 500)


def understood(error: BaseException, say: Say) -> SpacesError:
    """``domain_error``, with each field's complaint kept apart. ``say`` spells a model's field as the wire does."""
    complaints: list[tuple[str, str]] = []
    if isinstance(error, rest.ValidationError) and isinstance(error.detail, dict):
        complaints = list(_complaints(error.detail, "", str))  # of a request: in the wire's words already
    elif isinstance(error, ValidationError) and hasattr(error, "error_dict"):
        complaints = list(_complaints(error.message_dict, "", say))
    return InvalidFields(complaints) if complaints else domain_error(error, say)


def _complaints(detail: Any, where: str, say: Say) -> Iterator[tuple[str, str]]:
    if isinstance(detail, dict):
        for key, value in detail.items():
            yield from _complaints(value, _path(where, key, say), say)
    elif isinstance(detail, list | tuple):
        for number, value in enumerate(detail):
            is_list = isinstance(value, dict)  # of a list of objects, in order
            yield from _complaints(value, f"{where}[{number}]" if is_list else where, say)
    else:
        yield where, str(detail)


def _path(where: str, key: Any, say: Say) -> str:
    """``spaceEmbedders[0].embedderId``."""
    if key in ("non_field_errors", "__all__"):
        return where
    return f"{where}[{key}]" if isinstance(key, int) else f"{where}.{say(str(key))}".lstrip(".")
