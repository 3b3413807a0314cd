"""The page about rules names every operator, variable, limit and well-known name, and its examples hold."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from memories.filters.rules import NESTED, WELL_KNOWN
from memories.filters.uniqueql import InvalidFilter, Operator, Statement, expand, matches, parse
from spaces_project.kit import limits

PAGE = (Path(__file__).resolve().parent.parent.parent / "docs" / "uniqueql.md").read_text()
NOW = datetime(2026, 1, 31, tzinfo=UTC)


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_operators_names_and_limits_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| (`.*?`) \|", section("Operators"), re.M)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == {*Operator, NESTED}
    own = section("Paths").split("whatever its metadata says:")[1].split(".")[0]
    assert set(re.findall(r"`(\w+)`", own)) == WELL_KNOWN
    assert set(re.findall(r"`(RULE_\w+)`", section("Limits"))) == {name for name in vars(limits) if name[:5] == "RULE_"}


def test_the_message_is_the_one_shown() -> None:
    with pytest.raises(InvalidFilter) as caught:
        parse({"and": [{"or": []}, {"path": ["a"], "operator": "equal", "value": 1}]}, "scopeRules")
    assert f"\n    {caught.value}\n" in PAGE


def test_every_example_matches_the_first_document_only() -> None:
    examples = re.findall(r"```json\n(.*)\n(.*)\n(.*)\n```", section("Examples"))
    assert len(examples) == section("Examples").count("```json") == 7
    for written, matching, other in examples:
        rule = expand(parse(json.loads(written)), NOW, {"unit": "hr"})
        assert (matches(rule, json.loads(matching)), matches(rule, json.loads(other))) == (True, False), written


def test_the_way_to_accept_what_is_missing_does() -> None:
    found = re.search(r'`(\{"or": .*\})`', section("Operators"))
    assert found is not None
    rule = parse(json.loads(found[1]))
    assert [matches(rule, {"status": status}) for status in ("final", "draft", None)] == [True, False, True]
    assert matches(rule, {})


def test_every_variable_of_the_page_is_one() -> None:
    variables = re.findall(r"<[^>`]+>", section("Variables"))
    assert len(variables) == 7
    values = {"name": "x", "unit": "x"}
    for variable in variables:
        rule = expand(parse({"path": ["a"], "operator": "equals", "value": variable}), NOW, values, values)
        assert isinstance(rule, Statement)
        assert rule.value != variable


def test_the_table_of_folders_is_so() -> None:
    rows = re.findall(r"^\| `(contains|equals)` `([^`]+)` \| (.*) \|$", section("Folders"), re.M)
    assert len(rows) == 5
    places = {"root": "scope_root", "hr": "scope_root/scope_hr", "new": "scope_root/scope_hr/scope_new"}
    found = {}
    for operator, value, _ in rows:
        rule = parse({"path": ["folderIdPath"], "operator": operator, "value": value})
        found[value] = {at for at, ids in places.items() if matches(rule, {"folderIdPath": f"uniquepathid://{ids}"})}
    assert found == {
        "uniquepathid://scope_hr": {"hr", "new"},
        "scope_hr/scope_new": {"new"},
        "scope_hr/": {"new"},
        "uniquepathid://": {"root", "hr", "new"},
        "uniquepathid://scope_root/scope_hr": {"hr"},
    }
