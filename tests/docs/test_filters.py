"""The page about filters names every type, function, field and limit, and its examples hold."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.db import connection

from memories.filters.expressions import InvalidExpression, parse
from memories.filters.expressions.functions import FIELDS, FUNCTIONS
from memories.filters.expressions.types import CAST_NAMES
from spaces_project.kit import limits

PAGE = (Path(__file__).resolve().parent.parent.parent / "docs" / "filters.md").read_text()


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_types_functions_fields_and_limits_are_those_of_the_code() -> None:
    columns = [row.split("|")[1:3] for row in section("Types").splitlines() if row.startswith("| `")]
    assert {name for row in columns for cell in row for name in re.findall(r"`([A-Z ]+)`", cell)} == set(CAST_NAMES)
    listed = {cell for row in section("Functions").splitlines() if row[:3] == "| `" for cell in [row.split("|")[1]]}
    said = {name for cell in listed for name in re.findall(r"`([a-z_]+)[`(]", cell)}
    assert said == set(FUNCTIONS)
    fields = next(row for row in section("Functions").splitlines() if "EXTRACT" in row).split("|")[2]
    assert set(re.findall(r"`(\w+)`", fields)) == set(FIELDS)
    assert set(re.findall(r"`(FILTER_\w+)`", section("Limits"))) == {
        name for name in vars(limits) if name[:7] == "FILTER_"
    }


def test_the_message_is_the_one_shown() -> None:
    with pytest.raises(InvalidExpression) as caught:
        parse("CAST(val('$.a') AS TEXT) = 'b' AND 1")
    assert f"\n    {caught.value}\n" in PAGE


@pytest.mark.django_db
def test_every_example_matches_the_first_metadata_only() -> None:
    examples = re.findall(r"```sql\n(.*)\n(.*)\n(.*)\n```", section("Examples"))
    assert len(examples) == section("Examples").count("```sql") == 9
    for text, matching, other in examples:
        assert (holds(text, matching), holds(text, other)) == (True, False), text


def holds(text: str, metadata: str) -> bool:
    sql, params = parse(text).sql("m.meta")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sql} FROM (SELECT %s::jsonb AS meta) AS m", [*params, metadata])
        row = cursor.fetchone()
    assert json.loads(metadata)
    return row is not None and row[0] is True


@pytest.mark.django_db
def test_what_the_page_says_in_passing_is_so() -> None:
    assert holds(
        "CAST(CAST(val('$.code') AS TEXT) AS INTEGER) = 12 AND CAST(val('$.code') AS INTEGER) IS NULL", '{"code": "12"}'
    )
    assert holds("CAST(1.50 AS TEXT) = '1.5' AND 5 / 2 = 2 AND 0.1 + 0.2 = 0.3", '{"a": 1}')
    for refused in ("TRUE = 'true'", "'a' + 1 = 1"):
        with pytest.raises(InvalidExpression):
            parse(refused)
