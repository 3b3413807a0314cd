"""The meaning of the operators, case by case. docs/uniqueql.md tells users the same."""

from __future__ import annotations

from typing import Any

import pytest

from memories.filters.uniqueql import document, matches, parse

DOCUMENT = {
    "title": "Report on Ärzte",
    "year": "2024",
    "count": 12,
    "ratio": 0.1,
    "flag": True,
    "none": None,
    "tags": ["legal", "Draft", 7],
    "no_tags": [],
    "blank": "",
    "nothing": {},
    "deep": [["legal"]],
    "deeper": [[["legal"]]],
    "author": {"email": "ada@example.com", "names": ["Ada", "Lovelace"]},
    "people": [{"role": "author", "active": False}, {"role": "editor", "active": True}],
    "day": "2026-01-31",
    "moment": "2026-01-31T09:00:00+01:00",
    "metadata": "its own",
}
MISSING = "not there"


def holds(path: Any, operator: str, value: Any = None) -> bool:
    path = [path] if isinstance(path, str) else path
    return matches(parse({"path": path, "operator": operator, "value": value}), DOCUMENT)


# What holds, and what does not.
CASES: list[tuple[bool, Any, str, Any]] = [
    # equals: type-sensitive, case-sensitive, any element of a list
    (True, "year", "equals", "2024"),
    (False, "year", "equals", 2024),
    (True, "count", "equals", 12),
    (True, "count", "equals", 12.0),
    (False, "count", "equals", "12"),
    (True, "ratio", "equals", 0.1),
    (True, "flag", "equals", True),
    (False, "flag", "equals", 1),
    (False, "flag", "equals", "true"),
    (False, "title", "equals", "report on ärzte"),
    (True, "none", "equals", None),
    (False, MISSING, "equals", None),
    (True, "tags", "equals", "legal"),
    (True, "tags", "equals", 7),
    (False, "tags", "equals", "risk"),
    (True, "deep", "equals", "legal"),
    (False, "deeper", "equals", "legal"),
    (True, ["deeper", "*"], "equals", "legal"),
    (False, "nothing", "equals", None),
    # notEquals: needs a value; any element that differs; null differs; another type is not compared
    (True, "year", "notEquals", "2023"),
    (False, "year", "notEquals", "2024"),
    (False, "year", "notEquals", 2023),
    (False, MISSING, "notEquals", "2024"),
    (True, "none", "notEquals", "2024"),
    (False, "none", "notEquals", None),
    (True, "year", "notEquals", None),
    (True, "nothing", "notEquals", None),
    (True, "tags", "notEquals", "legal"),
    (False, "no_tags", "notEquals", "legal"),
    (False, "nothing", "notEquals", "x"),
    # in, overlaps: one value is one of them
    (True, "year", "in", ["2023", "2024"]),
    (False, "year", "in", [2024]),
    (False, "year", "in", []),
    (True, "tags", "in", ["legal"]),
    (True, "tags", "overlaps", ["risk", "legal"]),
    (False, "tags", "overlaps", ["risk"]),
    (True, "year", "overlaps", ["2024"]),
    (False, MISSING, "overlaps", ["legal"]),
    # notIn, notOverlaps: something is there and nothing of it is one of them
    (True, "year", "notIn", ["2023"]),
    (False, "year", "notIn", ["2024", "2023"]),
    (False, "year", "notIn", [2023]),
    (True, "year", "notIn", [2023, "x"]),
    (False, MISSING, "notIn", ["2023"]),
    (False, "year", "notIn", []),
    (True, "none", "notIn", ["2023"]),
    (False, "tags", "notIn", ["legal"]),
    (False, "tags", "notOverlaps", ["legal", "risk"]),
    (False, "tags", "notOverlaps", ["risk"]),  # 7 is not comparable with texts
    (True, "tags", "notOverlaps", ["risk", 8]),
    (True, "no_tags", "notOverlaps", ["legal"]),
    (True, ["author", "names"], "notOverlaps", ["Grace"]),
    # contains: part of a text in upper or lower case
    (True, "title", "contains", "ÄRZTE"),
    (True, "title", "contains", ""),
    (True, "tags", "contains", "draf"),
    (False, "tags", "contains", "7"),
    (False, "count", "contains", "1"),
    (False, "none", "contains", ""),
    (False, MISSING, "contains", ""),
    (True, "title", "notContains", "draft"),
    (False, "title", "notContains", "REPORT"),
    (False, "tags", "notContains", "draft"),
    (False, "tags", "notContains", "risk"),  # 7 is no text
    (True, ["author", "names"], "notContains", "risk"),
    (True, "none", "notContains", "x"),
    (True, "no_tags", "notContains", "x"),
    (False, "count", "notContains", "x"),
    (False, MISSING, "notContains", "x"),
    # order: numbers against numbers, dates against texts that are dates
    (True, "count", "greaterThan", 11.5),
    (False, "count", "greaterThan", 12),
    (True, "count", "greaterThanOrEqual", 12),
    (True, "count", "lessThan", 13),
    (True, "count", "lessThanOrEqual", 12),
    (False, "year", "greaterThan", 1),
    (False, "flag", "greaterThan", 0),
    (False, "none", "lessThan", 1),
    (False, MISSING, "lessThan", 1),
    (True, "tags", "greaterThan", 6),
    (True, "day", "greaterThanOrEqual", "2026-01-31"),
    (True, "day", "greaterThanOrEqual", "2026-01-31T00:00:00Z"),
    (True, "day", "lessThan", "2026-01-31 00:01"),
    (False, "day", "lessThan", "2026-01-31T01:00:00+01:00"),
    (True, "moment", "lessThanOrEqual", "2026-01-31T08:00:00Z"),
    (False, "moment", "lessThan", "2026-01-31T08:00:00.000Z"),
    (False, "title", "lessThan", "2026-01-31"),
    (False, "count", "lessThan", "2026-01-31"),
    (False, "day", "lessThan", 3000),
    # null: missing or null
    (True, "none", "isNull", None),
    (True, MISSING, "isNull", None),
    (True, ["author", "phone"], "isNull", None),
    (False, "blank", "isNull", None),
    (False, "no_tags", "isNull", None),
    (False, "none", "isNotNull", None),
    (False, MISSING, "isNotNull", None),
    (True, "blank", "isNotNull", None),
    (True, "no_tags", "isNotNull", None),
    # empty: "", [] and {}; missing and null are neither empty nor not
    (True, "blank", "isEmpty", None),
    (True, "no_tags", "isEmpty", None),
    (True, "nothing", "isEmpty", None),
    (False, "none", "isEmpty", None),
    (False, MISSING, "isEmpty", None),
    (False, "count", "isEmpty", None),
    (False, "blank", "isNotEmpty", None),
    (False, "no_tags", "isNotEmpty", None),
    (False, "none", "isNotEmpty", None),
    (False, MISSING, "isNotEmpty", None),
    (True, "count", "isNotEmpty", None),
    (True, "tags", "isNotEmpty", None),
    # paths
    (True, ["author", "email"], "equals", "ada@example.com"),
    (True, ["author", "names", "*"], "equals", "Ada"),
    (True, ["author", "names"], "equals", "Ada"),
    (True, ["people", "role"], "equals", "editor"),
    (True, ["people", "*", "role"], "equals", "editor"),
    (False, ["people", "0", "role"], "equals", "author"),
    (False, ["year", "2024"], "isNotNull", None),
    (True, ["metadata", "year"], "equals", "2024"),
    (True, ["metadata"], "equals", "its own"),
    (False, ["no_tags", "*"], "isNotNull", None),
]


