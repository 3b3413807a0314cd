"""What requests about memories may say; unknown members are ignored, as the vendor's own that we lack."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from spaces_project.kit import limits

from .fields import MetaObject, Text, Time, line
from .serializers import ContactReference


class MemoryFields(serializers.Serializer[Any]):
    """The body of memory/update. ``spaceId`` is ours: null is the account's default space."""

    name = line()
    description = Text()
    meta = MetaObject()
    text = Text()
    contactId = ContactReference(source="contact")  # noqa: N815 (the wire's names, here and below)
    botId = Text(source="bot_id")  # noqa: N815
    spaceId = Text(source="space")  # noqa: N815
    expiresAt = Time(source="expires_at")  # noqa: N815


class NewMemory(MemoryFields):
    """The body of memory/create."""

    text = Text(required=True)


class ContactSearch(serializers.Serializer[Any]):
    """The body of a search in the memories of a contact or a bot."""

    search = Text(required=True, max_length=limits.QUESTION_CHARS)
    spaceId = Text(source="space")  # noqa: N815


class MemorySearch(ContactSearch):
    """The body of memory/search."""

    contactId = Text(source="contact")  # noqa: N815
    botId = Text(source="bot_id")  # noqa: N815
