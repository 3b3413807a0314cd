"""Domain errors as Unique says them: ``{"error": {"message", "code", "params"}}`` with a status.

The vendor's client repeats every 5xx three times unless ``params.retryable`` is false, so only what may succeed when it
is sent again is a 5xx with ``retryable: true``; what this product does not have is a 404.
"""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse

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
    RETRY_SECONDS,
    MethodNotAllowed,
    ServerFault,
    Unavailable,
    Unimplemented,
    UnsupportedMediaType,
)

ENVELOPES: dict[type[SpacesError], tuple[int, str]] = {
    InvalidInput: (400, "BAD_REQUEST"),
    NotAuthenticated: (401, "UNAUTHORIZED"),
    NotAllowed: (403, "FORBIDDEN"),
    NotFound: (404, "NOT_FOUND"),
    Unimplemented: (404, "NOT_IMPLEMENTED"),
    MethodNotAllowed: (405, "METHOD_NOT_ALLOWED"),
    Conflict: (409, "CONFLICT"),
    AlreadyExists: (409, "CONFLICT"),
    TooLarge: (413, "PAYLOAD_TOO_LARGE"),
    UnsupportedMediaType: (415, "UNSUPPORTED_MEDIA_TYPE"),
    ServerFault: (500, "INTERNAL_SERVER_ERROR"),
    Unavailable: (503, "SERVICE_UNAVAILABLE"),
}
FAULT = (500, "INTERNAL_SERVER_ERROR")


def error_response(error: SpacesError) -> HttpResponse:
    """The answer to ``error``. Marked as the dialect's own with ``is_dialect``."""
    status, code = _envelope(error)
    message = str(error) if status != FAULT[0] else ServerFault.message
    params = {"retryable": isinstance(error, Unavailable)}
    response = JsonResponse({"error": {"message": message, "code": code, "params": params}}, status=status)
    response["Content-Length"] = str(len(response.content))
    response.is_dialect = True  # type: ignore[attr-defined]
    response._has_been_logged = True  # type: ignore[attr-defined]  # what is worth a line has one: see note()
    if isinstance(error, NotAuthenticated):
        response["WWW-Authenticate"] = "Bearer"
    if isinstance(error, Unavailable):
        response["Retry-After"] = str(RETRY_SECONDS)
    return response


def _envelope(error: SpacesError) -> tuple[int, str]:
    """By the error's class, else by the nearest class above: a filter that is not understood is invalid input."""
    return next((ENVELOPES[kind] for kind in type(error).__mro__ if kind in ENVELOPES), FAULT)


def camel(name: str) -> str:
    """``chat_upload`` as the wire spells it."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
