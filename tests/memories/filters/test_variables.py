"""Variables of stored rules: what is filled in, and how a rule fails closed when something is not set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from memories.filters.uniqueql import NOTHING, Statement, expand, matches, parse

NOW = datetime(2026, 1, 31, 10, 30, 15, 999_999, tzinfo=timezone(timedelta(hours=1)))
USER = {
    "dept": "hr",
    "level": 3,
    "admin": True,
    "code": "007",
    "trick": "<T>",
    "blank": "",
    "null": None,
    "list": ["hr"],
}
TOOL = {"dept": "it", "year": "2025"}


def expanded(value: Any, operator: str = "equals") -> Any:
    rule = expand(parse({"path": ["a"], "operator": operator, "value": value}), NOW, USER, TOOL)
    return rule.value if isinstance(rule, Statement) else rule


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<T>", "2026-01-31T09:30:15+00:00"),
        ("<T-7>", "2026-01-24T09:30:15+00:00"),
        ("<T+1>", "2026-02-01T09:30:15+00:00"),
        ("<userMetadata.dept>", "hr"),
        ("<toolParameters.dept>", "it"),
        ("unit-<userMetadata.dept>-<toolParameters.dept>", "unit-hr-it"),
        ("<userMetadata.level>", 3),
        ("<userMetadata.admin>", True),
        ("<toolParameters.year>", 2025),
        ("<userMetadata.code>", "007"),
        ("<userMetadata.trick>", "<T>"),
        ("<userMetadata.none>||<toolParameters.dept>||other", "it"),
        ("<userMetadata.none>||<userMetadata.blank>||other", "other"),
        ("<userMetadata.none>||12", 12),
        # Without a variable nothing is touched.
        ("2025", "2025"),
        ("true", "true"),
        ("a||b", "a||b"),
        ("<S> <T-> <userMetadata> <userMetadata.>", "<S> <T-> <userMetadata> <userMetadata.>"),
        (None, None),
        (5, 5),
    ],
)
def test_values_are_filled_in(value: Any, expected: Any) -> None:
    found = expanded(value)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    "value",
    [
        "<userMetadata.none>",
        "<userMetadata.blank>",
        "<userMetadata.list>",
        "<userMetadata.null>",
        "uniquepathid://<userMetadata.none>",
        "<userMetadata.none>||<toolParameters.none>",
        "<userMetadata.none>||",
        "<T-999999>",
    ],
)
def test_what_is_not_set_matches_nothing(value: str) -> None:
    assert expanded(value) == NOTHING
    assert expanded(value, "notEquals") == NOTHING
    assert expanded(value, "contains") == NOTHING


def test_an_unset_value_is_not_allowed_and_excludes_everything() -> None:
    values = ["public", "<userMetadata.none>", "<userMetadata.dept>"]
    assert expanded(values, "in") == expanded(values, "overlaps") == ("public", "hr")
    assert expanded(values, "notIn") == expanded(values, "notOverlaps") == NOTHING


def test_filled_in_values_must_suit_the_operator() -> None:
    assert expanded("<T-7>", "greaterThan") == "2026-01-24T09:30:15+00:00"
    assert expanded("<userMetadata.level>", "lessThan") == 3
    assert expanded("<userMetadata.dept>", "lessThan") == NOTHING
    assert expanded("<toolParameters.year>", "contains") == "2025"


@pytest.mark.parametrize("text", ["\x00", "\ud800", "x" * 5_000])
def test_what_no_rule_may_hold_is_not_filled_in(text: str) -> None:
    rule = parse({"path": ["a"], "operator": "equals", "value": "<userMetadata.x>"})
    assert expand(rule, NOW, {"x": text}) == NOTHING


def test_groups_and_nested_rules_are_filled_in() -> None:
    inner = {"path": ["dept"], "operator": "equals", "value": "<userMetadata.dept>"}
    rule = parse({"or": [{"and": [inner]}, {"path": ["units", "*"], "operator": "nested", "value": inner}]})
    found = expand(rule, NOW, USER)
    assert matches(found, {"dept": "hr"})
    assert matches(found, {"units": [{"dept": "it"}, {"dept": "hr"}]})
    assert not matches(rule, {"dept": "hr"})


def test_a_variable_that_was_not_filled_in_is_only_text() -> None:
    rule = parse({"path": ["day"], "operator": "lessThan", "value": "<T>"})
    assert not matches(rule, {"day": "2020-01-01"})
    assert matches(expand(rule, datetime.now(UTC)), {"day": "2020-01-01"})
