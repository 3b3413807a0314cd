"""What every ChatBotKit operation does around its own work: authenticate, read the body, answer errors."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from spaces.actors import Actor
from spaces.errors import NotFound
from spaces.models import Account
from spaces_project.api.auth import api_actor
from spaces_project.api.body import read_object, read_query
from spaces_project.api.errors import domain_error, note
from spaces_project.api.operations import IgnoreAccept

from .errors import camel, error_response
from .operations import OperationSchema

ACT_AS_HEADER = "x-runas-user-id"


class KeyAuthentication(BaseAuthentication):
    """An API key; ``request.user`` is the user whose rights apply, ``request.auth`` the actor. A session's token opens
    what the view says in ``session_actions``."""

    def authenticate(self, request: Request) -> tuple[Any, Actor]:
        view: Any = request.parser_context["view"]
        sessions = view.action in view.session_actions
        actor = api_actor(request._request, request.headers.get(ACT_AS_HEADER), sessions=sessions)
        return actor.user, actor

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class Operations(ViewSet):
    """Base of the views; one method per operation, named as the vendor names it."""

    authentication_classes = [KeyAuthentication]
    content_negotiation_class = IgnoreAccept
    renderer_classes = [JSONRenderer]
    schema = OperationSchema()
    session_actions: ClassVar[frozenset[str]] = frozenset()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """HEAD is an empty 200 and OPTIONS an empty object on every known route, as the vendor does."""
        if request.method == "HEAD":
            return HttpResponse(content_type="application/json")
        if request.method == "OPTIONS":
            return JsonResponse({})
        # an operation called "delete" is not what HTTP's DELETE asks for
        self.http_method_names = [*self.action_map, "options"]
        return super().dispatch(request, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        error = domain_error(exc, camel)
        note(error, exc, self.request._request.request_id)  # type: ignore[attr-defined]
        return error_response(error)

    @property
    def actor(self) -> Actor:
        return self.request.auth  # type: ignore[return-value]

    @property
    def account(self) -> Account:
        """The key's account: keys always have one."""
        return self.actor.account  # type: ignore[return-value]

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """The query string: each name with its values."""
        return read_query(self.request._request)

    def member(self, name: str) -> str | None:
        """The last value of one name in the query string."""
        return self.query.get(name, [None])[-1]

    def body(self, fields: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The members of the body that ``fields`` knows, checked, under the model's names."""
        checked = fields(data=read_object(self.request._request))
        checked.is_valid(raise_exception=True)
        return dict(checked.validated_data)


def only_id(thing: Any) -> Response:
    """``{"id"}``: what every writing operation answers."""
    return Response({"id": thing.wire_id})


@csrf_exempt
def unknown_route(request: HttpRequest) -> HttpResponse:
    """Every path of /api that nothing else answers."""
    return error_response(NotFound())
