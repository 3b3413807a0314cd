"""Domain errors as Unique says them: ``{"error": {"message", "code", "params"}}`` with a status.

The vendor's client repeats every 5xx three times unless ``params.retryable`` is false, so only what may succeed when it
is sent again is a 5xx with ``retryable: true``; what this product does not have is a 404.
"""

from __future__ import annotations

from django.http import HttpResponse

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
    ServerFault,
    Unavailable,
    Unimplemented,
    UnsupportedMediaType,
    nearest,
    told,
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
    FailedPrecondition: (412, "PRECONDITION_FAILED"),
    TooLarge: (413, "PAYLOAD_TOO_LARGE"),
    UnsupportedMediaType: (415, "UNSUPPORTED_MEDIA_TYPE"),
    RangeNotSatisfiable: (416, "RANGE_NOT_SATISFIABLE"),
    ServerFault: (500, "INTERNAL_SERVER_ERROR"),
    Unavailable: (503, "SERVICE_UNAVAILABLE"),
}
FAULT = (500, "INTERNAL_SERVER_ERROR")


def error_response(error: SpacesError) -> HttpResponse:
    """The answer to ``error``."""
    status, code = nearest(ENVELOPES, error, FAULT)
    message = str(error) if status != FAULT[0] else ServerFault.message
    params = {"retryable": isinstance(error, Unavailable)}
    return told(error, {"error": {"message": message, "code": code, "params": params}}, status)
