"""Data and sessions that try to make a filter fail: it does not."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest
from django.db import connection

from memories.filters.expressions import parse

from .test_expressions import DOCUMENT, HOLD

pytestmark = pytest.mark.django_db

LONG = {"digits": "9" * 60_000, "fraction": "0." + "1" * 60_000, "text": "a" * 60_000, "b": "%" * 200 + "x"}
HARMLESS = [
    "CAST(CAST(val('$.digits') AS TEXT) AS NUMERIC) IS NULL",
    "CAST(CAST(val('$.fraction') AS TEXT) AS NUMERIC) IS NULL",
    "CAST(CAST(val('$.digits') AS TEXT) AS INTEGER) IS NULL",
    "replace(val('$.text'), 'a', val('$.text')) IS NULL",
    "length(val('$.text') || val('$.text') || val('$.text')) = 65536",
    "length(concat(val('$.text'), val('$.text'))) = 65536",
    "CAST(CAST(val('$.text') AS TEXT) AS DATE) IS NULL",
    "CAST(CAST(val('$.digits') AS TEXT) AS TIMESTAMP) IS NULL",
    "NOT 'aaa' LIKE val('$.b')",
    "val('$.tiny') * val('$.tiny') = 0 AND val('$.tiny') > 0",
    "val('$.tiny') + 1 > 1 AND 1 % val('$.tiny') < 1 AND round(val('$.tiny'), 400) = 0",
    "1e308 % val('$.tiny') IS NOT NULL AND val('$.tiny') / 1e308 = 0",
    "val('$.tiny') / val('$.tiny') = 1 AND 1 / val('$.tiny') IS NULL",
    "length(CAST(CAST(val('$.tiny') AS NUMERIC) AS TEXT)) = 16002",
    "val('$.vast') IS NOT NULL AND CAST(val('$.vast') AS NUMERIC) IS NULL AND CAST(val('$.vast') AS INTEGER) IS NULL",
    "val('$.vast') IN vals('$.vast') AND vals('$.vast') OVERLAPS vals('$.vast') AND val('$.vast') = val('$.vast')",
    "substring('abc', 9223372036854775808) IS NULL AND val('$.text')[99999999999] IS NULL",
]


def said(texts: list[str], metadata: str) -> list[Any]:
    filters = [parse(text).sql("m.meta") for text in texts]
    columns = ", ".join(sql for sql, _ in filters)
    params = [param for _, found in filters for param in found]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM (SELECT %s::jsonb AS meta) AS m", [*params, metadata])
        return list(cursor.fetchone() or ())


def test_what_is_stored_may_be_long_tiny_or_vast() -> None:
    metadata = f'{json.dumps(LONG)[:-1]}, "tiny": 1e-16000, "vast": 1e131000}}'
    texts = HARMLESS
    assert dict(zip(texts, said(texts, metadata), strict=True)) == dict.fromkeys(texts, True)


def test_the_session_does_not_matter() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TimeZone = 'Pacific/Kiritimati'")
        cursor.execute("SET LOCAL DateStyle = 'German, DMY'")
        cursor.execute("SET LOCAL IntervalStyle = 'sql_standard'")
        cursor.execute("SET LOCAL extra_float_digits = 0")
    found = said(HOLD, json.dumps(DOCUMENT))
    assert [text for text, value in zip(HOLD, found, strict=True) if value is not True] == []


def test_parameters_may_be_bound_by_the_server() -> None:
    connection.ensure_connection()
    bound = psycopg.Cursor(connection.connection)
    for text in HOLD:
        sql, params = parse(text).sql("m.meta")
        bound.execute(f"SELECT {sql} FROM (SELECT %s::jsonb AS meta) AS m", [*params, json.dumps(DOCUMENT)])  # type: ignore[arg-type]
        assert bound.fetchone() == (True,), text


def test_a_row_without_metadata_matches_what_is_missing() -> None:
    for metadata in ("null", "[]", '"x"', "{}"):
        assert said(["val('$.a') IS NULL", "exists('$.a')", "'x' IN vals('$.a')"], metadata) == [True, False, False]
