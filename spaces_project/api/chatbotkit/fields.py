"""The request members of ChatBotKit: types are strict, null means "not set", times are milliseconds or ISO 8601."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from spaces_project.api.fields import PlainText
from spaces_project.kit import limits

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UPDATE = "$update"
OBJECT = {"type": "object", "additionalProperties": True}


class Text(PlainText):
    """A text, and no number becomes one. null is the empty text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"allow_null": True, **kwargs})

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is None and self.allow_null:
            return ""
        if data is not serializers.empty and not isinstance(data, str):
            raise serializers.ValidationError("Must be a string.")
        return super().run_validation(data)


class Alias(Text):
    """As Text; the empty text and null clear it."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation(data) or None


@extend_schema_field({**OBJECT, "description": "Free JSON. On update it is merged, and null removes a key."})
class MetaObject(serializers.Field):  # type: ignore[type-arg]
    """An object, or the vendor's ``{"$update": {…}}`` for the same; null stays None."""

    def __init__(self) -> None:
        super().__init__(required=False, allow_null=True)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise serializers.ValidationError("Must be a JSON object.")
        if set(data) == {UPDATE} and isinstance(data[UPDATE], dict):
            return dict(data[UPDATE])
        return data


@extend_schema_field(
    {
        "oneOf": [
            {"type": "integer", "minimum": 0, "maximum": 4102444800000},
            {"type": "string", "format": "date-time"},
        ]
    }
)
class Time(serializers.Field):  # type: ignore[type-arg]
    """Milliseconds since 1970 or ISO 8601 (UTC when it names no zone); null stays None."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "allow_null": True, **kwargs})

    def to_internal_value(self, data: Any) -> datetime:
        try:
            moment = _from_text(data) if isinstance(data, str) else _from_number(data)
            return moment.astimezone(UTC)
        except (ValueError, TypeError, OverflowError) as error:
            raise serializers.ValidationError("Must be a time: milliseconds, or ISO 8601.") from error


def _from_text(text: str) -> datetime:
    moment = parse_datetime(text)
    if moment is None:
        raise ValueError(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _from_number(number: Any) -> datetime:
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise TypeError(number)
    return EPOCH + timedelta(milliseconds=number)


def line() -> Text:
    """One line of at most NAME_CHARS; the model refuses others."""
    return Text(help_text=f"At most {limits.NAME_CHARS} characters in one line.")
