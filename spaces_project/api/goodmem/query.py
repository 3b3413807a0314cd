"""Query strings as both clients make them: ``nameFilter`` or ``name_filter``, ``label.k=v`` or ``label[k]=v``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from spaces.errors import InvalidInput
from spaces_project.kit import limits

from .errors import InvalidFields
from .ids import uuid_of

_WORDS = {"true": True, "1": True, "false": False, "0": False}
_LABEL = re.compile(r"label(?:\.(?P<dotted>.+)|\[(?P<bracketed>.+)\])", re.DOTALL)
ASCENDING, DESCENDING = "ASCENDING", "DESCENDING"
ORDERS = {ASCENDING: False, DESCENDING: True, "SORT_ORDER_UNSPECIFIED": True}


def snake(name: str) -> str:
    """``nameFilter`` as the newer client spells it."""
    return re.sub(r"[A-Z]", lambda found: "_" + found[0].lower(), name)


@dataclass(frozen=True)
class Query:
    """Each name of the query string with its values in order. Names are asked for in camel case."""

    values: dict[str, list[str]]

    def text(self, name: str) -> str | None:
        """The last value under either spelling; None when it is absent or empty."""
        return (self.texts(name) or [""])[-1] or None

    def texts(self, name: str) -> list[str]:
        """All values under either spelling, in order."""
        given = self.values.get(name) or self.values.get(snake(name)) or []
        if any("\x00" in text for text in given):
            raise InvalidFields([(name, "Null characters are not allowed.")])
        return given

    def flag(self, name: str, default: bool = False) -> bool:
        """``true`` and ``false``, in any case. InvalidFields for other words."""
        text = self.text(name)
        if text is None:
            return default
        if text.lower() not in _WORDS:
            raise InvalidFields([(name, "Must be true or false.")])
        return _WORDS[text.lower()]

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number, clamped to ``least`` … ``most``. InvalidFields for what is no number."""
        text = self.text(name)
        if text is None:
            return default
        if not re.fullmatch(r"-?[0-9]{1,300}", text):
            raise InvalidFields([(name, "Must be a whole number.")])
        return max(least, min(int(text), most))

    def decimal(self, name: str) -> float | None:
        """A finite number. InvalidFields for anything else."""
        text = self.text(name)
        if text is None:
            return None
        if not re.fullmatch(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?(?:[eE]-?[0-9]{1,2})?", text):
            raise InvalidFields([(name, "Must be a number.")])
        return float(text)

    def uuid(self, name: str, what: str) -> UUID | None:
        """A UUID. InvalidFields for anything else."""
        text = self.text(name)
        return None if text is None else uuid_of(text, what, name)

    def choice(self, name: str, choices: Any, default: str | None = None) -> Any:
        """One of these words, exactly. InvalidFields for another one."""
        text = self.text(name)
        if text is None:
            return default
        if text not in choices:
            raise InvalidFields([(name, f"Must be one of {', '.join(map(str, choices))}.")])
        return text

    def descends(self) -> bool:
        """``sortOrder``; newest, largest or last first when it is absent."""
        return ORDERS[self.choice("sortOrder", ORDERS, DESCENDING)]

    def labels(self) -> dict[str, str]:
        """The labels that an object must have. InvalidInput for more than an object can have."""
        found: dict[str, str] = {}
        for name, values in self.values.items():
            if match := _LABEL.fullmatch(name):
                found[match["dotted"] or match["bracketed"]] = values[-1]
        if len(found) > limits.LABELS or any("\x00" in text for pair in found.items() for text in pair):
            raise InvalidInput(f"At most {limits.LABELS} labels, without null characters.", field="label")
        return found
