"""The request members of Unique: types are strict, null means absent, times are ISO 8601."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from spaces_project.api.fields import NullIsAbsent
from spaces_project.api.fields import Text as Text

MOST_TEXTS, MOST_OBJECTS = 1_000, 200


class Body(NullIsAbsent):
    """An object of the request."""


@extend_schema_field({"type": "boolean"})
class Flag(serializers.Field):  # type: ignore[type-arg]
    """true or false."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise serializers.ValidationError("Must be true or false.")
        return data


class Number(serializers.IntegerField):
    """A whole number of four bytes; a text is none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "min_value": -(2**31), "max_value": 2**31 - 1, **kwargs})

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            raise serializers.ValidationError("Must be a whole number.")
        return super().to_internal_value(data)


class Choice(serializers.ChoiceField):
    """One of a few words, exactly."""

    def __init__(self, choices: Any, **kwargs: Any) -> None:
        super().__init__(choices, **{"required": False, **kwargs})

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or data not in self.choices:
            words = ", ".join(map(str, self.choices))
            raise serializers.ValidationError(f"Must be one of {words}.")
        return data


class _Free(serializers.Field):  # type: ignore[type-arg]
    kinds: tuple[type, ...] = (dict,)
    words = "a JSON object"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, self.kinds):
            raise serializers.ValidationError(f"Must be {self.words}.")
        return data


@extend_schema_field({"type": "object", "additionalProperties": True})
class Object(_Free):
    """Free JSON: an object."""


@extend_schema_field({"type": "array", "items": {}})
class Array(_Free):
    """Free JSON: an array."""

    kinds = (list,)
    words = "a JSON array"


@extend_schema_field({"oneOf": [{"type": "object", "additionalProperties": True}, {"type": "array", "items": {}}]})
class Structure(_Free):
    """Free JSON: an object or an array."""

    kinds = (dict, list)
    words = "a JSON object or array"


class Texts(serializers.ListField):
    """An array of texts."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"child": Text(), "required": False, "max_length": MOST_TEXTS, **kwargs})


class Objects(serializers.ListField):
    """An array of objects, free or described by a Body."""

    def __init__(self, child: Any = None, **kwargs: Any) -> None:
        super().__init__(**{"child": child or Object(), "required": False, "max_length": MOST_OBJECTS, **kwargs})


@extend_schema_field({"type": "string", "format": "date-time"})
class Time(serializers.Field):  # type: ignore[type-arg]
    """ISO 8601; UTC when it names no zone."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})

    def to_internal_value(self, data: Any) -> datetime:
        try:
            moment = parse_datetime(data) if isinstance(data, str) else None
            if moment is not None:
                return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        raise serializers.ValidationError("Must be a time in ISO 8601.")
