"""The query strings that the vendor's client makes: lists as ``k[0]=a&k[1]=b``, booleans as ``True``, nulls absent."""

from __future__ import annotations

import re
from dataclasses import dataclass

from spaces.errors import InvalidInput
from spaces_project.kit import limits

_WORDS = {"true": True, "1": True, "false": False, "0": False, "": False}
MOST_SKIPPED = 1_000_000


@dataclass(frozen=True)
class Query:
    """Each name of the query string with its values in order; names as they came."""

    values: dict[str, list[str]]

    def text(self, name: str) -> str | None:
        """The last value; None when it is absent or empty. Raises InvalidInput for what no text can hold."""
        text = self.values.get(name, [""])[-1]
        if "\x00" in text:
            raise InvalidInput(f"{name}: Null characters are not allowed.", field=name)
        return text or None

    def flag(self, name: str) -> bool:
        """``True``, ``true`` and ``1`` are true; absent is false. Raises InvalidInput for other words."""
        text = (self.text(name) or "").lower()
        if text not in _WORDS:
            raise InvalidInput(f"{name}: Must be true or false.", field=name)
        return _WORDS[text]

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number from ``least`` to ``most``. Raises InvalidInput for anything else."""
        text = self.text(name)
        if text is None:
            return default
        if not re.fullmatch(r"-?[0-9]{1,18}", text) or not least <= int(text) <= most:
            raise InvalidInput(f"{name}: Must be a whole number from {least:,} to {most:,}.", field=name)
        return int(text)

    def window(self, default: int, most: int) -> slice:
        """``skip`` and ``take``."""
        skip = self.number("skip", 0, 0, MOST_SKIPPED)
        return slice(skip, skip + self.number("take", default, 1, most))

    def listed(self, name: str) -> list[str]:
        """A list: ``k[0]=a``, ``k[]=a``, or the plain name any number of times.

        Raises InvalidInput for more than ID_FILTERS values.
        """
        parts = [(place, text) for key, texts in self.values.items() for place in _places(name, key) for text in texts]
        found = [text for _, text in sorted(parts, key=lambda part: part[0])]
        values = [text for text in found if text]
        if len(values) > limits.ID_FILTERS:
            raise InvalidInput(f"{name}: at most {limits.ID_FILTERS} values.", field=name)
        return values


def _places(name: str, key: str) -> list[int]:
    """Where in the list ``name`` the values of ``key`` belong; empty when it is about something else."""
    match = re.fullmatch(re.escape(name) + r"(?:\[([0-9]{0,9})\])?", key)
    return [int(match[1] or 0)] if match else []
