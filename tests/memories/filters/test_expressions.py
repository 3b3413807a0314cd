"""The filter language, case by case: what holds for one document, and what is refused where. See docs/filters.md."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection

from memories.filters.expressions import InvalidExpression, parse
from spaces.errors import InvalidInput
from spaces_project.kit import limits

DOCUMENT = {
    "t": "acme",
    "n": 5,
    "x": 1.5,
    "yes": True,
    "no": False,
    "null": None,
    "day": "2025-02-28",
    "bad_day": "2025-02-30",
    "time": "2025-01-01T10:00:00+02:00",
    "tags": ["a", "b", None, 1],
    "o": {"p": "q", "a b": 1, "user-id": "u", "list": [{"r": 1}, {"r": 2}, 3]},
    "user-id": "u",
    "huge": 10**400,
    "path": "a%_\\",
}
HOLD = r"""
CAST(val('$.t') AS TEXT) = 'acme'
val('$.t') == 'acme'
val('$.n') = 5 AND CAST(val('$.n') AS VARCHAR) IS NULL
CAST(val('$.yes') AS TEXT) IS NULL AND NOT coalesce(CAST(val('$.yes') AS TEXT) = 'true', FALSE)
CAST(val('$.n') AS INTEGER) / 2 = 2 AND CAST(val('$.n') AS NUMERIC) / 2 = 2.5
CAST(val('$.x') AS INTEGER) IS NULL AND round(val('$.x')) = 2 AND floor(val('$.x')) = 1
val('$.x') * 2 = 3 AND 0.1 + 0.2 = 0.3 AND 1 / 3.0 < 0.34
val('$.n') / 0 IS NULL AND val('$.n') % 0 IS NULL AND 1e308 * 1e308 IS NULL
val('$.huge') > 0 IS NULL AND exists('$.huge')
CAST(val('$.day') AS DATE) = DATE '2025-02-28' AND val('$.day') < CURRENT_DATE
CAST(val('$.day') AS DATE) + 1 = '2025-03-01' AND DATE '2025-03-01' - CAST(val('$.day') AS DATE) = 1
CAST(val('$.bad_day') AS DATE) IS NULL AND CURRENT_DATE + 100000000 IS NULL
CAST(val('$.time') AS TIMESTAMP) = TIMESTAMP '2025-01-01T08:00:00Z' AND CAST(val('$.time') AS DATE) = '2025-01-01'
EXTRACT(HOUR FROM CAST(val('$.time') AS TIMESTAMP)) = 8 AND EXTRACT(EPOCH FROM DATE '1970-01-02') = 86400
CAST(val('$.day') AS DATE) >= (CURRENT_DATE - 36500) AND val('$.day') <= NOW()
CAST(val('$.t') || '' AS TIMESTAMP) IS NULL AND CAST(concat('9999-12-31T23:00-05:00') AS TIMESTAMP) IS NULL
'a' IN vals('$.tags') AND 1 IN vals('$.tags[*]') AND 'c' NOT IN vals('$.tags') AND 'acme' IN vals('$.t')
'c' NOT IN vals('$.missing') AND vals('$.missing') CONTAINS []
vals('$.tags') CONTAINS ['a', 1] AND val('$.tags') OVERLAPS ['z', 'b'] AND NOT vals('$.tags') OVERLAPS ['z']
vals('$.o.list[*].r') CONTAINS [1, 2]
exists('$.null') AND val('$.null') IS NULL AND NOT exists('$.nope.x')
val('$.o."a b"') = 1 AND val('$.o[\'a b\']') = 1 AND val('$.o[''a b'']') = 1
val('$.user-id') IS NULL AND val('$."user-id"') = 'u' AND val('$.o["user-id"]') = 'u'
val('$.tags[0]') = 'a' AND val('$.tags')[1] = 'b' AND val('$.t')[0] IS NULL AND val('$.tags')[0 - 1] IS NULL
val('$.t') ILIKE '%CM%' AND val('$.t') LIKE 'a' || '%' AND val('$.t') NOT LIKE 'x%'
val('$.path') LIKE 'a\\%\\_\\\\' AND val('$.path') LIKE 'a!%!_\\' ESCAPE '!'
val('$.path') NOT LIKE 'a!%!%%' ESCAPE '!' AND 'a\\%' LIKE 'a\\!%' ESCAPE '!' AND 'ab' NOT LIKE 'a!%' ESCAPE '!'
val('$.path') LIKE concat('a%', '\\')
substring(val('$.t'), 2, 2) = 'cm' AND SUBSTRING('abc' FROM -1 FOR 3) = 'a' AND substring('abc', 1, -1) IS NULL
round(12345.678, -2) = 12300 AND round(1e308, 2000) IS NULL AND round(-2.5) = -3
nullif(val('$.t'), 'acme') IS NULL AND coalesce(val('$.nope'), 'x') = 'x'
(val('$.t') IN ('x', NULL)) IS NULL AND val('$.n') IN (1, 5) AND CAST(val('$.n') AS NUMERIC) NOT IN (1, 2)
val('$.n') BETWEEN 1 AND 5 AND NOT val('$.n') NOT BETWEEN 1 AND 5
replace(val('$.t'), 'c', 'cc') = 'accme' AND starts_with(val('$.t'), 'ac') AND length(trim(' é ')) = 1
CAST(concat('0.', '1') AS NUMERIC) = 0.1 AND CAST(1.50 AS TEXT) = '1.5' AND CAST('TRUE' AS BOOL)
NOT CAST(val('$.no') AS BOOLEAN) AND val('$.yes') IS TRUE AND val('$.null') = TRUE IS NULL -- said briefly
['a', val('$.t'), 1.5][1] = 'acme' AND [1, 'a'] = [1.0, 'a']
7 % 2 = 1 AND -7 % 2 = -1 AND 2 + 3 * 4 = 14 AND -2 * -3 = 6 AND 'a' || 1 = 'a1'
TRUE OR FALSE AND FALSE
NOT FALSE AND TRUE
NOT 1 = 2
lower('ÄB') = 'äb' AND upper('äb') = 'ÄB' AND 'Z' < 'a' AND 'a' < 'é'
'O''Brien' = 'O\'Brien' AND 'a\nb' <> 'a b'
""".strip().splitlines()


@pytest.mark.django_db
def test_what_holds() -> None:
    columns, params = [], []
    for text in HOLD:
        sql, found = parse(text).sql("d.meta")
        columns.append(sql)
        params += found
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(columns)} FROM (SELECT %s::jsonb AS meta) AS d", [*params, json.dumps(DOCUMENT)]
        )
        row = cursor.fetchone()
    assert [text for text, value in zip(HOLD, row, strict=True) if value is not True] == []


REFUSED = [
    ("", 1, "the filter is empty"),
    ("  -- only this", 1, "the filter is empty"),
    ("val('$.a')", 1, "expected a condition; a stored value is one as CAST(… AS BOOLEAN)"),
    ("1 + 1", 3, "expected BOOLEAN, found INTEGER"),
    ("'a' + 1 = 2", 1, "expected NUMERIC, found TEXT"),
    ("TRUE = 'true'", 8, "BOOLEAN cannot be compared with TEXT"),
    ("CAST(val('$.a') AS BOOLEAN) = 'true'", 31, "BOOLEAN cannot be compared with TEXT"),
    ("1 = 1 AND", 10, "expected a value, found the end"),
    ("(1 = 1", 7, 'expected ")", found the end'),
    ("1 = 1)", 6, 'expected an operator or the end, found ")"'),
    ("tenant = 'acme'", 1, "expected a value, found \"tenant\"; what is stored is read with val('$.name')"),
    ("evil(1)", 1, 'unknown function "evil"'),
    ("lower('a', 'b') = 'a'", 1, "lower takes 1 arguments, not 2"),
    ("CAST(1 AS MONEY) = 1", 11, 'unknown type "MONEY"; types are BIGINT, BOOL'),
    ("CAST(TRUE AS DATE) IS NULL", 6, "BOOLEAN cannot be cast to DATE"),
    ("val('$.a') = \"x\"", 14, "texts are written in single quotes"),
    ("val('$.a') = 'x", 14, "the text that begins here has no closing quote"),
    ("val('$.a') = 'x\ny'", 16, "control characters in a text are written \\n, \\t, \\r or not at all"),
    ("val('$.a') = 'C:\\dir'", 17, 'unknown escape "\\d"; a backslash is written \\\\'),
    ("val('a') = 1", 6, 'a path begins with $, not "a"'),
    ("val('$.a..b') = 1", 9, 'expected .name, ."any name", [0] or [*] in a path, found "..b"'),
    ("val('$.a[-1]') = 1", 9, 'expected .name, ."any name", [0] or [*] in a path, found "[-1]"'),
    ("val(1) = 1", 5, "expected a path in quotes, such as '$.name', found \"1\""),
    ("DATE '2025-02-30' = CURRENT_DATE", 6, '"2025-02-30" is not a date, such as 2025-01-31'),
    ("CURRENT_DATE = 'soon'", 16, '"soon" is not a date, such as 2025-01-31'),
    ("NOW() - 7 = NOW()", 1, "TIMESTAMP - is not possible; days are added to a DATE"),
    ("1e400 = 1", 1, "the number is too long, or too large"),
    ("12ab = 1", 3, 'unexpected "a" in a number'),
    ("1 IN ()", 3, "IN needs at least one value"),
    ("1 IN (2; 3)", 8, 'unexpected ";"'),
    ("1 IS 2", 6, 'expected NULL, TRUE or FALSE, found "2"'),
    ("val('$.a') > val('$.b')", 12, "JSON has no order; CAST it"),
    ("'abc' CONTAINS 'a'", 1, "CONTAINS needs a list on its left, found TEXT; texts have LIKE"),
    ("'a' LIKE 'a\\\\'", 10, "the pattern ends with its escape character"),
    ("'a' LIKE 'a' ESCAPE 'xx'", 21, "ESCAPE needs a literal pattern and one literal character"),
    ("EXTRACT(ERA FROM NOW()) = 1", 9, "expected one of YEAR, QUARTER"),
    ("1 = 1; DROP TABLE x", 6, 'unexpected ";"'),
    ("$1 = 1", 1, 'unexpected "$"'),
    ("'\x00' = ''", 1, "Null characters are not allowed."),
    ("'\ud800' = ''", 1, "Lone surrogates are not allowed."),
    (f"x{'y' * 100} = 1", 1, f'expected a value, found "x{"y" * 38}…"'),
]


@pytest.mark.parametrize(("text", "position", "problem"), REFUSED, ids=[f"{row[0][:30]!a}" for row in REFUSED])
def test_what_is_refused_names_the_place(text: str, position: int, problem: str) -> None:
    with pytest.raises(InvalidExpression) as caught:
        parse(text)
    assert str(caught.value).startswith(f"Invalid filter: Parse error at position {position}: {problem}")
    assert isinstance(caught.value, InvalidInput)


def test_the_limits_hold() -> None:
    parse(" AND ".join(["1=1"] * 400))
    parse(f"1 IN ({','.join(['1'] * limits.FILTER_VALUES)})")
    deep = limits.FILTER_DEPTH
    parse("(" * (deep - 2) + "1=1" + ")" * (deep - 2))
    for text, problem in (
        ("1" * (limits.FILTER_CHARS + 1), "at most 10,000 characters"),
        ("(" * 5_000 + "1=1" + ")" * 4_000, "at most 64 operations inside each other"),
        ("NOT " * 2_000 + "TRUE", "at most 64 operations inside each other"),
        ("-" * 1 + " -" * 4_000 + "1 = 1", "at most 64 operations inside each other"),
        ("1" + "+1" * 4_000 + "=1", "at most 64 operations inside each other"),
        ("val('$.a')" + "[0]" * 3_000 + " = 1", "at most 64 operations inside each other"),
        (" OR ".join(["1=1"] * 1_100), "at most 1,000 operations in a filter"),
        (f"1 IN ({','.join(['1'] * (limits.FILTER_VALUES + 1))})", "at most 1,000 values in a list, not 1,001"),
        ("concat(" + ",".join(["'a'"] * 51) + ") = ''", "concat takes 1 to 50 arguments, not 51"),
        (f"val('${'.a' * 33}') = 1", "at most 32 steps in a path"),
    ):
        with pytest.raises(InvalidExpression, match=problem):
            parse(text)


def test_the_longest_filters_are_read_in_no_time() -> None:
    texts = [
        "'" + "a''" * 3_300 + "' = ''",
        "(" * 10_000,
        "-- " * 3_333,
        " " * 10_000,
        "9" * 10_000,
        "'" * 9_999,
        "val('$" + "[" * 9_000 + "') = 1",
        " AND ".join(["val('$.a')=1"] * 580),
    ]
    start = time.perf_counter()
    for text in texts:
        with suppress(InvalidExpression):
            parse(text).sql("meta")
    assert time.perf_counter() - start < 1


@pytest.mark.django_db
def test_the_deepest_filter_stays_small_and_runs() -> None:
    text = "CAST(val('$.n') AS NUMERIC)"
    for _ in range(15):
        text = f"coalesce(round({text} * 1.5 + 1, 2), [{text if len(text) < 60 else 1}, 2][0])"
    sql, params = parse(f"{text} > 0").sql("d.meta")
    assert len(sql) < 40_000
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sql} FROM (SELECT %s::jsonb AS meta) AS d", [*params, json.dumps(DOCUMENT)])
        assert cursor.fetchone() == (True,)


CONTAINED: list[tuple[str, list[Any]]] = [
    ("CAST(val('$.tenant') AS TEXT) = 'acme'", [{"tenant": "acme"}]),
    ("'acme' = val('$.a.\"b c\"')", [{"a": {"b c": "acme"}}]),
    ("val('$.n') IN (1, 2.50, NULL) AND val('$.t') = 'x'", [{"n": 1}, {"n": 2.5}, {"t": "x"}]),
    ("CAST(val('$.active') AS BOOLEAN)", [{"active": True}]),
    ("NOT CAST(val('$.active') AS BOOLEAN) AND val('$.b') IS TRUE", [{"active": False}, {"b": True}]),
    ("'x' IN vals('$.tags')", [{"tags": ["x"]}, {"tags": "x"}]),
    ("vals('$.tags[*]') CONTAINS 'x'", [{"tags": ["x"]}]),
    ("val('$.a') = 'x' OR val('$.b') = 'y'", []),
    ("NOT val('$.a') = 'x'", []),
    ("val('$.a[0]') = 'x' AND lower(val('$.a')) = 'x' AND val('$.d') = DATE '2025-01-01' AND val('$.n') > 1", []),
    ("val('$.a') = val('$.b') AND val('$.a-b') = 'x' AND val('$.a') <> 'x'", []),
]


@pytest.mark.parametrize(("text", "documents"), CONTAINED)
def test_what_an_index_can_find_is_said_to_it(text: str, documents: list[Any]) -> None:
    sql, params = parse(text).sql("m.meta")
    assert sql.count("m.meta @> ") == len(documents)
    assert [json.loads(param) for param in params[: len(documents)]] == documents


def test_values_are_bound_and_the_column_is_as_given() -> None:
    sql, params = parse("val('$.a') = '%s); DROP' AND val('$.\"%s\"') LIKE '%x'").sql('"odd%name".meta')
    assert "DROP" not in sql
    assert "%x" in params
    assert sql.count("%s") == len(params)
    assert '"odd%%name".meta' in sql


@pytest.mark.django_db
def test_the_index_serves_it() -> None:
    sql, params = parse("CAST(val('$.tenant') AS TEXT) = 't7' AND CAST(val('$.n') AS NUMERIC) > 3").sql("m.meta")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE m AS SELECT jsonb_build_object('tenant', 't' || i % 500, 'n', i) AS meta"
            " FROM generate_series(1, 5000) AS i"
        )
        cursor.execute("CREATE INDEX ON m USING gin (meta jsonb_path_ops)")
        cursor.execute("ANALYZE m")
        cursor.execute(f"EXPLAIN SELECT count(*) FROM m WHERE {sql}", params)
        assert "Bitmap Index Scan" in "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute(f"SELECT count(*) FROM m WHERE {sql}", params)
        assert cursor.fetchone() == (10,)
