"""From a request's JSON to a chunking, each wrong field named.

Numbers and booleans may be given as strings ("1000", "false"), as GoodMem's own examples do.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final, TypeVar

from spaces.errors import InvalidInput
from spaces_project.kit import limits

from .configuration import DEFAULT, Chunking, KeepStrategy, LengthMeasurement, NoChunking, Recursive, Sentence
from .patterns import compiled

Choice = TypeVar("Choice", bound=StrEnum)
MISSING: Final = object()


class Fields:
    """The members of one JSON object, taken one by one; what is left over is unknown."""

    def __init__(self, data: Any, place: str) -> None:
        if not isinstance(data, dict):
            raise InvalidInput(f"{place} must be an object", field=place)
        self.data, self.place, self.known = data, place, set[str]()

    def take(self, name: str) -> tuple[Any, str]:
        """Return the value (MISSING if absent or null) and its place."""
        self.known.add(name)
        value = self.data.get(name)
        return (MISSING if value is None else value), f"{self.place}.{name}"

    def finish(self) -> None:
        for name in self.data:
            if name not in self.known:
                where = f"{self.place}.{str(name)[:64]}"
                known = f"known are {', '.join(sorted(self.known))}" if self.known else "it has no members"
                raise InvalidInput(f"{where} is not known; {known}", field=where)

    def integer(self, name: str, least: int, most: int, default: int | None = None) -> int:
        value, where = self.take(name)
        if value is MISSING and default is not None:
            return default
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}", value):
            value = int(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise InvalidInput(f"{where} must be a whole number from {least} to {most}", field=where)
        return value

    def boolean(self, name: str) -> bool:
        value, where = self.take(name)
        values = {MISSING: False, True: True, False: False, "true": True, "false": False}
        key = value.lower() if isinstance(value, str) else value
        if (key is not MISSING and not isinstance(key, bool | str)) or key not in values:
            raise InvalidInput(f"{where} must be true or false", field=where)
        return values[key]

    def choice(self, name: str, default: Choice) -> Choice:
        value, where = self.take(name)
        if value is MISSING:
            return default
        choices = type(default)
        if not isinstance(value, str) or value not in list(choices):
            raise InvalidInput(f"{where} must be one of {', '.join(choices)}", field=where)
        return choices(value)

    def texts(self, name: str) -> tuple[str, ...]:
        value, where = self.take(name)
        if value is MISSING:
            return ()
        if not isinstance(value, list) or len(value) > limits.SEPARATORS:
            raise InvalidInput(f"{where} must be a list of at most {limits.SEPARATORS} strings", field=where)
        return tuple(_text(each, f"{where}[{at}]") for at, each in enumerate(value))


def parse(data: Any, place: str = "chunkingConfig") -> Chunking:
    """Read ``{"none": {}}``, ``{"recursive": {…}}`` or ``{"sentence": {…}}``; nothing given (None) is DEFAULT.

    Raises InvalidInput naming the field, beginning with ``place``.
    """
    if data is None:
        return DEFAULT
    fields = Fields(data, place)
    given = {name: fields.take(name) for name in READERS}
    fields.finish()
    chosen = [(name, value, where) for name, (value, where) in given.items() if value is not MISSING]
    if len(chosen) != 1:
        raise InvalidInput(f"{place} must have exactly one of {', '.join(READERS)}", field=place)
    name, value, where = chosen[0]
    inner = Fields(value, where)
    chunking = READERS[name](inner)
    inner.finish()
    return chunking


def _none(fields: Fields) -> NoChunking:
    return NoChunking()


def _recursive(fields: Fields) -> Recursive:
    size = fields.integer("chunkSize", 1, limits.CHUNK_SIZE_MOST)
    chunking = Recursive(
        size=size,
        overlap=_overlap(fields, size),
        separators=fields.texts("separators"),
        keep=fields.choice("keepStrategy", KeepStrategy.KEEP_END),
        separator_is_regex=fields.boolean("separatorIsRegex"),
        measure=fields.choice("lengthMeasurement", LengthMeasurement.CHARACTER_COUNT),
    )
    if chunking.separator_is_regex:
        _check_patterns(chunking.separators, f"{fields.place}.separators")
    return chunking


def _overlap(fields: Fields, size: int) -> int:
    overlap = fields.integer("chunkOverlap", 0, limits.CHUNK_SIZE_MOST, default=0)
    if overlap >= size:
        where = f"{fields.place}.chunkOverlap"
        raise InvalidInput(f"{where} must be smaller than chunkSize ({size})", field=where)
    return overlap


def _sentence(fields: Fields) -> Sentence:
    most = fields.integer("maxChunkSize", 1, limits.CHUNK_SIZE_MOST)
    least = fields.integer("minChunkSize", 0, limits.CHUNK_SIZE_MOST, default=0)
    if least > most:
        where = f"{fields.place}.minChunkSize"
        raise InvalidInput(f"{where} must not be larger than maxChunkSize ({most})", field=where)
    return Sentence(
        most=most,
        least=least,
        detect_language=fields.boolean("enableLanguageDetection"),
        measure=fields.choice("lengthMeasurement", LengthMeasurement.CHARACTER_COUNT),
    )


READERS: Final[dict[str, Callable[[Fields], Chunking]]] = {
    "none": _none,
    "recursive": _recursive,
    "sentence": _sentence,
}


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or len(value) > limits.SEPARATOR_CHARS:
        raise InvalidInput(f"{where} must be a string of at most {limits.SEPARATOR_CHARS} characters", field=where)
    if re.search(r"[\x00\ud800-\udfff]", value):
        raise InvalidInput(f"{where} has a character that no text can have", field=where)
    return value


def _check_patterns(separators: tuple[str, ...], place: str) -> None:
    for at, separator in enumerate(separators):
        try:
            compiled(separator)
        except ValueError as error:
            raise InvalidInput(f"{place}[{at}] is not a regular expression: {error}", field=f"{place}[{at}]") from None
