"""What every GoodMem operation does around its own work: authenticate, read the body and the query, answer errors."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.viewsets import ViewSet

from spaces.actors import Actor
from spaces.errors import NotAuthenticated, NotFound
from spaces.models import Account
from spaces.permissions import require
from spaces_project.api.auth import api_actor, token_of
from spaces_project.api.body import read_object, read_query
from spaces_project.api.errors import camel, note
from spaces_project.api.operations import IgnoreAccept

from .errors import error_response, understood
from .operations import OperationSchema
from .query import Query


class KeyAuthentication(BaseAuthentication):
    """An API key in ``x-api-key`` (or as a Bearer token). None without any: views say where that is enough."""

    def authenticate(self, request: Request) -> tuple[Any, Actor] | None:
        if token_of(request._request) is None:
            return None
        actor = api_actor(request._request)
        return actor.user, actor

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class Operations(ViewSet):
    """Base of the views; one method per operation.

    ``open_to_all`` names those that answer without a key; a key that is wrong is refused there as well. ``spelled`` are
    the fields of models that the wire calls differently than in camel case.
    """

    authentication_classes = [KeyAuthentication]
    content_negotiation_class = IgnoreAccept
    renderer_classes = [JSONRenderer]
    schema = OperationSchema()
    open_to_all: ClassVar[frozenset[str]] = frozenset()
    spelled: ClassVar[Mapping[str, str]] = {}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Only the methods of the URL map: an operation called "delete" is not what HTTP's DELETE asks for."""
        self.http_method_names = list(self.action_map)
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """No slash of a path is part of an id, also when it comes as %2F."""
        super().initial(request, *args, **kwargs)
        path = request._request.META.get("RAW_URI", "").partition("?")[0].lower()
        if "%2f" in path and any(name.endswith("_id") for name in kwargs):
            raise NotFound("No such route")
        if request.auth is None and self.action not in {None, *self.open_to_all}:  # None: no such method
            raise NotAuthenticated()

    def handle_exception(self, exc: Exception) -> HttpResponse:  # type: ignore[override]
        error = understood(exc, self.spell)
        if isinstance(error, NotFound) and getattr(self.request, "auth", None) is None:
            error = NotAuthenticated()  # a key might open it
        note(error, exc, self.request._request.request_id)  # type: ignore[attr-defined]
        return error_response(error)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response["Request-Id"] = request._request.request_id
        return super().finalize_response(request, response, *args, **kwargs)

    def spell(self, name: str) -> str:
        return self.spelled.get(name) or camel(name)

    @property
    def actor(self) -> Actor:
        return self.request.auth  # type: ignore[return-value]

    @property
    def reader(self) -> Actor | None:
        """Who reads: None for anybody without a key. A key that may not read raises NotAllowed."""
        if self.request.auth is not None:
            require(self.actor, "space.list")
        return self.request.auth  # type: ignore[return-value]

    @property
    def account(self) -> Account:
        """The key's account: keys always have one."""
        return self.actor.account  # type: ignore[return-value]

    @cached_property
    def query(self) -> Query:
        """The query string."""
        return Query(read_query(self.request._request))

    def body(self, fields: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The members of the body, checked, under the model's names; null ones are absent, unknown ones refused."""
        return self.checked(fields, read_object(self.request._request))

    def checked(self, fields: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
        """As ``body``, of an object that was read already."""
        checked = fields(data=data)
        checked.is_valid(raise_exception=True)
        return dict(checked.validated_data)


@csrf_exempt
def unknown_route(request: HttpRequest) -> HttpResponse:
    """Every path of /v1 that nothing else answers."""
    return error_response(NotFound("No such route"))
