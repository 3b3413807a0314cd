"""The rows of spaces and contacts outside the database: what pages export and /admin/ exports and imports."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import TextField
from django.db.models.functions import Cast
from import_export.fields import Field

from spaces_project.kit.exports import Column, Kind, Resource
from spaces_project.kit.exports.widgets import BoolWidget, ObjectWidget, TextWidget, TimeWidget, WireIdWidget
from spaces_project.kit.ids import Prefix

from .errors import AlreadyExists
from .imports import ContactWidget, ImportedResource, OwnerWidget
from .models import AuditEntry, Contact, Space


def _text(name: str, empty: str | None = "") -> Field:
    return Field(name, name, widget=TextWidget(empty))


class SpaceResource(ImportedResource):
    """One row per space. A dialect names the columns its own way."""

    prefix = Prefix.SPACE
    columns: ClassVar[tuple[Column, ...]] = (
        Column("id", kind=Kind.WIRE_ID, prefix=Prefix.SPACE),
        Column("name"),
        Column("description"),
        Column("alias"),
        Column("owner", "owner__username"),
        Column("contact", "contact_id", Kind.WIRE_ID, Prefix.CONTACT),
        Column("labels", kind=Kind.JSON),
        Column("meta", kind=Kind.JSON),
        Column("public_read", kind=Kind.BOOL),
        Column("is_archived", kind=Kind.BOOL),
        Column("created_at", kind=Kind.TIME),
        Column("updated_at", kind=Kind.TIME),
    )
    id = Field("id", "id", widget=WireIdWidget(Prefix.SPACE), readonly=True)
    name = _text("name")
    description = _text("description")
    alias = _text("alias", None)
    owner = Field("owner", "owner", widget=OwnerWidget())
    contact = Field("contact", "contact", widget=ContactWidget())
    labels = Field("labels", "labels", widget=ObjectWidget())
    meta = Field("meta", "meta", widget=ObjectWidget())
    public_read = Field("public_read", "public_read", widget=BoolWidget())
    is_archived = Field("is_archived", "is_archived", widget=BoolWidget())

    class Meta:
        model = Space
        fields = (
            *("id", "name", "description", "alias", "owner", "contact", "labels", "meta"),
            *("public_read", "is_archived"),
        )
        clean_model_instances = True
        skip_unchanged = report_skipped = True

    def rows(self) -> Any:
        return super().rows().listed()

    def create(self, values: dict[str, Any]) -> Space:
        return Space.create(self.by, self.account, **values)


class ContactResource(ImportedResource):
    """One row per contact."""

    prefix = Prefix.CONTACT
    columns: ClassVar[tuple[Column, ...]] = (
        Column("id", kind=Kind.WIRE_ID, prefix=Prefix.CONTACT),
        Column("name"),
        Column("email"),
        Column("phone", kind=Kind.PHONE),
        Column("nick"),
        Column("description"),
        Column("alias"),
        Column("fingerprint"),
        Column("preferences"),
        Column("verified_at", kind=Kind.TIME),
        Column("meta", kind=Kind.JSON),
        Column("created_at", kind=Kind.TIME),
        Column("updated_at", kind=Kind.TIME),
    )
    id = Field("id", "id", widget=WireIdWidget(Prefix.CONTACT), readonly=True)
    name = _text("name")
    email = _text("email")
    phone = _text("phone")
    nick = _text("nick")
    description = _text("description")
    alias = _text("alias", None)
    fingerprint = Field("fingerprint", "fingerprint", widget=TextWidget(None), saves_null_values=False)
    preferences = _text("preferences")
    verified_at = Field("verified_at", "verified_at", widget=TimeWidget())
    meta = Field("meta", "meta", widget=ObjectWidget())

    class Meta:
        model = Contact
        fields = (
            *("id", "name", "email", "phone", "nick", "description", "alias", "fingerprint"),
            *("preferences", "verified_at", "meta"),
        )
        clean_model_instances = True
        skip_unchanged = report_skipped = True

    def create(self, values: dict[str, Any]) -> Contact:
        """A new contact; a fingerprint that is taken is an error, not that contact."""
        contact, is_new = Contact.create(self.by, self.account, **values)
        if not is_new:
            raise AlreadyExists("Another contact has this fingerprint.")
        return contact


class AuditResource(Resource):
    """One row per audit entry; only out, never in."""

    columns: ClassVar[tuple[Column, ...]] = (
        Column("id", kind=Kind.UUID),
        Column("time", "created_at", Kind.TIME),
        Column("actor", "actor_name"),
        Column("actor_id", kind=Kind.UUID),
        Column("api_key_id", kind=Kind.UUID),
        Column("address", Cast("address", TextField())),
        Column("request_id"),
        Column("operation"),
        Column("object_type"),
        Column("object_id", kind=Kind.UUID),
        Column("object_name"),
        Column("changes", kind=Kind.JSON),
    )

    class Meta:
        model = AuditEntry
