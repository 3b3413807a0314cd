"""Strict reading: what is a rule, and what is said about what is not one."""

from __future__ import annotations

from typing import Any

import pytest

from memories.filters.rules import NESTED
from memories.filters.uniqueql import And, InvalidFilter, Nested, Operator, Or, Statement, parse
from spaces.errors import InvalidInput
from spaces_project.kit import limits

YEAR = {"path": ["year"], "operator": "equals", "value": 2024}
SUITING = {
    "equals": "a",
    "notEquals": None,
    "greaterThan": 1.5,
    "greaterThanOrEqual": "2026-01-31",
    "lessThan": "2026-01-31T09:00:00.123Z",
    "lessThanOrEqual": "<T-7>",
    "in": ["a", 1, True],
    "notIn": [],
    "overlaps": ["a"],
    "notOverlaps": ["a"],
    "contains": "a",
    "notContains": "",
    "isNull": None,
    "isNotNull": None,
    "isEmpty": "",
    "isNotEmpty": "not_empty",
    "nested": {"and": [YEAR]},
}
EXAMPLES = [
    {"path": ["mimeType"], "operator": "equals", "value": "text/markdown"},
    {
        "and": [
            {"path": ["folderIdPath"], "operator": "contains", "value": "uniquepathid://scope_hr"},
            {
                "or": [
                    {"path": ["year"], "operator": "in", "value": ["2025", "2026"]},
                    {"path": ["reviewedAt"], "operator": "greaterThanOrEqual", "value": "2026-01-01"},
                ]
            },
        ]
    },
    {"path": ["tags"], "operator": "overlaps", "value": ["legal", "risk"]},
    {"path": ["owner"], "operator": "isNull", "value": None},
    {
        "path": ["people", "*"],
        "operator": "nested",
        "value": {
            "and": [
                {"path": ["role"], "operator": "equals", "value": "author"},
                {"path": ["active"], "operator": "equals", "value": True},
            ]
        },
    },
    {"and": []},
    {"or": []},
]


@pytest.mark.parametrize("data", EXAMPLES)
def test_a_rule_is_written_as_it_was_read(data: Any) -> None:
    assert parse(data).to_json() == data


@pytest.mark.parametrize("operator", sorted(SUITING))
def test_every_operator_is_read(operator: str) -> None:
    rule = parse({"value": SUITING[operator], "operator": operator, "path": ["a", "b"]})
    assert isinstance(rule, Statement | Nested)
    assert rule.path == ("a", "b")
    assert rule.to_json()["operator"] == operator


def test_the_operators_are_these_seventeen() -> None:
    assert {*SUITING} == {*Operator, NESTED}
    assert len(SUITING) == 17


def test_the_rule_is_made_of_values() -> None:
    assert parse({"or": [YEAR, {"and": []}]}) == Or((Statement(("year",), Operator.EQUALS, 2024), And(())))


def test_an_ignored_value_is_forgotten_and_may_be_missing() -> None:
    expected = Statement(("a",), Operator.IS_NOT_EMPTY)
    assert parse({"path": ["a"], "operator": "isNotEmpty", "value": "not_empty"}) == expected
    assert parse({"path": ["a"], "operator": "isNotEmpty"}) == expected


def stated(operator: Any, *value: Any, path: Any = ("a",)) -> dict[str, Any]:
    return {"path": list(path), "operator": operator} | ({"value": value[0]} if value else {})


