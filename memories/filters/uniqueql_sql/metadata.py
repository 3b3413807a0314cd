"""Statements about metadata, over the SQL of a jsonb value: the metadata itself, or an element in it.

In a lax jsonpath a filter, and a comparison in it, each take a list for its elements. So ``P ? (@ == 1)`` looks two
lists deep, and ``P[*] ? (…)`` goes there as well where the filter compares nothing.
"""

from __future__ import annotations

from typing import Any

from memories.filters.expressions.sql import Sql
from memories.filters.rules import ANY_OF, NONE_OF, ORDER, SCALAR, TEXT, And, Nested, Operator, Or, Rule, Statement

from . import jsonpaths
from .jsonpaths import steps
from .pieces import SIGNS, all_of, any_of, constant, has_text, moment, moment_of, negated

EMPTY = """('""', '[]', '{}')"""


def indexed(value: str, rule: Nested) -> Sql:
    """A nested rule about the metadata, with what the index on it can say first."""
    exact, condition = compiled(value, rule), jsonpaths.implied(rule.rule)
    if not condition:
        return exact
    return all_of([_found_by_index(value, f"${steps(rule.path)} ? ({condition})"), exact])


def compiled(value: str, rule: Rule, depth: int = 1) -> Sql:
    """The condition on the jsonb ``value``, whose members the paths of ``rule`` name; ``depth`` is for names."""
    match rule:
        case And(rules):
            return all_of([compiled(value, item, depth) for item in rules]) if rules else constant(False)
        case Or(rules):
            return any_of([compiled(value, item, depth) for item in rules])
        case Nested(path, inner):
            element = f"e{depth}"
            found = compiled(f"{element}.v", inner, depth + 1)
            return _any(value, f"${steps(path)}[*]", found, element)
    return _statement(value, f"${steps(rule.path)}", rule)


def _statement(value: str, path: str, statement: Statement) -> Sql:
    operator, wanted = statement.operator, statement.value
    if operator in SCALAR:
        return _compared(value, path, "==" if operator is Operator.EQUALS else "!=", wanted)
    if operator in ORDER:
        return _in_order(value, path, operator, wanted)
    if operator in TEXT:
        return _with_text(value, path, operator, wanted)
    if operator in ANY_OF | NONE_OF:
        return _listed(value, path, operator, wanted)
    return _without_value(value, path, operator)


def _compared(value: str, path: str, sign: str, wanted: Any) -> Sql:
    if not jsonpaths.is_value(wanted):
        return constant(False)
    find = _found_by_index if sign == "==" else _found
    return find(value, f"{path} ? ({jsonpaths.compared(sign, wanted)})")


def _listed(value: str, path: str, operator: Operator, wanted: Any) -> Sql:
    if not wanted or not all(map(jsonpaths.is_value, wanted)):
        return constant(False)
    if operator in ANY_OF:
        return _found_by_index(value, f"{path} ? ({jsonpaths.one_of(wanted)})")
    return all_of([_found(value, path), negated(_found(value, f"{path}[*] ? ({jsonpaths.none_of(wanted)})"))])


def _in_order(value: str, path: str, operator: Operator, wanted: Any) -> Sql:
    point = moment_of(wanted)
    if point is not None:
        found = Sql(f"{moment(_text('t'))} {SIGNS[operator]} %s::timestamptz", (point,))
        return _any(value, f'{path}[*] ? (@.type() == "string")', found)
    if isinstance(wanted, int | float) and not isinstance(wanted, bool):
        return _compared(value, path, SIGNS[operator], wanted)
    return constant(False)


def _with_text(value: str, path: str, operator: Operator, wanted: Any) -> Sql:
    if not isinstance(wanted, str):
        return constant(False)
    found = has_text(_text("t"), wanted)
    if operator is Operator.CONTAINS:
        return _any(value, f'{path}[*] ? (@.type() == "string")', found)
    refused = any_of([Sql("jsonb_typeof(t.v) <> 'string'"), found])
    return all_of([_found(value, path), negated(_any(value, f'{path}[*] ? (@.type() != "null")', refused))])


def _without_value(value: str, path: str, operator: Operator) -> Sql:
    is_set, is_empty = Sql("t.v <> 'null'"), Sql(f"t.v IN {EMPTY}")
    match operator:
        case Operator.IS_NULL:
            return negated(_any(value, path, is_set))
        case Operator.IS_NOT_NULL:
            return _any(value, path, is_set)
        case Operator.IS_EMPTY:
            return _any(value, path, is_empty)
    return _any(value, path, all_of([is_set, negated(is_empty)]))


def _text(alias: str) -> str:
    return f"({alias}.v #>> '{{}}')"


def _found(value: str, path: str) -> Sql:
    """Whether ``path`` finds anything: a function, as no index could help."""
    return Sql(f"jsonb_path_exists({value}, %s::jsonpath)", (path,))


def _found_by_index(value: str, path: str) -> Sql:
    return Sql(f"({value} @? %s::jsonpath)", (path,))


def _any(value: str, path: str, condition: Sql, alias: str = "t") -> Sql:
    """Whether the condition, on ``alias.v``, holds of anything that ``path`` finds."""
    found = f"SELECT FROM jsonb_path_query({value}, %s::jsonpath) AS {alias}(v) WHERE {condition.text}"
    return Sql(f"EXISTS ({found})", (path, *condition.params))
