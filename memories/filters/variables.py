"""The variables of rules: ``<T>``, ``<T-7>``, ``<userMetadata.x>``, ``<toolParameters.x>`` and ``a||b||literal``.

What cannot be resolved fails closed: the statement then matches nothing. UniqueQL has no negation around a rule, so
a statement that matches nothing can only make the whole match less.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from .rules import NONE_OF, NOTHING, TEXT, And, Nested, Operator, Or, Rule, Scalar, Statement
from .values import VARIABLE, InvalidFilter, check_value

OTHERWISE = "||"

# Longer runs of digits, and those with leading zeros, are codes and not counts.
_INTEGER = re.compile(r"0|-?[1-9]\d{0,17}", re.ASCII)
_BOOLEANS = {"true": True, "false": False}


class _Unset(Exception):
    """A variable without a usable value."""


def expand(
    rule: Rule,
    now: datetime,
    user_metadata: Mapping[str, Any] | None = None,
    tool_parameters: Mapping[str, Any] | None = None,
) -> Rule:
    """``rule`` with the values of its variables, at the aware time ``now``.

    ``user_metadata`` and ``tool_parameters`` hold texts, numbers and booleans; anything else, an empty text and a
    missing name count as not set. Inserted text is never searched for variables again.
    """
    return _Expansion(now, {"userMetadata": user_metadata or {}, "toolParameters": tool_parameters or {}}).rule(rule)


@dataclass(frozen=True)
class _Expansion:
    now: datetime
    sources: Mapping[str, Mapping[str, Any]]

    def rule(self, rule: Rule) -> Rule:
        match rule:
            case And(rules):
                return And(tuple(self.rule(item) for item in rules))
            case Or(rules):
                return Or(tuple(self.rule(item) for item in rules))
            case Nested(path, inner):
                return Nested(path, self.rule(inner))
            case Statement():
                return self._statement(rule)

    def _statement(self, statement: Statement) -> Rule:
        try:
            if isinstance(statement.value, tuple):
                return replace(statement, value=self._list(statement.operator, statement.value))
            return replace(statement, value=self._value(statement.operator, statement.value))
        except _Unset:
            return NOTHING

    def _list(self, operator: Operator, values: tuple[Scalar, ...]) -> tuple[Scalar, ...]:
        """What is not set is left out of what is allowed; what excludes must be complete."""
        found = []
        for value in values:
            try:
                found.append(self._value(operator, value))
            except _Unset:
                if operator in NONE_OF:
                    raise
        return tuple(found)

    def _value(self, operator: Operator, value: Scalar) -> Scalar:
        if not isinstance(value, str) or not VARIABLE.search(value):
            return value
        text = self._first(value.split(OTHERWISE))
        filled = text if operator in TEXT else _coerced(text)
        try:
            check_value(operator, filled)
        except InvalidFilter:
            raise _Unset from None
        return filled

    def _first(self, alternatives: list[str]) -> str:
        """The first alternative whose variables are all set and that is not empty."""
        for alternative in alternatives:
            try:
                text = VARIABLE.sub(self._text, alternative)
            except _Unset:
                continue
            if text:
                return text
        raise _Unset

    def _text(self, found: re.Match[str]) -> str:
        sign, days, source, name = found.groups()
        if source is None:
            return self._moment(int(f"{sign}{days}") if days else 0)
        value = self.sources[source].get(name)
        if not isinstance(value, str | int | float) or value == "":
            raise _Unset
        return str(value)

    def _moment(self, days: int) -> str:
        try:
            return (self.now.astimezone(UTC) + timedelta(days=days)).isoformat(timespec="seconds")
        except OverflowError:
            raise _Unset from None


def _coerced(text: str) -> Scalar:
    """A text that was filled in, as the integer or boolean that it spells."""
    if _INTEGER.fullmatch(text):
        return int(text)
    return _BOOLEANS.get(text.lower(), text)
