"""Every operation as the OpenAPI document tells it: one line each, so that the views stay plain."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema

from . import answers
from .operation import EXPORT, ID, LIST, Operation, Query, one, page, query, rows
from .operations_chats import CHATS
from .serializers import ContactFields, SpaceFields

OF_SPACES: Query = (
    query("contactId", "Only spaces of these contacts (comma list of ids or `@alias`)."),
    query("blueprintId", "Only spaces with these blueprint ids (comma list)."),
)
Space, Contact = answers.Space, answers.Contact
SPACES = (
    Operation("space.create", "createSpace", "Create a space", ID, SpaceFields, fails=(404, 409)),
    Operation("space.fetch", "fetchSpace", "Fetch a space", one(Space), fails=(404,)),
    Operation("space.update", "updateSpace", "Change a space; meta is merged", ID, SpaceFields, fails=(404, 409)),
    Operation("space.delete", "deleteSpace", "Delete a space and everything in it", ID, fails=(404, 409)),
    Operation("space.list", "listSpace", "List spaces", page(Space), query=LIST + OF_SPACES),
    Operation("space.export", "exportSpace", "Export spaces", rows(answers.ExportedSpace), query=EXPORT + OF_SPACES),
    Operation(
        "contact.create",
        "createContact",
        "Create a contact, or find it by its fingerprint",
        ID,
        ContactFields,
        fails=(409,),
    ),
    Operation("contact.ensure", "ensureContact", "Make sure that a contact exists", ID, ContactFields, fails=(409,)),
    Operation("contact.fetch", "fetchContact", "Fetch a contact", one(Contact), fails=(404,)),
    Operation(
        "contact.update", "updateContact", "Change a contact; meta is merged", ID, ContactFields, fails=(404, 409)
    ),
    Operation("contact.delete", "deleteContact", "Delete a contact; its spaces stay", ID, fails=(404,)),
    Operation("contact.list", "listContact", "List contacts", page(Contact), query=LIST),
    Operation("contact.export", "exportContact", "Export contacts", rows(answers.ExportedContact), query=EXPORT),
    Operation(
        "contact.list_spaces",
        "listContactSpaces",
        "List the spaces of a contact",
        page(Space),
        query=LIST + OF_SPACES,
        fails=(404,),
    ),
)
ALL = (*SPACES, *CHATS)
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
