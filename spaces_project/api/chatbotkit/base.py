"""What every ChatBotKit operation does around its own work: authenticate, read the body, answer errors."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from spaces.actors import Actor
from spaces.errors import NotFound
from spaces_project.api.auth import api_actor
from spaces_project.api.body import read_query
from spaces_project.api.errors import camel, domain_error, note
from spaces_project.api.operations import BaseOperations, Response

from .errors import error_response
from .operations import OperationSchema

ACT_AS_HEADER = "HTTP_X_RUNAS_USER_ID"


class Operations(BaseOperations):
    """Base of the views; one method per operation, named as the vendor names it.

    The token of a session opens the ``session_actions``.
    """

    schema = OperationSchema()
    other_methods = ("options",)
    session_actions: ClassVar[frozenset[str]] = frozenset()

    def authenticate(self, request: HttpRequest) -> Actor:
        sessions = self.action in self.session_actions
        return api_actor(request, request.META.get(ACT_AS_HEADER), sessions=sessions)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """HEAD is an empty 200 and OPTIONS an empty object on every known route, as the vendor does; but HEAD of an
        export tells what its GET would."""
        if request.method == "HEAD" and self.action_map.get("get") != "export":
            return HttpResponse(content_type="application/json")
        if request.method == "OPTIONS":
            return JsonResponse({})
        return super().dispatch(request, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        error = domain_error(exc, camel)
        note(error, exc, self.request.request_id)
        return error_response(error)

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """The query string: each name with its values."""
        return read_query(self.request)

    def member(self, name: str) -> str | None:
        """The last value of one name in the query string."""
        return self.query.get(name, [None])[-1]


def only_id(thing: Any) -> Response:
    """``{"id"}``: what every writing operation answers."""
    return Response({"id": thing.wire_id})


@csrf_exempt
def unknown_route(request: HttpRequest) -> HttpResponse:
    """Every path of /api that nothing else answers."""
    return error_response(NotFound())
