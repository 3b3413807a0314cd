"""What holds for every rule and every document."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from memories.filters.uniqueql import (
    NOTHING,
    And,
    InvalidFilter,
    Nested,
    Operator,
    Or,
    Statement,
    expand,
    matches,
    parse,
)
from tests.tiers import examples

from .strategies import DOCUMENTS, JSON, LISTED, LISTS, PATHS, RULES, TEXTS, statements

NOW = datetime(2026, 1, 31, tzinfo=UTC)
FEW = settings(max_examples=examples(20), deadline=None)
MORE = settings(max_examples=examples(50), deadline=None)


@FEW
@given(RULES)
def test_a_written_rule_is_read_as_the_same_rule(rule: Any) -> None:
    written = json.dumps(rule.to_json())
    assert parse(json.loads(written)) == rule
    assert json.dumps(parse(json.loads(written)).to_json()) == written


ANYTHING = st.recursive(
    JSON,
    lambda inner: st.dictionaries(st.sampled_from(["and", "or", "path", "operator", "value"]), inner, max_size=3),
    max_leaves=10,
)


@MORE
@given(ANYTHING)
def test_any_json_is_a_rule_or_an_error(data: Any) -> None:
    with suppress(InvalidFilter):
        rule = parse(data)
        assert parse(rule.to_json()) == rule


@MORE
@given(RULES, DOCUMENTS)
def test_any_document_has_an_answer(rule: Any, found: dict[str, Any]) -> None:
    assert matches(rule, found) in (True, False)


@FEW
@given(RULES, RULES, DOCUMENTS)
def test_groups_are_all_and_any(one: Any, two: Any, found: dict[str, Any]) -> None:
    left, right = matches(one, found), matches(two, found)
    assert matches(And((one, two)), found) == matches(And((two, one)), found) == (left and right)
    assert matches(Or((one, two)), found) == matches(Or((two, one)), found) == (left or right)
    assert matches(And((one, Or((one, two)))), found) == left
    assert matches(Or((one, NOTHING)), found) == left
    assert not matches(And((one, NOTHING)), found)


@FEW
@given(PATHS, LISTED, DOCUMENTS)
def test_a_list_of_one_is_equals(path: Any, value: Any, found: dict[str, Any]) -> None:
    equals = matches(Statement(path, Operator.EQUALS, value), found)
    assert matches(Statement(path, Operator.IN, (value,)), found) == equals
    assert matches(Statement(path, Operator.OVERLAPS, (value,)), found) == equals


@FEW
@given(PATHS, LISTS, DOCUMENTS)
def test_in_is_any_equals(path: Any, values: Any, found: dict[str, Any]) -> None:
    each = Or(tuple(Statement(path, Operator.EQUALS, value) for value in values))
    assert matches(Statement(path, Operator.IN, values), found) == matches(each, found)


@FEW
@given(PATHS, TEXTS, LISTS, DOCUMENTS)
def test_an_exclusion_excludes(path: Any, text: str, values: Any, found: dict[str, Any]) -> None:
    for negative, positive, value in (
        (Operator.NOT_CONTAINS, Operator.CONTAINS, text),
        (Operator.NOT_IN, Operator.IN, values),
        (Operator.NOT_OVERLAPS, Operator.OVERLAPS, values),
    ):
        assert not matches(And((Statement(path, negative, value), Statement(path, positive, value))), found)


@FEW
@given(statements([*set(Operator) - {Operator.IS_NULL}]))
def test_nothing_but_is_null_is_said_of_what_is_missing(statement: Statement) -> None:
    assert not matches(replace(statement, path=("gone", *statement.path)), {"here": 1})


@FEW
@given(PATHS, DOCUMENTS)
def test_null_and_not_null_are_opposites(path: Any, found: dict[str, Any]) -> None:
    is_null = matches(Statement(path, Operator.IS_NULL), found)
    assert matches(Statement(path, Operator.IS_NOT_NULL), found) != is_null


@FEW
@given(st.lists(DOCUMENTS, max_size=4), statements(), statements())
def test_nested_binds_one_element(items: list[dict[str, Any]], one: Statement, two: Statement) -> None:
    def single(item: dict[str, Any]) -> bool:
        return matches(Nested(("list",), And((one, two))), {"list": item})

    bound = matches(Nested(("list", "*"), And((one, two))), {"list": items})
    assert bound == any(single(item) for item in items)
    if bound:
        assert all(matches(Nested(("list", "*"), rule), {"list": items}) for rule in (one, two))


@FEW
@given(RULES, DOCUMENTS)
def test_expanding_a_rule_without_variables_changes_nothing(rule: Any, found: dict[str, Any]) -> None:
    assert expand(rule, NOW) == rule


HOLES = st.sampled_from(["<userMetadata.gone>", "x<toolParameters.gone>", "<userMetadata.gone>||"])


@FEW
@given(RULES, st.data(), DOCUMENTS)
def test_an_unset_variable_never_shows_more(rule: Any, data: st.DataObject, found: dict[str, Any]) -> None:
    """A rule with a hole in one statement matches no document that the rule with that statement open would not."""
    operators = [Operator.EQUALS, Operator.NOT_EQUALS, Operator.CONTAINS, Operator.NOT_CONTAINS]
    path, operator = data.draw(PATHS), data.draw(st.sampled_from(operators))
    hole = expand(Statement(path, operator, data.draw(HOLES)), NOW)
    assert not matches(And((rule, hole)), found)
    assert matches(Or((rule, hole)), found) == matches(rule, found)