REFUSED: list[tuple[Any, str]] = [
    (None, "a rule must be an object, not null"),
    ([], "a rule must be an object, not an array"),
    ("x", "a rule must be an object, not a text"),
    ({}, 'a rule must have "operator", "and" or "or"'),
    ({"not": [YEAR]}, 'a rule must have "operator", "and" or "or"'),
    ({"and": [], "or": []}, 'a rule must be one of a statement, "and" and "or", but has "and" and "or"'),
    (YEAR | {"or": []}, 'a rule must be one of a statement, "and" and "or", but has "operator" and "or"'),
    ({"and": [], "path": ["a"]}, 'unknown member "path"'),
    (YEAR | {"mode": "insensitive"}, 'unknown member "mode"'),
    ({"and": {}}, "and: must be an array of rules, not an object"),
    ({"or": None}, "or: must be an array of rules, not null"),
    ({"and": [YEAR, {"or": [YEAR, 7]}]}, "and[1].or[1]: a rule must be an object, not a number"),
    ({"and": [YEAR, stated("equal", 1)]}, 'and[1].operator: unknown operator "equal"'),
    (stated("EQUALS", 1), 'operator: unknown operator "EQUALS"'),
    (stated("x" * 100, 1), f'operator: unknown operator "{"x" * 60}…"'),
    (stated({"a": 1}, 1), "operator: must be a text, not an object"),
    ({"operator": "equals", "value": 1}, "path: is missing"),
    ({"path": "year", "operator": "equals", "value": 1}, "path: must be an array, not a text"),
    (stated("equals", 1, path=[]), "path: must hold 1 to 16 names, not 0"),
    (stated("equals", 1, path=["a"] * 17), "path: must hold 1 to 16 names, not 17"),
    (stated("equals", 1, path=["a", 0]), "path[1]: must be a text, not a number"),
    (stated("equals", 1, path=["a", None]), "path[1]: must be a text, not null"),
    (stated("equals", 1, path=["a", ""]), "path[1]: an empty name"),
    (stated("equals", 1, path=["a\x00"]), "path[0]: Null characters are not allowed."),
    (stated("equals"), "value: is missing"),
    (stated("equals", ["a"]), "value: must be a text, a number, true, false or null, not an array"),
    (stated("isNull", {}), "value: must be a text, a number, true, false or null, not an object"),
    (stated("equals", "\ud800"), "value: Lone surrogates are not allowed."),
    (stated("equals", "x" * 4097), "value: at most 4,096 characters, not 4,097"),
    (stated("equals", 10**400), "value: the number is too large"),
    (stated("equals", float("inf")), "value: the number is too large"),
    (stated("equals", float("nan")), "value: the number is too large"),
    (stated("contains", 5), 'value: "contains" needs a text, not a number'),
    (stated("notContains", True), 'value: "notContains" needs a text, not true'),
    (stated("in", "a"), 'value: "in" needs an array, not a text'),
    (stated("overlaps", None), 'value: "overlaps" needs an array, not null'),
    (stated("notIn", ["a", None]), "value[1]: must be a text, a number, true or false, not null"),
    (stated("notOverlaps", [["a"]]), "value[0]: must be a text, a number, true or false, not an array"),
    (stated("nested", None), "value: a rule must be an object, not null"),
    (stated("nested", {"or": [stated("is", 1)]}), 'value.or[0].operator: unknown operator "is"'),
    *[
        (
            stated("greaterThan", value),
            'value: "greaterThan" needs a number or a date such as "2026-01-31" or "2026-01-31T09:00:00Z"',
        )
        for value in ("soon", "", "2024", "2026-02-30", "2026-01-31T25:00", "31.01.2026", True, None, "<S>")
    ],
]


def problem_of(data: Any) -> str:
    with pytest.raises(InvalidFilter) as caught:
        parse(data)
    return str(caught.value)


def test_what_is_not_understood_is_refused_with_its_place() -> None:
    assert [problem_of(data) for data, _ in REFUSED] == [problem for _, problem in REFUSED]


def test_the_caller_names_the_whole() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse({"and": [stated("equal", 1)]}, "scopeRules")
    assert str(caught.value) == 'scopeRules.and[0].operator: unknown operator "equal"'
    assert caught.value.field == "scopeRules.and[0].operator"


def deep(levels: int, wrap: str) -> Any:
    data: Any = YEAR
    for _ in range(levels - 1):
        data = {wrap: [data]} if wrap != NESTED else stated(NESTED, data)
    return data


@pytest.mark.parametrize("wrap", ["and", "or", NESTED])
def test_a_rule_may_be_so_deep_and_no_deeper(wrap: str) -> None:
    assert parse(deep(limits.RULE_DEPTH, wrap)).to_json() == deep(limits.RULE_DEPTH, wrap)
    for levels in (limits.RULE_DEPTH + 1, 10_000):
        with pytest.raises(InvalidFilter, match="16 levels deep"):
            parse(deep(levels, wrap))


def depth_bomb() -> Any:
    bomb: Any = []
    for _ in range(10_000):
        bomb = [bomb]
    return bomb


@pytest.mark.parametrize(
    "place",
    [
        lambda bomb: bomb,
        lambda bomb: {"and": bomb},
        lambda bomb: stated("equals", bomb),
        lambda bomb: stated("isNull", bomb),
        lambda bomb: stated("in", bomb),
        lambda bomb: stated(NESTED, bomb),
        lambda bomb: stated(bomb, 1),
        lambda bomb: stated("equals", 1, path=bomb),
        lambda bomb: YEAR | {"more": bomb},
    ],
)
def test_depth_is_an_error_wherever_it_is(place: Any) -> None:
    with pytest.raises(InvalidFilter):
        parse(place(depth_bomb()))


def test_a_rule_may_be_so_large_and_no_larger() -> None:
    assert parse({"or": [YEAR] * (limits.RULE_NODES - 1)})
    with pytest.raises(InvalidFilter, match="1,000 statements and groups"):
        parse({"or": [YEAR] * limits.RULE_NODES})
    half = stated("in", ["a"] * (limits.RULE_VALUES // 2))
    assert parse({"or": [half, half]})
    with pytest.raises(InvalidFilter, match=r"^or\[2\]\.value: the lists of a rule may hold 10,000 values$"):
        parse({"or": [half, half, stated("notIn", ["a"])]})
