"""Around every request of a dialect: what it needs of the framework, and no error that is not in the dialect's form.

The requests of programs end here: they have no session, no form and no page, so the middleware of those, which stands
behind this one, would only cost them time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.http import HttpResponse
from django.middleware.security import SecurityMiddleware
from django.urls import ResolverMatch, resolve

from spaces.errors import InvalidInput, SpacesError

from .body import buffered, check_query
from .dialects import Dialect, dialect_of
from .errors import BY_STATUS, ServerFault, domain_error, note

View = Callable[[Any], HttpResponse]
HEADERS = {  # besides those of SecurityMiddleware
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "private, no-store",  # where an answer does not say it better
}
WITHOUT_BODY = (204, 304)  # a length of theirs would be taken for that of what is meant (RFC 9110, 8.6)


class DialectMiddleware:
    """Also tells what Django itself finds wrong (a bad host, no route) in the dialect's words."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response
        self.security = SecurityMiddleware(get_response)
        self.common: dict[bool, Any] = {}

    def __call__(self, request: Any) -> HttpResponse:
        dialect = dialect_of(request.path_info)
        if dialect is None:
            return self.get_response(request)
        try:
            response = _answered(request, dialect)
        except Exception as error:
            meant = domain_error(error)
            note(meant, error, request.request_id)
            response = dialect.respond(meant)
        if response.status_code >= 400 and not getattr(response, "is_dialect", False):
            response = dialect.respond(_of_status(response.status_code)())
        return self._secured(request, response)

    def _secured(self, request: Any, response: HttpResponse) -> HttpResponse:
        """With what every answer has. One by one, as Django sets headers, these took a twentieth of a request."""
        is_secure = request.is_secure()
        if is_secure not in self.common:
            made = self.security.process_response(request, HttpResponse(headers=HEADERS)).headers
            del made["Content-Type"]
            self.common[is_secure] = made._store
        response.headers._store = self.common[is_secure] | response.headers._store
        if not response.streaming and response.status_code not in WITHOUT_BODY:
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response


def _answered(request: Any, dialect: Dialect) -> HttpResponse:
    """What the operation at this path answers. Raises whatever it raises."""
    request.get_host()  # refuses those that are not ALLOWED_HOSTS
    check_query(request)
    with buffered(request, dialect.body_bytes(request)):
        request.resolver_match = view, args, kwargs = _operation(request.path_info)
        response: HttpResponse = view(request, *args, **kwargs)
        return response.render() if hasattr(response, "render") else response


@lru_cache(maxsize=1024)
def _operation(path: str) -> ResolverMatch:
    """The view of this path and what it is called with: programs come back to few paths, and there are many routes."""
    return resolve(path)


def _of_status(status: int) -> type[SpacesError]:
    return BY_STATUS.get(status, ServerFault if status >= 500 else InvalidInput)
