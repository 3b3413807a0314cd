"""What requests may say; unknown members are ignored.

The rules about lengths, aliases, meta and the like are the models'; here are only names and types.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from .fields import Alias, MetaObject, Text, Time, line


class ContactFields(serializers.Serializer[Any]):
    """The body of contact/create, ensure and update."""

    name = line()
    description = Text()
    alias = Alias()
    meta = MetaObject()
    fingerprint = Text()
    email = Text()
    phone = Text()
    nick = Text()
    preferences = Text()
    verifiedAt = Time(source="verified_at")  # noqa: N815 (the wire's name)


@extend_schema_field({"oneOf": [{"type": "string"}, {"$ref": "#/components/schemas/ContactFields"}]})
class ContactReference(serializers.Field):  # type: ignore[type-arg]
    """An id, ``@alias``, null, or a contact's own members: then it is made unless it exists."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "allow_null": True, **kwargs})

    def to_internal_value(self, data: Any) -> str | dict[str, Any]:
        if isinstance(data, str):
            return data
        if not isinstance(data, dict):
            raise serializers.ValidationError("Must be an id or an object.")
        fields = ContactFields(data=data)
        fields.is_valid(raise_exception=True)
        return dict(fields.validated_data)


class SpaceFields(serializers.Serializer[Any]):
    """The body of space/create and update."""

    name = line()
    description = Text()
    alias = Alias()
    meta = MetaObject()
    contactId = ContactReference(source="contact")  # noqa: N815
    blueprintId = Text(source="blueprint_id")  # noqa: N815


class Nothing(serializers.Serializer[Any]):
    """The body of operations that need nothing said."""
