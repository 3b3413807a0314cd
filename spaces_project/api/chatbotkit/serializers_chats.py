"""What requests about conversations may say; unknown members are ignored, as the vendor's own that we lack."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from spaces_project.kit import limits

from .fields import MetaObject, Text, Time, line
from .message_types import TYPES
from .serializers import ContactFields, ContactReference

SESSION_SECONDS, SHORTEST, LONGEST = 3600, 1800, 86_400


@extend_schema_field({"type": "boolean"})
class Choice(serializers.Field):  # type: ignore[type-arg]
    """true, false or null."""

    def __init__(self) -> None:
        super().__init__(required=False, allow_null=True)

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise serializers.ValidationError("Must be true or false.")
        return data


class Question(Text):
    """A text, or null for none."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return None if data is None else super().run_validation(data)


class Whole(serializers.Field):  # type: ignore[type-arg]
    """A whole number between two; null is ``empty``."""

    def __init__(self, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "allow_null": True, **kwargs})
        self.least, self.most = least, most

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int | float) or data != int(data):
            raise serializers.ValidationError("Must be a whole number.")
        if not self.least <= data <= self.most:
            raise serializers.ValidationError(f"Must be between {self.least} and {self.most}.")
        return int(data)


@extend_schema_field({"type": "string", "enum": list(TYPES)})
class Type(serializers.Field):  # type: ignore[type-arg]
    """One of the eight types of messages."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in TYPES:
            raise serializers.ValidationError(f"Must be one of {', '.join(TYPES)}.")
        return data


def whole(least: int, most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": least, "maximum": most}


@extend_schema_field(whole(SHORTEST, LONGEST))
class Seconds(Whole):
    """How long a session lasts."""


@extend_schema_field(whole(1, 100))
class Up(Whole):
    """The value of an upvote."""


@extend_schema_field(whole(-100, -1))
class Down(Whole):
    """The value of a downvote."""


@extend_schema_field({"type": "integer", "minimum": -100, "maximum": 100})
class Score(Whole):
    """The value of a rating: for or against."""

    def to_internal_value(self, data: Any) -> int:
        value = super().to_internal_value(data)
        if not value:
            raise serializers.ValidationError("Must not be 0.")
        return value


class Talk(serializers.Serializer[Any]):
    """One of the messages that come with a conversation."""

    type = Type()
    text = Text(required=True, allow_null=False)
    meta = MetaObject()


class MessageFields(serializers.Serializer[Any]):
    """The body of message/update."""

    name = line()
    description = Text()
    meta = MetaObject()
    type = Type(required=False)
    text = Text()


class NewMessage(MessageFields):
    """The body of message/create."""

    type = Type()
    text = Text(required=True, allow_null=False)


class ConversationFields(serializers.Serializer[Any]):
    """The body of conversation/update."""

    name = line()
    description = Text()
    meta = MetaObject()
    contactId = ContactReference(source="contact")  # noqa: N815 (the wire's names, here and below)
    contact = ContactReference()
    spaceId = Text(source="space")  # noqa: N815
    taskId = Text(source="task_id")  # noqa: N815
    botId = Text(source="bot_id")  # noqa: N815
    datasetId = Text(source="dataset_id")  # noqa: N815
    skillsetId = Text(source="skillset_id")  # noqa: N815
    blueprintId = Text(source="blueprint_id")  # noqa: N815
    model = line()
    backstory = Text()
    privacy = Choice()
    moderation = Choice()
    expiresAt = Time(source="expires_at")  # noqa: N815


class NewConversation(ConversationFields):
    """The body of conversation/create."""

    messages: Any = serializers.ListSerializer(
        child=Talk(), required=False, allow_null=True, max_length=limits.MESSAGES_PER_CALL
    )


class Sent(serializers.Serializer[Any]):
    """The body of conversation/{id}/send."""

    text = Text(required=True, allow_null=False)


class Asked(serializers.Serializer[Any]):
    """The body of conversation/{id}/complete: without ``text`` the answer is to what was said last."""

    text = Question()


class Dialogue(serializers.Serializer[Any]):
    """The body of conversation/complete: everything that the answer goes by, as nothing of it is stored."""

    messages: Any = serializers.ListSerializer(child=Talk(), min_length=1)
    contactId = ContactReference(source="contact")  # noqa: N815
    spaceId = Text(source="space")  # noqa: N815
    model = line()
    backstory = Text()


class SessionFields(serializers.Serializer[Any]):
    """The body of conversation/{id}/session/create."""

    durationInSeconds = Seconds(SHORTEST, LONGEST, source="seconds")  # noqa: N815


class Upvote(serializers.Serializer[Any]):
    """The body of upvote."""

    value = Up(1, 100)
    reason = Text()


class Downvote(serializers.Serializer[Any]):
    """The body of downvote."""

    value = Down(-100, -1)
    reason = Text()


class RatingFields(serializers.Serializer[Any]):
    """The body of rating/update."""

    name = line()
    description = Text()
    meta = MetaObject()
    value = Score(-100, 100, required=False, allow_null=False)
    reason = Text()


class NewRating(RatingFields):
    """The body of rating/create."""

    conversationId = Text(required=True, allow_null=False, source="conversation")  # noqa: N815
    messageId = Text(source="message")  # noqa: N815
    value = Score(-100, 100, required=True, allow_null=False)


class Visitor(ContactFields):
    """The body of conversation/{id}/contact/upsert."""
