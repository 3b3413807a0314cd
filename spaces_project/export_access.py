"""Who downloads: a person with a session, a program with an API key, or a spreadsheet with a signed link.

The addresses ``…/export.<format>`` take the first two (``with_actor``); a link names one of these addresses and
runs it with its maker's right to read.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from spaces.errors import NotAuthenticated
from spaces.requests import SpacesRequest
from spaces_project.api.auth import api_actor

View = Callable[..., HttpResponseBase]


def with_actor(view: View) -> View:
    """Decorator: ``request.actor`` is the key's, when there is one, else the session's. Nobody goes to the sign-in.

    A key that does not open anything is 401 and never falls back to the session.
    """

    @wraps(view)
    def inner(request: SpacesRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "authorization" in request.headers or "x-api-key" in request.headers:
            return _with_key(view, request, *args, **kwargs)
        person: Any = request.user
        if not person.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if person.is_superuser:
            return redirect("admin:index")
        return view(request, *args, **kwargs)

    return inner


def _with_key(view: View, request: SpacesRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    try:
        api_actor(request)
    except NotAuthenticated as error:
        response = HttpResponse(f"{error}\n", content_type="text/plain; charset=utf-8", status=HTTPStatus.UNAUTHORIZED)
        response["WWW-Authenticate"] = "Bearer"
        return response
    return view(request, *args, **kwargs)
