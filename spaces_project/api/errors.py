"""From whatever went wrong to a domain error; each dialect's errors.py says it in its vendor's words.

``domain_error`` is the only translation of framework and database errors. What it does not know is a
``ServerFault``: logged with its traceback and request id, told without details.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from django.core.exceptions import (
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpResponse, JsonResponse, UnreadablePostError
from rest_framework import exceptions as rest

from spaces.errors import InvalidInput, NotAllowed, NotAuthenticated, NotFound, SpacesError, TooLarge
from spaces.models.integrity import meaning

logger = logging.getLogger("spaces.api")

Say = Callable[[str], str]
T = TypeVar("T")


class MethodNotAllowed(SpacesError):
    message = "Method not allowed"


class UnsupportedMediaType(SpacesError):
    message = "Send JSON in UTF-8."


class Unimplemented(SpacesError):
    """An operation of the vendor that this product does not have."""

    message = "Not implemented"


class FailedPrecondition(SpacesError):
    """What the request takes for granted is not so (If-Match; gRPC's FAILED_PRECONDITION)."""

    message = "Precondition failed"


class RangeNotSatisfiable(SpacesError):
    """The range asked for is not in the content, which has ``size`` bytes."""

    message = "Range not satisfiable"

    def __init__(self, message: str | None = None, size: int | None = None) -> None:
        super().__init__(message)
        self.size = size


class Unavailable(SpacesError):
    """The database is away or too busy; the same request may be sent again after RETRY_SECONDS."""

    message = "The service is not available right now; try again."


class ServerFault(SpacesError):
    """A fault of ours; the log has it under the request id."""

    message = "Internal server error"


RETRY_SECONDS = 2
UNAVAILABLE = 503
# SQLSTATEs of values that cannot be stored, whoever let them through: NUL and surrogates, numbers out of range, depth
UNSTORABLE = {"22P05", "22P02", "22021", "22003", "22008", "54000", "54001", "23514", "23502"}
BUSY = {"57014", "55P03", "40001", "40P01"}  # timeouts of statements and locks, serialization, deadlock

BY_TYPE: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], type[SpacesError]], ...] = (
    ((Http404, ObjectDoesNotExist, rest.NotFound), NotFound),
    ((PermissionDenied, rest.PermissionDenied), NotAllowed),
    ((rest.NotAuthenticated, rest.AuthenticationFailed), NotAuthenticated),
    (rest.MethodNotAllowed, MethodNotAllowed),
    (rest.UnsupportedMediaType, UnsupportedMediaType),
    (RequestDataTooBig, TooLarge),
    ((SuspiciousOperation, UnreadablePostError, UnicodeError, RecursionError, DataError), InvalidInput),
    ((OperationalError, InterfaceError), Unavailable),
)
BY_STATUS: dict[int, type[SpacesError]] = {
    400: InvalidInput,
    401: NotAuthenticated,
    403: NotAllowed,
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
    415: UnsupportedMediaType,
    503: Unavailable,
}


def domain_error(error: BaseException, say: Say = str) -> SpacesError:
    """What ``error`` means. ``say`` spells a model's field name as the dialect does."""
    if isinstance(error, SpacesError):
        return error
    if isinstance(error, ValidationError | rest.ValidationError):
        return InvalidInput(" ".join(sentences(error, say)) or None)
    if isinstance(error, DatabaseError) and (known := _from_database(error)):
        return known
    for types, meant in BY_TYPE:
        if isinstance(error, types):
            return meant()
    return ServerFault()


def _from_database(error: DatabaseError) -> SpacesError | None:
    state = getattr(error.__cause__, "sqlstate", None) or ""
    if state in UNSTORABLE:
        return InvalidInput("A value cannot be stored.")
    if state in BUSY:
        return Unavailable()
    return meaning(error) if isinstance(error, IntegrityError) else None


def sentences(error: ValidationError | rest.ValidationError, say: Say) -> Iterator[str]:
    """One sentence per complaint, each beginning with the field it is about."""
    if isinstance(error, rest.ValidationError):
        yield from _flat(error.detail, "", say)
    elif hasattr(error, "error_dict"):
        yield from _flat(error.message_dict, "", say)
    else:
        yield from error.messages


def _flat(detail: Any, where: str, say: Say) -> Iterator[str]:
    if isinstance(detail, dict):
        for key, value in detail.items():
            general = key in ("non_field_errors", "__all__")
            path = where if general else f"{where}.{say(str(key))}".lstrip(".")
            yield from _flat(value, path, say)
    elif isinstance(detail, list | tuple):
        for value in detail:
            yield from _flat(value, where, say)
    else:
        yield f"{where}: {detail}" if where else str(detail)


def nearest(table: Mapping[type[SpacesError], T], error: SpacesError, otherwise: T) -> T:
    """What the table says of the error's class, else of the nearest class above: a filter that is not understood is
    invalid input."""
    return next((table[kind] for kind in type(error).__mro__ if kind in table), otherwise)


def told(error: SpacesError, body: dict[str, Any], status: int) -> HttpResponse:
    """``body`` as the answer to ``error``, with the headers that go with it. Marked as the dialect's own with
    ``is_dialect``."""
    response = JsonResponse(body, status=status)
    response["Content-Length"] = str(len(response.content))  # also where no middleware of Django's adds it
    response.is_dialect = True  # type: ignore[attr-defined]
    response._has_been_logged = True  # type: ignore[attr-defined]  # what is worth a line has one: see note()
    if isinstance(error, NotAuthenticated):
        response["WWW-Authenticate"] = "Bearer"
    if isinstance(error, RangeNotSatisfiable) and error.size is not None:
        response["Content-Range"] = f"bytes */{error.size}"
    if status == UNAVAILABLE:
        response["Retry-After"] = str(RETRY_SECONDS)
    return response


def camel(name: str) -> str:
    """``verified_at`` as the wire spells it."""
    first, *rest_of_it = name.split("_")
    return first + "".join(word.capitalize() for word in rest_of_it)


def note(error: SpacesError, cause: BaseException, request_id: str) -> None:
    """Write down what an operator should know of: faults with their traceback, outages as a line."""
    if isinstance(error, ServerFault):
        logger.error("request %s failed", request_id, exc_info=cause)
    elif isinstance(error, Unavailable):
        logger.warning("request %s: %s", request_id, type(cause).__name__)
