"""What answers about memories look like, for the OpenAPI document only."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from .answers import FreeObject


class ExportedMemory(serializers.Serializer[Any]):
    """A memory with the vendor's columns."""

    id = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    contactId = serializers.CharField(allow_null=True)  # noqa: N815 (the wire's names, here and below)
    botId = serializers.CharField(allow_null=True)  # noqa: N815
    text = serializers.CharField()
    createdAt = serializers.DateTimeField()  # noqa: N815
    updatedAt = serializers.DateTimeField()  # noqa: N815
    meta = FreeObject()


class Memory(ExportedMemory):
    """A memory. ``spaceId`` is null in the account's default space."""

    spaceId = serializers.CharField(allow_null=True)  # noqa: N815
    expiresAt = serializers.DateTimeField(allow_null=True)  # noqa: N815


class FoundMemory(serializers.Serializer[Any]):
    """A memory that a search found."""

    id = serializers.CharField()
    text = serializers.CharField()
    meta = FreeObject()


class FoundMemories(serializers.Serializer[Any]):
    """At most ten memories, the best first."""

    items = FoundMemory(many=True)
