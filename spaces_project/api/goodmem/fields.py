"""The request members of GoodMem: unknown ones are refused, null means absent, times are milliseconds.

Numbers and booleans may come as texts ("1.0", "false"), as the vendor's own examples have them.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from spaces.errors import InvalidInput
from spaces_project.api.fields import NullIsAbsent
from spaces_project.api.fields import Text as Text
from spaces_project.api.strict_json import quoted
from spaces_project.kit import limits

from .ids import is_uuid

INT32 = 2**31 - 1
WHOLE = re.compile(r"-?[0-9]{1,18}(?:\.0{1,9})?")
NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?(?:[eE][-+]?[0-9]{1,2})?")
FLAGS = {"true": True, "false": False}


class Body(NullIsAbsent):
    """An object of the request; unknown members are refused."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            self._refuse_unknown(data)
        return super().to_internal_value(data)

    def _refuse_unknown(self, data: dict[str, Any]) -> None:
        known = list(self.fields)
        for name in data:
            if name not in known:
                names = ", ".join(f'"{each}"' for each in known)
                raise InvalidInput(
                    f"Invalid JSON request body: Unrecognized field {quoted(name)}, not marked as ignorable "
                    f"({len(known)} known properties: {names})"
                )


@extend_schema_field({"type": "boolean"})
class Flag(serializers.Field):  # type: ignore[type-arg]
    """true or false."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})

    def to_internal_value(self, data: Any) -> bool:
        value = FLAGS.get(data.lower()) if isinstance(data, str) else data
        if not isinstance(value, bool):
            raise serializers.ValidationError("Must be true or false.")
        return value


class Number(serializers.IntegerField):
    """A whole number of four bytes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "min_value": -INT32 - 1, "max_value": INT32, **kwargs})

    def to_internal_value(self, data: Any) -> int:
        return super().to_internal_value(whole(data))


class Decimal(serializers.FloatField):
    """A finite number."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})

    def to_internal_value(self, data: Any) -> float:
        is_number = isinstance(data, int | float) and not isinstance(data, bool)
        if not is_number and not (isinstance(data, str) and NUMBER.fullmatch(data)):
            raise serializers.ValidationError("Must be a number.")
        value = float(data)
        if not math.isfinite(value):
            raise serializers.ValidationError("Must be a finite number.")
        return value


def whole(data: Any) -> int:
    """The whole number that ``data`` is or spells."""
    if isinstance(data, str) and WHOLE.fullmatch(data):
        return int(data.partition(".")[0])
    if isinstance(data, float) and data.is_integer():
        return int(data)
    if isinstance(data, bool) or not isinstance(data, int):
        raise serializers.ValidationError("Must be a whole number.")
    return data


@extend_schema_field({"type": "string", "format": "uuid"})
class Identifier(serializers.Field):  # type: ignore[type-arg]
    """A UUID in its plain spelling; ``what`` it names stands in the complaint."""

    def __init__(self, what: str, **kwargs: Any) -> None:
        self.what = what
        super().__init__(**{"required": False, **kwargs})

    def to_internal_value(self, data: Any) -> UUID:
        if not is_uuid(data):
            raise serializers.ValidationError(f"Invalid {self.what} ID format")
        return UUID(data)


class Choice(serializers.ChoiceField):
    """One of a few words, exactly."""

    def __init__(self, choices: Any, **kwargs: Any) -> None:
        super().__init__(choices, **{"required": False, **kwargs})

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or data not in self.choices:
            words = ", ".join(map(str, self.choices))
            raise serializers.ValidationError(f"Must be one of {words}.")
        return data


@extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}, "maxProperties": limits.LABELS})
class Labels(serializers.Field):  # type: ignore[type-arg]
    """A map of texts to texts; how many and how long, the models check."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if not isinstance(data, dict) or not all(isinstance(value, str) for value in data.values()):
            raise serializers.ValidationError("Must be an object of strings.")
        return data


@extend_schema_field({"type": "object", "additionalProperties": True})
class Object(serializers.Field):  # type: ignore[type-arg]
    """Free JSON: an object."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise serializers.ValidationError("Must be a JSON object.")
        return data


@extend_schema_field({"type": "integer", "format": "int64", "description": "Milliseconds since 1970."})
class Time(serializers.Field):  # type: ignore[type-arg]
    """Milliseconds since 1970, in UTC."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})

    def to_internal_value(self, data: Any) -> datetime:
        try:
            return datetime.fromtimestamp(whole(data) / 1000, UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise serializers.ValidationError("Must be a time in milliseconds.") from error


class Texts(serializers.ListField):
    """An array of texts."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"child": Text(), "required": False, "max_length": 1_000, **kwargs})


class Objects(serializers.ListField):
    """An array of objects, described by a Body."""

    def __init__(self, child: Any, **kwargs: Any) -> None:
        super().__init__(**{"child": child, "required": False, "max_length": 1_000, **kwargs})
