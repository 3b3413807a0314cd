"""What all dialects share: JSON whatever Accept says, and a table that tells OpenAPI of each operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.openapi import AutoSchema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request


class IgnoreAccept(BaseContentNegotiation):
    """Plain operations answer JSON whatever Accept says, as the vendors do."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


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
        return False  # a page is an object of its own
