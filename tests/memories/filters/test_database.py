"""The evaluator means what PostgreSQL can say simply: lax jsonpath, and lower() of its own Unicode table."""

from __future__ import annotations

import json
import sys
import unicodedata
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from memories.filters.evaluator import fold, key_path, root_path
from memories.filters.uniqueql import Operator, Statement, matches

from .strategies import DOCUMENTS, statements

COMPARED = {
    Operator.EQUALS: "==",
    Operator.NOT_EQUALS: "!=",
    Operator.GREATER_THAN: ">",
    Operator.GREATER_THAN_OR_EQUAL: ">=",
    Operator.LESS_THAN: "<",
    Operator.LESS_THAN_OR_EQUAL: "<=",
}
PAIRS = st.lists(st.tuples(statements([*COMPARED, Operator.IS_NULL]), DOCUMENTS), min_size=20, max_size=40)
SQL = """
    SELECT CASE WHEN sign = 'isNull'
                THEN NOT EXISTS (SELECT FROM jsonb_path_query(document, path::jsonpath) AS v WHERE v <> 'null')
                ELSE jsonb_path_exists(document, (path || ' ? (@ ' || sign || ' $v)')::jsonpath, variables) END
    FROM unnest(%s::jsonb[], %s::text[], %s::text[], %s::jsonb[]) WITH ORDINALITY
         AS given (document, path, sign, variables, place)
    ORDER BY place
"""


def jsonpath(statement: Statement) -> str:
    return "$" + "".join("[*]" if name == "*" else f".{json.dumps(name)}" for name in key_path(statement.path))


def said_by_database(pairs: list[tuple[Statement, dict[str, Any]]]) -> list[bool]:
    columns = [
        [json.dumps(found) for _, found in pairs],
        [jsonpath(statement) for statement, _ in pairs],
        [COMPARED.get(statement.operator, "isNull") for statement, _ in pairs],
        [json.dumps({"v": statement.value}) for statement, _ in pairs],
    ]
    with connection.cursor() as cursor:
        cursor.execute(SQL, columns)
        return [row[0] for row in cursor.fetchall()]


def is_same_in_jsonpath(pair: tuple[Statement, Any]) -> bool:
    """Folders and dates have a meaning of their own; jsonpath compares them as any text."""
    statement, _ = pair
    ordered = statement.operator in COMPARED and statement.operator not in (Operator.EQUALS, Operator.NOT_EQUALS)
    return root_path(statement.path) != ("folderIdPath",) and not (ordered and isinstance(statement.value, str))


@pytest.mark.django_db
@settings(max_examples=5, deadline=None, suppress_health_check=[*HealthCheck])
@given(PAIRS)
@example([(Statement(("c",), Operator.EQUALS, 0), {"c": deep}) for deep in (0, [0], [[0]], [[[0]]], [[None, 0]])])
def test_comparisons_are_those_of_lax_jsonpath(pairs: list[tuple[Statement, dict[str, Any]]]) -> None:
    compared = [pair for pair in pairs if is_same_in_jsonpath(pair)]
    said = zip(compared, said_by_database(compared), strict=True)
    assert [(pair, expected) for pair, expected in said if matches(*pair) is not expected] == []


@pytest.mark.thorough
@pytest.mark.django_db
def test_upper_and_lower_case_are_those_of_the_database() -> None:
    chars = map(chr, range(1, sys.maxunicode))
    assigned = [char for char in chars if unicodedata.category(char) not in ("Cn", "Cs")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT lower(c) FROM unnest(%s::text[]) AS c", [assigned])
        lower = [row[0] for row in cursor.fetchall()]
    assert [char for char, low in zip(assigned, lower, strict=True) if fold(char) != low] == []
    assert fold("ΟΔΟΣ İ Straße") == "οδοσ i straße"
