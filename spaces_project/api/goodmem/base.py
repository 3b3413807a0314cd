"""What every GoodMem operation does around its own work: authenticate, read the body and the query, answer errors."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from spaces.actors import Actor
from spaces.errors import NotAuthenticated, NotFound
from spaces.permissions import require
from spaces_project.api.auth import api_actor, token_of
from spaces_project.api.body import read_query
from spaces_project.api.errors import camel, note
from spaces_project.api.operations import BaseOperations

from .errors import error_response, understood
from .operations import OperationSchema
from .query import Query


class Operations(BaseOperations):
    """Base of the views; one method per operation.

    ``open_to_all`` names those that answer without a key; a key that is wrong is refused there as well. ``spelled`` are
    the fields of models that the wire calls differently than in camel case.
    """

    schema = OperationSchema()
    open_to_all: ClassVar[frozenset[str]] = frozenset()
    spelled: ClassVar[Mapping[str, str]] = {}
    known: Actor | None = None  # whose key it is; nobody's where there is none

    def authenticate(self, request: HttpRequest) -> Actor:
        """No slash of a path is part of an id, also when it comes as %2F."""
        if token_of(request) is not None:
            self.known = api_actor(request)
        path = request.META.get("RAW_URI", "").partition("?")[0].lower()
        if "%2f" in path and any(name.endswith("_id") for name in self.kwargs):
            raise NotFound("No such route")
        if self.known is None and self.action not in {None, *self.open_to_all}:  # None: no such method
            raise NotAuthenticated()
        return self.known  # type: ignore[return-value]  # the operations that are open to all ask for ``reader``

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """``Request-Id`` is where the vendor's clients look for what the log calls the request."""
        response = super().dispatch(request, *args, **kwargs)
        response["Request-Id"] = self.request.request_id
        return response

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        error = understood(exc, self.spell)
        if isinstance(error, NotFound) and self.known is None:
            error = NotAuthenticated()  # a key might open it
        note(error, exc, self.request.request_id)
        return error_response(error)

    def spell(self, name: str) -> str:
        return self.spelled.get(name) or camel(name)

    @property
    def reader(self) -> Actor | None:
        """Who reads: None for anybody without a key. A key that may not read raises NotAllowed."""
        if self.known is not None:
            require(self.known, "space.list")
        return self.known

    @cached_property
    def query(self) -> Query:
        """The query string."""
        return Query(read_query(self.request))


def nothing() -> HttpResponse:
    """204: what was there is gone."""
    response = HttpResponse(status=204)
    del response["Content-Type"]
    return response


@csrf_exempt
def unknown_route(request: HttpRequest) -> HttpResponse:
    """Every path of /v1 that nothing else answers."""
    return error_response(NotFound("No such route"))
