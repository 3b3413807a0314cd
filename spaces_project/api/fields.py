"""The request members that dialects share: types are strict, null means absent."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.validators import ProhibitSurrogateCharactersValidator as NoSurrogates


class NullIsAbsent(serializers.Serializer[Any]):
    """An object of the request. null is absent, at every depth that is described; unknown members are ignored."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            data = {name: value for name, value in data.items() if value is not None}
        return super().to_internal_value(data)


class PlainText(serializers.CharField):
    """A text as it is: nothing is trimmed. Lone surrogates are not looked for once more, character by character: the
    reader of the body has refused them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "allow_blank": True, "trim_whitespace": False, **kwargs})
        self.validators = [each for each in self.validators if not isinstance(each, NoSurrogates)]


class Text(PlainText):
    """A text, and no number becomes one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError("Must be a string.")
        return super().to_internal_value(data)
