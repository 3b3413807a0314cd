"""Around every request of a dialect: read its body, and let no error out that is not in the dialect's form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse

from spaces.errors import InvalidInput, SpacesError

from .body import buffer_body, check_query
from .dialects import dialect_of
from .errors import BY_STATUS, ServerFault, domain_error, note

View = Callable[[Any], HttpResponse]


class DialectMiddleware:
    """Also turns what Django itself answers (bad host, no route, a fault outside the views) into JSON."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        dialect = dialect_of(request.path_info)
        if dialect is None:
            return self.get_response(request)
        try:
            check_query(request)
            buffer_body(request, dialect.body_bytes(request))
        except SpacesError as error:
            return dialect.respond(error)
        response = self.get_response(request)
        if response.status_code < 400 or getattr(response, "is_dialect", False):
            return response
        return dialect.respond(_of_status(response.status_code)())

    def process_exception(self, request: Any, exception: Exception) -> HttpResponse | None:
        """What a view outside the framework raised."""
        dialect = dialect_of(request.path_info)
        if dialect is None:
            return None
        error = domain_error(exception)
        note(error, exception, request.request_id)
        return dialect.respond(error)


def _of_status(status: int) -> type[SpacesError]:
    return BY_STATUS.get(status, ServerFault if status >= 500 else InvalidInput)
