"""Domain errors as ChatBotKit says them: ``{"message", "code"}`` with a status; clients see only the code."""

from __future__ import annotations

from django.http import HttpResponse

from chats.watching import TooManyStreams
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
    MethodNotAllowed,
    ServerFault,
    Unavailable,
    Unimplemented,
    UnsupportedMediaType,
    nearest,
    told,
)


class Unfinished(SpacesError):
    """Waited long enough. Clients do not repeat a 408, so nothing is asked twice."""

    message = "The answer is not finished yet. It goes on being written: list the messages later."


class AnswerFailed(SpacesError):
    """No answer, and why. Clients do not repeat a 422, so nothing is asked twice."""

    message = "There is no answer."


ENVELOPES: dict[type[SpacesError], tuple[int, str]] = {
    InvalidInput: (400, "BAD_REQUEST"),
    NotAuthenticated: (401, "NOT_AUTHENTICATED"),
    NotAllowed: (403, "NOT_AUTHORIZED"),
    NotFound: (404, "NOT_FOUND"),
    MethodNotAllowed: (405, "METHOD_NOT_ALLOWED"),
    Conflict: (409, "CONFLICT"),
    AlreadyExists: (409, "CONFLICT"),
    TooLarge: (413, "CONTENT_TOO_LARGE"),
    UnsupportedMediaType: (415, "UNSUPPORTED_MEDIA_TYPE"),
    ServerFault: (500, "INTERNAL_SERVER_ERROR"),
    Unimplemented: (501, "NOT_IMPLEMENTED"),
    Unavailable: (503, "SERVICE_UNAVAILABLE"),
    TooManyStreams: (503, "SERVICE_UNAVAILABLE"),
    Unfinished: (408, "TIMEOUT"),
    AnswerFailed: (422, "UNPROCESSABLE_ENTITY"),
}
FAULT = (500, "INTERNAL_SERVER_ERROR")


def envelope(error: SpacesError) -> tuple[int, str, str]:
    """Status, code and message of ``error``; of a fault of ours nothing more is told."""
    status, code = nearest(ENVELOPES, error, FAULT)
    return status, code, str(error) if status != FAULT[0] else ServerFault.message


def error_response(error: SpacesError) -> HttpResponse:
    """The answer to ``error``."""
    status, code, message = envelope(error)
    return told(error, {"message": message, "code": code}, status)
