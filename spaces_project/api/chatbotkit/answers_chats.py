"""What answers about conversations look like, for the OpenAPI document only."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from .answers import FreeObject
from .message_types import TYPES


class _Base(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    meta = FreeObject()
    createdAt = serializers.DateTimeField()  # noqa: N815 (the wire's names, here and below)
    updatedAt = serializers.DateTimeField()  # noqa: N815


class ConversationColumns(_Base):
    """A conversation."""

    contactId = serializers.CharField(allow_null=True)  # noqa: N815
    taskId = serializers.CharField(allow_null=True)  # noqa: N815
    spaceId = serializers.CharField(allow_null=True)  # noqa: N815
    botId = serializers.CharField(allow_null=True)  # noqa: N815
    datasetId = serializers.CharField(allow_null=True)  # noqa: N815
    skillsetId = serializers.CharField(allow_null=True)  # noqa: N815
    backstory = serializers.CharField()
    model = serializers.CharField(allow_null=True)


class Conversation(ConversationColumns):
    """A conversation. ``spaceId`` is null in the account's default space."""

    blueprintId = serializers.CharField(allow_null=True)  # noqa: N815
    privacy = serializers.BooleanField(allow_null=True)
    moderation = serializers.BooleanField(allow_null=True)
    expiresAt = serializers.DateTimeField(allow_null=True)  # noqa: N815


class SaidMessage(serializers.Serializer[Any]):
    """A message of a user or a bot in an export."""

    id = serializers.CharField()
    type = serializers.ChoiceField(list(TYPES))
    text = serializers.CharField()
    meta = FreeObject()
    createdAt = serializers.DateTimeField()  # noqa: N815
    updatedAt = serializers.DateTimeField()  # noqa: N815


class ExportedConversation(ConversationColumns):
    """A conversation with what users and bots said in it, the oldest first."""

    messages = SaidMessage(many=True)


class Message(_Base):
    """A message."""

    type = serializers.ChoiceField(list(TYPES))
    text = serializers.CharField()


class Rating(_Base):
    """What was thought of a conversation, or of one message of it."""

    contactId = serializers.CharField(allow_null=True)  # noqa: N815
    botId = serializers.CharField(allow_null=True)  # noqa: N815
    conversationId = serializers.CharField()  # noqa: N815
    messageId = serializers.CharField(allow_null=True)  # noqa: N815
    value = serializers.IntegerField()
    reason = serializers.CharField()


class Stored(serializers.Serializer[Any]):
    """What writing a message answers; ``entities`` is always empty."""

    id = serializers.CharField()
    entities = serializers.ListField(child=FreeObject())


class Used(serializers.Serializer[Any]):
    """What an answer took."""

    token = serializers.IntegerField()


class Ended(serializers.Serializer[Any]):
    """Why an answer ended."""

    reason = serializers.ChoiceField(["stop", "length", "abort"])


class PassingAnswer(serializers.Serializer[Any]):
    """An answer of which nothing is stored."""

    text = serializers.CharField()
    usage = Used()
    end = Ended()


class Answer(PassingAnswer):
    """An answer. ``id`` is its message's."""

    id = serializers.CharField()


class Session(serializers.Serializer[Any]):
    """A token for one conversation. ``expiresAt`` is in milliseconds since 1970."""

    id = serializers.CharField()
    token = serializers.CharField()
    expiresAt = serializers.IntegerField()  # noqa: N815