def test_operators() -> None:
    assert [case for case in CASES if holds(*case[1:]) is not case[0]] == []


def person(group: str, role: str, active: bool) -> dict[str, Any]:
    return {
        group: [
            {"path": ["role"], "operator": "equals", "value": role},
            {"path": ["active"], "operator": "equals", "value": active},
        ]
    }


@pytest.mark.parametrize("path", [["people", "*"], ["people"], ["metadata", "people", "*"]])
def test_nested_binds_one_element(path: list[str]) -> None:
    assert holds(path, "nested", person("and", "editor", True))
    assert not holds(path, "nested", person("and", "author", True))
    assert holds(path, "nested", person("or", "author", True))
    assert not holds(path, "nested", {"or": []})


def test_nested_paths_are_relative_and_nothing_is_stripped_there() -> None:
    inner = {"path": ["metadata", "role"], "operator": "equals", "value": "author"}
    assert not holds(["people", "*"], "nested", inner)
    assert holds(["author"], "nested", {"path": ["names"], "operator": "contains", "value": "love"})
    assert holds(["tags", "*"], "nested", {"path": ["*"], "operator": "equals", "value": "legal"})
    assert not holds([MISSING, "*"], "nested", {"path": ["role"], "operator": "isNull"})


YES = {"path": ["year"], "operator": "equals", "value": "2024"}
NO = {"path": ["year"], "operator": "equals", "value": "2023"}


