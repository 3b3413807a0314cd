"""Random filters, as text, and random documents that they often find something in."""

from __future__ import annotations

import string
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from memories.filters.expressions.tree import Type

T, I, N, B, D, M, J, L = (  # noqa: E741
    Type.TEXT,
    Type.INTEGER,
    Type.NUMERIC,
    Type.BOOLEAN,
    Type.DATE,
    Type.TIMESTAMP,
    Type.JSON,
    Type.LIST,
)

DATES = ["2024-02-29", "2025-02-29", "2025-02-30", "0000-01-01", "9999-12-31", "0001-01-01", "1900-02-29", "2025-1-1"]
TIMES = [
    "2025-01-31T09:30:15.25Z",
    "2025-01-31 09:30",
    "2025-01-31T23:59:59.999999-15:59",
    "0001-01-01T00:00+00:01",
    "9999-12-31T23:59:59-01:00",
    "2025-01-31T24:00:00Z",
    "2025-01-31T09:30:60Z",
    "infinity",
    "now",
]
WORDS = [
    "",
    "a",
    "A b",
    "äÖß",
    " a ",
    "true",
    "FALSE",
    "12",
    "-1.50",
    "1e400",
    "+.5e3",
    "a%_b\\",
    "'\"",
    "日😀",
    "\x01\n",
]
WRITTEN = ["0", "1", "-1", "2", "1.0", "0.1", "1.5", "-2.5", "1E-50", "1E+308", "1E+309", "-1E+400", "7", "123456.789"]
CHARS = st.characters(exclude_categories=["Cs", "Cn"], exclude_characters="\x00", max_codepoint=0x24F)
TEXTS = st.sampled_from([*WORDS, *DATES, *TIMES]) | st.text(CHARS, max_size=3)
NUMBERS = st.sampled_from(WRITTEN).map(Decimal) | st.integers(-100, 100).map(Decimal)
SCALARS: st.SearchStrategy[Any] = st.none() | st.booleans() | NUMBERS | TEXTS
NAMES = st.sampled_from(["a", "b", "c", "d e"])
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=5
)
NESTED = st.dictionaries(NAMES, JSON, max_size=4)
USUAL = st.fixed_dictionaries(
    {
        "a": TEXTS | st.lists(SCALARS, max_size=3),
        "b": NUMBERS | st.booleans(),
        "c": st.sampled_from([*DATES, *TIMES, "2025-06-30", "2025-06-30T12:00:00Z"]),
    }
)
DOCUMENTS: st.SearchStrategy[dict[str, Any]] = NESTED | USUAL


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n")
    return "'" + "".join(char for char in escaped if char.isprintable()) + "'"


