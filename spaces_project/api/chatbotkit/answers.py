"""What answers look like, for the OpenAPI document only: the export engine writes them, see records.py."""

from __future__ import annotations

from functools import cache
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

ANY_OBJECT = {"type": "object", "additionalProperties": True}


@extend_schema_field(ANY_OBJECT)
class FreeObject(serializers.Field):  # type: ignore[type-arg]
    """Free JSON."""


class Identifier(serializers.Serializer[Any]):
    """What a writing operation answers."""

    id = serializers.CharField()


class Failure(serializers.Serializer[Any]):
    """Every error. Clients go by ``code``."""

    message = serializers.CharField()
    code = serializers.CharField()


class Base(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    alias = serializers.CharField(allow_null=True)
    meta = FreeObject()
    createdAt = serializers.DateTimeField()  # noqa: N815 (the wire's names, here and below)
    updatedAt = serializers.DateTimeField()  # noqa: N815


class Space(Base):
    """A space. ``contactId`` and ``blueprintId`` are null when unset."""

    contactId = serializers.CharField(allow_null=True)  # noqa: N815
    blueprintId = serializers.CharField(allow_null=True)  # noqa: N815


class Contact(Base):
    """A contact of the account."""

    fingerprint = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField()
    nick = serializers.CharField()
    preferences = serializers.CharField()
    verifiedAt = serializers.DateTimeField(allow_null=True)  # noqa: N815


class ExportedSpace(Space):
    """As Space, without ``alias``: the vendor's columns."""

    alias = None  # type: ignore[assignment]


class ExportedContact(Contact):
    """As Contact, without ``alias``."""

    alias = None  # type: ignore[assignment]


@cache
def page_of(record: type[serializers.Serializer[Any]]) -> type[serializers.Serializer[Any]]:
    """``{"items", "cursor"}``: the cursor is empty at the end."""
    fields = {
        "items": record(many=True),
        "cursor": serializers.CharField(allow_blank=True),
        "__doc__": "One page. The cursor is the empty text at the end.",
    }
    return type(f"{record.__name__}Page", (serializers.Serializer,), fields)
