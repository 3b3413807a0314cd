"""What all dialects share: how a request comes to its operation, and a table that tells OpenAPI of each of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.viewsets import ViewSet

from spaces.actors import Actor
from spaces.models import Account

from .body import read_object
from .errors import MethodNotAllowed

_JSON = JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class Response(HttpResponse):
    """``data`` as compact JSON, whatever Accept says, as the vendors do. None is no body."""

    def __init__(self, data: Any, status: int = 200) -> None:
        text = "" if data is None else _JSON.encode(data)
        text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")  # ends of lines, for some
        super().__init__(text.encode(), content_type="application/json", status=status)


class BaseOperations(ViewSet):
    """Base of the views: one method per operation, called with the plain request of an actor that is known.

    Only the map from methods to operations, and what the OpenAPI document is made of, are the framework's: its own
    requests, negotiation, parsers and renderers cost more than most operations.
    """

    request: Any  # a plain HttpRequest
    action: Any  # None for a method that no operation has
    actor: Actor
    other_methods: ClassVar[tuple[str, ...]] = ()  # answered besides those of the URL map

    def authenticate(self, request: HttpRequest) -> Actor:
        """Who sent this; raises what the dialect tells of who may not."""
        raise NotImplementedError

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Only the methods of the URL map: an operation called "delete" is not what HTTP's DELETE asks for."""
        self.request, self.action = request, self.action_map.get((request.method or "").lower())
        try:
            self.actor = self.authenticate(request)
            if self.action is None:
                raise MethodNotAllowed()
            response: HttpResponseBase = getattr(self, self.action)(request, *args, **kwargs)
        except Exception as error:
            response = self.handle_exception(error)
        if response.status_code == 405:
            response["Allow"] = ", ".join(method.upper() for method in (*self.action_map, *self.other_methods))
        return response

    @property
    def account(self) -> Account:
        """The key's account: keys always have one."""
        return self.actor.account  # type: ignore[return-value]

    def body(self, fields: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The members of the body that ``fields`` knows, checked, under the model's names."""
        return self.checked(fields, read_object(self.request))

    def checked(self, fields: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
        """As ``body``, of what was read already."""
        return dict(_checker(fields).run_validation(data))


@cache
def _checker(fields: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """One for all requests: it keeps nothing of what it checks, and making it copies every field."""
    kept: type[serializers.Serializer[Any]] = type(fields.__name__, (_Kept, fields), {})
    return kept()


class _Kept(serializers.Serializer[Any]):
    """Of a serializer that is used again and again: which fields it has is found out once."""

    @cached_property
    def _writable_fields(self) -> list[Any]:
        return [field for field in self.fields.values() if not field.read_only]


class TableSchema(AutoSchema):
    """Reads a dialect's ``table`` of operations, by the first word of the view's class and the name of its action.

    An operation has ``id``, ``summary``, ``query``, ``body`` and ``responses()``; ``ways_in`` names the security
    schemes.
    """

    table: ClassVar[Mapping[str, Any]]
    ways_in: ClassVar[tuple[str, ...]]

    @property
    def operation(self) -> Any:
        resource = type(self.view).__name__.removesuffix("Operations").lower()
        return self.table[f"{resource}.{self.view.action}"]  # type: ignore[attr-defined]

    def get_operation_id(self) -> str:
        return str(self.operation.id)

    def get_summary(self) -> str:
        return str(self.operation.summary)

    def get_description(self) -> str:  # type: ignore[override]
        return ""

    def get_auth(self) -> list[dict[str, list[str]]]:
        return [{name: []} for name in self.ways_in]

    def get_override_parameters(self) -> list[Any]:
        return list(self.operation.query)

    def get_request_serializer(self) -> Any:
        return self.operation.body

    def get_response_serializers(self) -> Any:
        return self.operation.responses()

    def get_filter_backends(self) -> list[Any]:
        return []

    def _is_list_view(self, serializer: Any = None) -> bool:
        return isinstance(serializer, serializers.ListSerializer)  # a page is an object of its own
