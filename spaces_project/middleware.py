"""What every request gets: an id, the caller's address and, with a session, its actor and account. What HEAD gets."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from spaces.actors import Actor
from spaces_project.kit.ids import new_id

View = Callable[[HttpRequest], HttpResponse]
_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")


class HeadMiddleware:
    """HEAD has the headers of GET and no body (RFC 9110, 9.3.2): what GET would stream is never begun."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response: Any = self.get_response(request)
        if request.method != "HEAD":
            return response  # type: ignore[no-any-return]
        if response.streaming:
            response.streaming_content = ()  # what was there is closed with the response
        elif response.content:
            response.setdefault("Content-Length", str(len(response.content)))
            response.content = b""
        return response  # type: ignore[no-any-return]


class RequestContextMiddleware:
    """Sets ``request.request_id`` (kept from the proxy when it looks like one) and ``request.address``."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request.request_id = given if _REQUEST_ID.match(given) else new_id().hex
        request.address = request.META.get("REMOTE_ADDR") or None
        response = self.get_response(request)
        response["X-Request-Id"] = request.request_id
        return response


class ActorMiddleware:
    """Sets ``request.actor`` and ``request.account`` of a session; looked up only when used."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: session_actor(request))
        request.account = SimpleLazyObject(lambda: request.actor.account)
        return self.get_response(request)


def session_actor(request: Any) -> Actor:
    """The actor of a signed-in user; needs a sign-in (views use ``login_required``)."""
    return Actor(
        account=request.user.account,
        user=request.user,
        address=request.address,
        request_id=request.request_id,
    )