STEPS = st.sampled_from([".a", ".b", ".c", '."d e"', "[0]", "[1]", "[*]"])
PATHS = st.sampled_from(["'$.a'", "'$.b'", "'$.c'"]) | st.tuples(
    st.sampled_from([".a", ".b", ".c", '."d e"']), st.lists(STEPS, max_size=2)
).map(lambda parts: f"'${parts[0]}{''.join(parts[1])}'")
LEAVES = {
    T: st.sampled_from([*WORDS, *DATES, *TIMES]).map(quoted) | st.text(CHARS, max_size=3).map(quoted),
    I: st.sampled_from(["0", "1", "2", "-1", "3", "10", "400", "-401", "1000000", "1000001", "-99999999999999999999"]),
    N: st.sampled_from(["0.1", "1.5", "-2.5", "1e308", "9e308", "1e-50", "7.0", "1e-100"]),
    B: st.sampled_from(["TRUE", "FALSE", "CAST(NULL AS BOOL)"]),
    D: st.sampled_from(["DATE '2024-02-29'", "CURRENT_DATE", "DATE '0001-01-01'", "DATE '9999-12-31'"]),
    M: st.sampled_from(["NOW()", "TIMESTAMP '2025-01-31T09:30:15.25+01:00'", "CURRENT_TIMESTAMP"]),
    J: PATHS.map("val({})".format),
    L: PATHS.map("vals({})".format) | st.sampled_from(["[]", "['a', 1, NULL, TRUE]", "[0.1, ['a'], 12]"]),
}
LIKE = st.sampled_from(["'%a%'", "'_'", "'a\\\\%%'", "'%!%%' ESCAPE '!'", "'%b' ESCAPE ''", "''"])
COMPARED = st.sampled_from(["=", "==", "<>", "!=", "<", "<=", ">", ">="])
SAME = st.sampled_from(["=", "<>"])
FIELDS = st.sampled_from(
    ["YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "DOW", "ISODOW", "DOY", "HOUR", "MINUTE", "SECOND", "EPOCH"]
)
SUM, PRODUCT, LIKES = st.sampled_from("+-"), st.sampled_from("*/%"), st.sampled_from(["LIKE", "NOT LIKE", "ILIKE"])
LOGIC = st.sampled_from(["AND", "OR"])
TESTS = st.sampled_from(["IS NULL", "IS NOT NULL", "IS TRUE", "IS NOT FALSE"])

TEMPLATES: dict[Type, list[tuple[Any, ...]]] = {
    T: [
        ("CAST({} AS TEXT)", J),
        *[(f"CAST({{}} AS {name})", kind) for kind in (I, N, B, D, M) for name in ("VARCHAR",)],
        *[(f"{name}({{}})", T) for name in ("lower", "UPPER", "trim", "ltrim", "rtrim")],
        ("({} || {})", T, T),
        ("concat({}, {}, {})", T, N, J),
        ("substring({}, {}, {})", T, I, I),
        ("SUBSTRING({} FROM {})", T, I),
        ("replace({}, {}, {})", T, T, T),
        ("coalesce({}, {})", J, T),
        ("nullif({}, {})", T, T),
    ],
    I: [
        ("CAST({} AS INTEGER)", J),
        ("CAST({} AS BIGINT)", T),
        ("CAST({} AS INT)", N),
        ("length({})", T),
        ("({} {} {})", I, PRODUCT, I),
        ("({} {} {})", I, SUM, I),
        ("floor({})", N),
        ("ceil({})", N),
        ("round({})", N),
        ("({} - {})", D, D),
        ("abs({})", I),
        ("coalesce({}, {})", I, I),
        ("EXTRACT({} FROM {})", FIELDS.filter(lambda name: name not in ("SECOND", "EPOCH")), M),
        ("EXTRACT(DAY FROM {})", D),
    ],
    N: [
        ("CAST({} AS NUMERIC)", J),
        ("CAST({} AS DOUBLE PRECISION)", T),
        ("({} {} {})", N, PRODUCT, N),
        ("({} {} {})", N, SUM, N),
        ("({} {} {})", I, PRODUCT, J),
        ("(- {})", N),
        ("round({}, {})", N, I),
        ("EXTRACT({} FROM {})", FIELDS, J),
        ("nullif({}, {})", N, I),
    ],
    B: [
        ("CAST({} AS BOOLEAN)", J),
        ("CAST({} AS BOOL)", T),
        *[("({} {} {})", kind, COMPARED, kind) for kind in (T, I, N, D, M)],
        *[("({} {} {})", J, COMPARED, kind) for kind in (T, I, N, D, M)],
        ("({} {} {})", D, COMPARED, M),
        *[("({} {} {})", kind, SAME, kind) for kind in (B, J, L)],
        ("({} {} {})", B, LOGIC, B),
        ("({} {} {} {} {})", B, LOGIC, B, LOGIC, B),
        ("(NOT {})", B),
        ("({} {})", B, TESTS),
        ("({} IS NULL)", J),
        ("({} {} {})", T, LIKES, LIKE),
        ("({} {} {})", J, LIKES, T),
        ("({} IN ({}, {}, NULL))", J, T, T),
        ("({} NOT IN ({}, {}))", N, N, I),
        ("({} IN ({}, {}))", T, T, T),
        ("({} IN ({}))", J, I),
        *[("({} IN {})", kind, L) for kind in (T, I, N, B, J)],
        ("({} NOT IN {})", T, J),
        ("({} CONTAINS {})", L, L),
        *[("({} CONTAINS {})", J, kind) for kind in (T, N, B, J, L)],
        ("({} OVERLAPS {})", L, L),
        ("({} OVERLAPS {})", J, L),
        *[("({} BETWEEN {} AND {})", kind, kind, kind) for kind in (T, N, D)],
        ("({} NOT BETWEEN {} AND {})", J, N, I),
        ("starts_with({}, {})", T, T),
        ("exists({})", PATHS),
    ],
    D: [
        ("CAST({} AS DATE)", J),
        ("CAST(lower({}) AS DATE)", T),
        ("CAST({} AS DATE)", M),
        ("({} {} {})", D, SUM, I),
        ("({} + {})", I, D),
    ],
    M: [("CAST({} AS TIMESTAMP)", J), ("CAST(({} || '') AS TIMESTAMP)", T), ("CAST({} AS TIMESTAMP)", D)],
    J: [("{}[{}]", L, I), ("{}[{}]", J, I), ("coalesce({}, {})", J, J)],
    L: [("[{}, {}, {}]", T, J, N), ("[{}, NULL]", L)],
}


def grown(smaller: dict[Type, st.SearchStrategy[str]], kind: Type) -> st.SearchStrategy[str]:
    """Expressions of ``kind`` over smaller ones."""

    def built(template: tuple[Any, ...]) -> st.SearchStrategy[str]:
        text, *parts = template
        drawn = [smaller[part] if isinstance(part, Type) else part for part in parts]
        return st.tuples(*drawn).map(lambda found: text.format(*found))

    return st.one_of(LEAVES[kind], *map(built, TEMPLATES[kind]))


LEVELS = [LEAVES]
for _ in range(3):
    LEVELS.append({kind: grown(LEVELS[-1], kind) for kind in TEMPLATES})
FILTERS = LEVELS[2][B] | LEVELS[3][B]

PIECES = """
    AND OR NOT LIKE IN IS NULL TRUE CAST( val( vals( exists( '$.a' ) AS TEXT DATE 1 1e9 CONTAINS BETWEEN || NOW()
    ESCAPE EXTRACT( YEAR FROM substring( coalesce( [ -- é \x00 \ud800
"""
SIGNS = [*"()[],'\"$.=<>|+-*/%\\\n;:{}", *string.ascii_letters]
GARBAGE = st.lists(st.sampled_from([*SIGNS, *PIECES.split()]), max_size=30).map(" ".join)
