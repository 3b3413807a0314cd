"""From decoded JSON to a rule, strictly: what is not understood is refused with its place, never ignored.

An ignored part of a rule would show what the rule was written to hide.
"""

from __future__ import annotations

from typing import Any

from spaces_project.kit import limits

from .rules import ANY_OF, NESTED, NO_VALUE, NONE_OF, And, Nested, Operator, Or, Path, Rule, Statement
from .values import InvalidFilter, check_scalar, check_value, kind_of, quoted

KINDS = ("operator", "and", "or")
STATEMENT_KEYS = {"path", "operator", "value"}


def parse(data: Any, place: str = "") -> Rule:
    """The rule that the decoded JSON ``data`` writes down.

    ``place`` is what the caller calls the whole, e.g. the member ``scopeRules`` of a request, and begins the place in
    messages. Raises InvalidFilter, also for a rule that is nested deeper or larger than the limits RULE_….
    """
    return _Parser().rule(data, place, depth=1)


class _Parser:
    """One pass over one rule. It recurses, but never deeper than RULE_DEPTH, so a deep rule is an error."""

    def __init__(self) -> None:
        self.nodes = 0
        self.values = 0

    def rule(self, data: Any, place: str, depth: int) -> Rule:
        self._count_node(place, depth)
        if not isinstance(data, dict):
            raise InvalidFilter(place, f"a rule must be an object, not {kind_of(data)}")
        kinds = [kind for kind in KINDS if kind in data]
        if len(kinds) != 1:
            raise InvalidFilter(place, _kinds_problem(kinds))
        if kinds == ["operator"]:
            return self._statement(data, place, depth)
        return self._group(data, kinds[0], place, depth)

    def _group(self, data: dict[str, Any], kind: str, place: str, depth: int) -> And | Or:
        _refuse_unknown(data, {kind}, place)
        where, items = _at(place, kind), data[kind]
        if not isinstance(items, list):
            raise InvalidFilter(where, f"must be an array of rules, not {kind_of(items)}")
        rules = tuple(self.rule(item, f"{where}[{index}]", depth + 1) for index, item in enumerate(items))
        return And(rules) if kind == "and" else Or(rules)

    def _statement(self, data: dict[str, Any], place: str, depth: int) -> Statement | Nested:
        _refuse_unknown(data, STATEMENT_KEYS, place)
        name, where = data["operator"], _at(place, "value")
        operator = None if name == NESTED else _operator(name, _at(place, "operator"))
        path = _path(data, place)
        if "value" not in data and operator not in NO_VALUE:
            raise InvalidFilter(where, "is missing")
        if operator is None:
            return Nested(path, self.rule(data["value"], where, depth + 1))
        return Statement(path, operator, self._value(operator, data.get("value"), where))

    def _value(self, operator: Operator, value: Any, place: str) -> Any:
        if operator in ANY_OF | NONE_OF:
            return self._list(operator, value, place)
        check_value(operator, value, place)
        return None if operator in NO_VALUE else value

    def _list(self, operator: Operator, value: Any, place: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise InvalidFilter(place, f'"{operator}" needs an array, not {kind_of(value)}')
        self.values += len(value)
        if self.values > limits.RULE_VALUES:
            raise InvalidFilter(place, f"the lists of a rule may hold {limits.RULE_VALUES:,} values")
        for index, item in enumerate(value):
            if not isinstance(item, str | int | float):
                raise InvalidFilter(
                    f"{place}[{index}]", f"must be a text, a number, true or false, not {kind_of(item)}"
                )
            check_scalar(item, f"{place}[{index}]")
        return tuple(value)

    def _count_node(self, place: str, depth: int) -> None:
        self.nodes += 1
        if depth > limits.RULE_DEPTH:
            raise InvalidFilter("", f"A rule may be nested {limits.RULE_DEPTH} levels deep.")
        if self.nodes > limits.RULE_NODES:
            raise InvalidFilter("", f"A rule may have {limits.RULE_NODES:,} statements and groups.")


def _operator(name: Any, place: str) -> Operator:
    if not isinstance(name, str):
        raise InvalidFilter(place, f"must be a text, not {kind_of(name)}")
    try:
        return Operator(name)
    except ValueError:
        raise InvalidFilter(place, f"unknown operator {quoted(name)}") from None


def _path(data: dict[str, Any], place: str) -> Path:
    where, path = _at(place, "path"), data.get("path")
    if not isinstance(path, list):
        raise InvalidFilter(where, "is missing" if "path" not in data else f"must be an array, not {kind_of(path)}")
    if not 0 < len(path) <= limits.RULE_PATH:
        raise InvalidFilter(where, f"must hold 1 to {limits.RULE_PATH} names, not {len(path)}")
    for index, name in enumerate(path):
        if not isinstance(name, str) or not name:
            problem = "an empty name" if name == "" else f"must be a text, not {kind_of(name)}"
            raise InvalidFilter(f"{where}[{index}]", problem)
        check_scalar(name, f"{where}[{index}]")
    return tuple(path)


def _refuse_unknown(data: dict[str, Any], known: set[str], place: str) -> None:
    unknown = [key for key in data if key not in known]
    if unknown:
        raise InvalidFilter(place, f"unknown member {quoted(str(unknown[0]))}")


def _kinds_problem(kinds: list[str]) -> str:
    if not kinds:
        return 'a rule must have "operator", "and" or "or"'
    return f'a rule must be one of a statement, "and" and "or", but has {" and ".join(map(quoted, kinds))}'


def _at(place: str, member: str) -> str:
    return f"{place}.{member}" if place else member
