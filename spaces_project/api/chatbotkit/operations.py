"""Every operation as the OpenAPI document tells it: one line each, so that the views stay plain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from spaces_project.kit import limits

from . import answers
from .errors import ENVELOPES
from .serializers import ContactFields, SpaceFields

Serializer = type[serializers.Serializer[Any]]
Query = tuple[OpenApiParameter, ...]
CODES: dict[int, str] = dict(ENVELOPES.values())
EVERYWHERE = (400, 401, 403, 405, 413, 415, 500, 503)


@dataclass(frozen=True)
class Operation:
    """``name`` is the view's resource and action; ``answers`` maps media types to what comes with 200; ``fails`` adds
    to the statuses of EVERYWHERE."""

    name: str
    id: str
    summary: str
    answers: dict[str, Any]
    body: Serializer | None = None
    query: Query = ()
    fails: tuple[int, ...] = ()

    def responses(self) -> dict[Any, Any]:
        failures = {
            status: OpenApiResponse(answers.Failure, description=f"`{CODES[status]}`")
            for status in sorted({*EVERYWHERE, *self.fails})
        }
        return {**{(200, kind): shape for kind, shape in self.answers.items()}, **failures}


def _query(name: str, description: str, type: Any = str, **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, type, OpenApiParameter.QUERY, description=description, **more)


COMMON = (
    _query("cursor", "The `cursor` of the page before, or the id of its last item."),
    _query("order", "By time of creation; anything else than `asc` is `desc`.", enum=["asc", "desc"]),
    _query(
        "meta",
        f"`meta.key=value` or `meta[key]=value`, at most {limits.META_FILTERS}; all must hold.",
        OpenApiTypes.OBJECT,
        style="deepObject",
        explode=True,
    ),
)
LIST: Query = (*COMMON, _query("take", f"1 to {limits.PAGE_TAKE}; as JSONL the most rows in all.", int))
EXPORT: Query = (
    *COMMON,
    _query("take", "The most rows in all; everything when absent.", int),
    _query("raw", "`1`: leave cells that spreadsheets run as formulas as they are."),
)
OF_SPACES: Query = (
    _query("contactId", "Only spaces of these contacts (comma list of ids or `@alias`)."),
    _query("blueprintId", "Only spaces with these blueprint ids (comma list)."),
)
ID = {"application/json": answers.Identifier}


def _page(record: Serializer) -> dict[str, Any]:
    return {"application/json": answers.page_of(record), "application/jsonl": OpenApiTypes.STR}


def _rows(record: Serializer) -> dict[str, Any]:
    return {**_page(record), "text/csv": OpenApiTypes.STR}


def _one(record: Serializer) -> dict[str, Any]:
    return {"application/json": record}


Space, Contact = answers.Space, answers.Contact
ALL = (
    Operation("space.create", "createSpace", "Create a space", ID, SpaceFields, fails=(404, 409)),
    Operation("space.fetch", "fetchSpace", "Fetch a space", _one(Space), fails=(404,)),
    Operation("space.update", "updateSpace", "Change a space; meta is merged", ID, SpaceFields, fails=(404, 409)),
    Operation("space.delete", "deleteSpace", "Delete a space and everything in it", ID, fails=(404, 409)),
    Operation("space.list", "listSpace", "List spaces", _page(Space), query=LIST + OF_SPACES),
    Operation("space.export", "exportSpace", "Export spaces", _rows(answers.ExportedSpace), query=EXPORT + OF_SPACES),
    Operation(
        "contact.create",
        "createContact",
        "Create a contact, or find it by its fingerprint",
        ID,
        ContactFields,
        fails=(409,),
    ),
    Operation("contact.ensure", "ensureContact", "Make sure that a contact exists", ID, ContactFields, fails=(409,)),
    Operation("contact.fetch", "fetchContact", "Fetch a contact", _one(Contact), fails=(404,)),
    Operation(
        "contact.update", "updateContact", "Change a contact; meta is merged", ID, ContactFields, fails=(404, 409)
    ),
    Operation("contact.delete", "deleteContact", "Delete a contact; its spaces stay", ID, fails=(404,)),
    Operation("contact.list", "listContact", "List contacts", _page(Contact), query=LIST),
    Operation("contact.export", "exportContact", "Export contacts", _rows(answers.ExportedContact), query=EXPORT),
    Operation(
        "contact.list_spaces",
        "listContactSpaces",
        "List the spaces of a contact",
        _page(Space),
        query=LIST + OF_SPACES,
        fails=(404,),
    ),
)
BY_NAME = {operation.name: operation for operation in ALL}


class OperationSchema(AutoSchema):
    """Reads ALL, by the name of the view's action and the first word of its class."""

    @property
    def operation(self) -> Operation:
        resource = type(self.view).__name__.removesuffix("Operations").lower()
        return BY_NAME[f"{resource}.{self.view.action}"]  # type: ignore[attr-defined]

    def get_operation_id(self) -> str:
        return self.operation.id

    def get_summary(self) -> str:
        return self.operation.summary

    def get_description(self) -> str:  # type: ignore[override]
        return ""

    def get_auth(self) -> list[dict[str, list[str]]]:
        return [{"bearer": []}, {"apiKey": []}]

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
