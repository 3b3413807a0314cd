"""The rows of spaces and contacts outside the database: what pages export and /admin/ exports and imports."""

from __future__ import annotations

from spaces_project.kit.exports import Column, Kind, Resource
from spaces_project.kit.ids import Prefix

from .models import Contact, Space


class SpaceResource(Resource):
    """One row per space. Its own dialects name the columns differently, in subclasses."""

    columns = (
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

    class Meta:
        model = Space


class ContactResource(Resource):
    """One row per contact."""

    columns = (
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

    class Meta:
        model = Contact
