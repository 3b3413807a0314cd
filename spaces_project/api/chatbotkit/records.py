"""The records of ChatBotKit: which members a space and a contact have, rendered by the export engine."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet, Value
from django.db.models.functions import NullIf
from django.http import HttpResponse

from spaces.errors import NotFound
from spaces.models import Contact, Space
from spaces_project.api.pagination import sign_cursor
from spaces_project.kit.cursors import Position
from spaces_project.kit.exports import Column, Kind, Resource
from spaces_project.kit.ids import Prefix

ID = "id"
COMMON = (Column("name"), Column("description"))
TIMES = (Column("createdAt", "created_at", Kind.TIME), Column("updatedAt", "updated_at", Kind.TIME))
META = Column("meta", kind=Kind.JSON)
ALIAS = Column("alias")


class Record(Resource):
    """A row as this dialect spells it, with the dialect's own cursors. A CSV without rows is empty."""

    header_when_empty = False
    prefix: ClassVar[Prefix]
    columns: ClassVar[tuple[Column, ...]] = ()

    def __init__(self, account_id: Any) -> None:
        super().__init__()
        self.account_id = account_id

    def cursor(self, position: Position) -> str:
        return sign_cursor(self.account_id, position)


class SpaceExport(Record):
    """The columns of space/export, in the vendor's order."""

    prefix = Prefix.SPACE
    columns: ClassVar[tuple[Column, ...]] = (
        Column(ID, kind=Kind.WIRE_ID, prefix=Prefix.SPACE),
        *COMMON,
        Column("blueprintId", NullIf("blueprint_id", Value(""))),
        Column("contactId", "contact_id", Kind.WIRE_ID, Prefix.CONTACT),
        *TIMES,
        META,
    )

    class Meta:
        model = Space


class SpaceRecord(SpaceExport):
    """What fetch and list say of a space."""

    columns = (*SpaceExport.columns, ALIAS)


class ContactExport(Record):
    """The columns of contact/export."""

    prefix = Prefix.CONTACT
    columns: ClassVar[tuple[Column, ...]] = (
        Column(ID, kind=Kind.WIRE_ID, prefix=Prefix.CONTACT),
        *COMMON,
        Column("fingerprint"),
        Column("email"),
        Column("phone", kind=Kind.PHONE),
        Column("nick"),
        Column("preferences"),
        Column("verifiedAt", "verified_at", Kind.TIME),
        *TIMES,
        META,
    )

    class Meta:
        model = Contact


class ContactRecord(ContactExport):
    """What fetch and list say of a contact."""

    columns = (*ContactExport.columns, ALIAS)


def one(record: Record, rows: QuerySet[Any], missing: str) -> HttpResponse:
    """The only row of ``rows`` as JSON; raises NotFound with the sentence ``missing``."""
    lines = record.page(rows, take=1).lines
    if not lines:
        raise NotFound(missing)
    return HttpResponse(lines[0], content_type="application/json")
