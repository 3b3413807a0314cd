"""What answers look like, for the OpenAPI document only: records*.py make them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

Shape = type[serializers.Serializer[Any]]


@extend_schema_field({"type": "object", "additionalProperties": True})
class Free(serializers.Field):  # type: ignore[type-arg]
    """Free JSON: an object."""


@extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
class LabelMap(serializers.Field):  # type: ignore[type-arg]
    """A map of texts to texts."""


def shape(name: str, about: str, /, **members: Any) -> Shape:
    """A serializer that describes an object with these members."""
    return type(name, (serializers.Serializer,), {**members, "__doc__": about})


def text() -> Any:
    return serializers.CharField()


def maybe() -> Any:
    return serializers.CharField(allow_null=True)


def uuid() -> Any:
    return serializers.UUIDField()


def number() -> Any:
    return serializers.IntegerField()


def maybe_number() -> Any:
    return serializers.IntegerField(allow_null=True)


def decimal() -> Any:
    return serializers.FloatField()


def flag() -> Any:
    return serializers.BooleanField()


def texts() -> Any:
    return serializers.ListField(child=serializers.CharField())


def labels() -> Any:
    return LabelMap()


def free() -> Any:
    return Free(allow_null=True)


def touched() -> dict[str, Any]:
    """createdAt, updatedAt (milliseconds), createdById, updatedById."""
    return {"createdAt": number(), "updatedAt": number(), "createdById": uuid(), "updatedById": uuid()}


Complaint = shape("GoodMemComplaint", "A field and what is wrong with it.", field=text(), message=text())
Failure = shape(
    "GoodMemFailure",
    "An error; ``errors`` when fields are to blame.",
    error=text(),
    status=number(),
    timestamp=number(),
    errors=Complaint(many=True, required=False),
)
