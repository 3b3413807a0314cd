"""Every operation as the OpenAPI document tells it: one line each, so that the views stay plain."""

from __future__ import annotations

from spaces_project.api.operations import TableSchema

from . import answers
from .operation import EXPORT, ID, LIST, Operation, Query, one, page, query, rows
from .operations_chats import CHATS
from .operations_memories import MEMORIES
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
ALL = (*SPACES, *CHATS, *MEMORIES)
BY_NAME = {operation.name: operation for operation in ALL}


class OperationSchema(TableSchema):
    """Reads ALL."""

    table = BY_NAME
    ways_in = ("bearer", "apiKey")
