"""What a value in a rule may be, and the error that names the place of one that may not."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from django.core.exceptions import ValidationError

from spaces.errors import InvalidInput
from spaces_project.kit import limits
from spaces_project.kit.values import check_text

from .dates import instant
from .rules import ORDER, TEXT, Operator

VARIABLE = re.compile(r"<T(?:([+-])(\d{1,6}))?>|<(userMetadata|toolParameters)\.(\w+)>", re.ASCII)
"""``<T>``, ``<T-7>``, ``<userMetadata.name>``, ``<toolParameters.name>``."""

SCALARS = (str, int, float, bool, type(None))


class InvalidFilter(InvalidInput):
    """Not a rule; the message begins with the place, e.g. ``and[1].operator: unknown operator "equal"``."""

    message = "The filter is not valid."

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}" if place else problem, field=place or None)


def check_value(operator: Operator, value: Any, place: str = "value") -> None:
    """Raise InvalidFilter if ``value`` (of JSON, not a list) does not suit ``operator``; variables always suit."""
    if not isinstance(value, SCALARS):
        raise InvalidFilter(place, f"must be a text, a number, true, false or null, not {kind_of(value)}")
    check_scalar(value, place)
    if operator in TEXT and not isinstance(value, str):
        raise InvalidFilter(place, f'"{operator}" needs a text, not {kind_of(value)}')
    if operator in ORDER and not _is_ordered(value):
        raise InvalidFilter(
            place, f'"{operator}" needs a number or a date such as "2026-01-31" or "2026-01-31T09:00:00Z"'
        )


def check_scalar(value: Any, place: str) -> None:
    """What PostgreSQL can hold, and no larger than the limit."""
    if isinstance(value, str):
        if len(value) > limits.RULE_TEXT_CHARS:
            raise InvalidFilter(place, f"at most {limits.RULE_TEXT_CHARS:,} characters, not {len(value):,}")
        try:
            check_text(value)
        except ValidationError as error:
            raise InvalidFilter(place, error.messages[0]) from None
    elif isinstance(value, int | float) and not _is_double(value):
        raise InvalidFilter(place, "the number is too large")


def _is_double(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _is_ordered(value: Any) -> bool:
    if isinstance(value, str):
        return VARIABLE.search(value) is not None or instant(value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def quoted(text: str) -> str:
    return json.dumps(text if len(text) <= 60 else f"{text[:60]}…", ensure_ascii=False)


def kind_of(value: Any) -> str:
    """What JSON calls it. The value itself is not shown: it may be large or nested without end."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    names: dict[type, str] = {dict: "an object", list: "an array", str: "a text"}
    return names.get(type(value), "a number")