@pytest.mark.parametrize(
    ("expected", "rule"),
    [
        (True, {"and": [YES, YES]}),
        (False, {"and": [YES, NO]}),
        (True, {"or": [NO, YES]}),
        (False, {"or": [NO, NO]}),
        (False, {"and": []}),
        (False, {"or": []}),
        (False, {"and": [YES, {"or": []}]}),
        (True, {"or": [YES, {"and": []}]}),
    ],
)
def test_groups_and_empty_groups_match_nothing(expected: bool, rule: Any) -> None:
    assert matches(parse(rule), DOCUMENT) is expected


FOLDERS = "uniquepathid://scope_root/scope_hr/scope_hr2"
FOLDER_CASES: list[tuple[bool, str, Any]] = [
    (True, "contains", "uniquepathid://scope_root"),
    (True, "contains", "uniquepathid://scope_hr"),
    (True, "contains", "uniquepathid://scope_hr2"),
    (True, "contains", "scope_hr"),
    (True, "contains", "scope_root/scope_hr"),
    (True, "contains", "uniquepathid://scope_hr/scope_hr2"),
    (True, "contains", "uniquepathid://"),
    (True, "contains", "scope_hr/"),
    (False, "contains", "scope_hr2/"),
    (False, "contains", "scope_h"),
    (False, "contains", "hr"),
    (False, "contains", "scope_root/scope_hr2"),
    (False, "contains", "SCOPE_HR"),
    (False, "contains", "uniquepathid"),
    (True, "notContains", "user-memory"),
    (True, "notContains", "scope_hr2/"),
    (False, "notContains", "scope_hr/"),
    (False, "notContains", "uniquepathid://scope_hr"),
    (True, "equals", FOLDERS),
    (True, "equals", "scope_root/scope_hr/scope_hr2"),
    (False, "equals", "uniquepathid://scope_root/scope_hr"),
    (False, "equals", "scope_hr2"),
    (False, "notEquals", FOLDERS),
    (True, "notEquals", "uniquepathid://scope_root"),
    (True, "in", ["x", FOLDERS]),
    (False, "in", ["scope_hr2"]),
    (True, "notIn", ["uniquepathid://scope_root"]),
    (False, "notIn", ["scope_root/scope_hr/scope_hr2"]),
    (True, "isNotNull", None),
]


@pytest.mark.parametrize("path", [["folderIdPath"], ["metadata", "folderIdPath"]])
def test_folders_are_compared_by_whole_ids(path: list[str]) -> None:
    def in_folders(operator: str, value: Any) -> bool:
        rule = parse({"path": path, "operator": operator, "value": value})
        return matches(rule, document({}, {"folderIdPath": FOLDERS}))

    assert [case for case in FOLDER_CASES if in_folders(*case[1:]) is not case[0]] == []


@pytest.mark.parametrize(
    ("folders", "expected"),
    [("scope_a", True), ("scope_root/scope_a", True), ("scope_a/scope_b", False), ("scope_ab", False), (None, False)],
)
def test_the_two_conditions_that_list_one_folder(folders: str | None, expected: bool) -> None:
    path = folders and f"uniquepathid://{folders}"
    direct = [
        {"path": ["folderIdPath"], "operator": "contains", "value": "scope_a"},
        {"path": ["folderIdPath"], "operator": "notContains", "value": "scope_a/"},
    ]
    assert matches(parse({"and": direct}), document({}, {"folderIdPath": path})) is expected


@pytest.mark.parametrize("operator", ["contains", "notContains", "equals", "notEquals"])
def test_a_file_in_no_folder_is_in_no_folder_rule(operator: str) -> None:
    rule = parse({"path": ["folderIdPath"], "operator": operator, "value": "uniquepathid://scope_a"})
    assert not matches(rule, document({"title": "x"}, {"folderIdPath": None}))


def test_metadata_cannot_claim_what_is_the_memorys_own() -> None:
    """mallory may write metadata, but not place her file in a folder or name it as another."""
    claimed = document(
        {"folderIdPath": "uniquepathid://scope_hr", "contentId": "cont_1", "year": 1},
        {"contentId": "cont_2", "folderIdPath": None, "title": "t"},
    )
    assert claimed == {"year": 1, "contentId": "cont_2", "title": "t"}
