"""Random filters, as text, and random documents that they often find something in.

Made from a `random.Random`, as drawing thousands of filters one choice at a time would take minutes.
"""

from __future__ import annotations

import string
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import strategies as st

from memories.filters.expressions.functions import FIELDS as EXTRACTED
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
TEXTS = [*WORDS, *DATES, *TIMES]
NAMES = ["a", "b", "c", "d e"]


def scalar(random: Random) -> Any:
    return random.choice([None, True, False, Decimal(random.choice(WRITTEN)), random.choice(TEXTS)])


def anything(random: Random, depth: int) -> Any:
    kind = random.random() if depth else 0
    if kind < 0.5:
        return scalar(random)
    if kind < 0.75:
        return [anything(random, depth - 1) for _ in range(random.randrange(4))]
    return {random.choice(NAMES): anything(random, depth - 1) for _ in range(random.randrange(4))}


def document(random: Random) -> dict[str, Any]:
    """A text or list, a number or truth value, and a date: mostly."""
    if random.random() < 0.3:
        return {random.choice(NAMES): anything(random, 3) for _ in range(random.randrange(4))}
    usual = {
        "a": random.choice([random.choice(WORDS), [scalar(random) for _ in range(3)]]),
        "b": random.choice([Decimal(random.choice(WRITTEN)), Decimal(random.randint(-9, 9)), True, False]),
        "c": random.choice([*DATES, *TIMES, "2025-06-30", "2025-06-30T12:00:00Z"]),
        "d e": anything(random, 2),
    }
    return {name: value for name, value in usual.items() if random.random() < 0.9}


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n")
    return "'" + "".join(char for char in escaped if char.isprintable()) + "'"


MEMBERS = [".a", ".b", ".c", '."d e"']
STEPS = [*MEMBERS, "[0]", "[1]", "[*]"]
PATHS = [f"'${one}{two}{three}'" for one in MEMBERS for two in ["", *STEPS] for three in ["", *STEPS]]
PATHS += ["'$.a'", "'$.b'", "'$.c'"] * 60
LEAVES = {
    T: [*map(quoted, TEXTS)],
    I: ["0", "1", "2", "-1", "3", "10", "400", "-401", "1000000", "1000001", "-99999999999999999999"],
    N: ["0.1", "1.5", "-2.5", "1e308", "9e308", "1e-50", "7.0", "1e-100"],
    B: ["TRUE", "FALSE", "CAST(NULL AS BOOL)"],
    D: ["DATE '2024-02-29'", "CURRENT_DATE", "DATE '0001-01-01'", "DATE '9999-12-31'", "DATE '2025-06-30'"],
    M: ["NOW()", "TIMESTAMP '2025-01-31T09:30:15.25Z'", "CURRENT_TIMESTAMP", "TIMESTAMP '2025-06-30'"],
    J: [f"val({path})" for path in PATHS],
    L: [*(f"vals({path})" for path in PATHS), *["[]", "['a', 1, NULL, TRUE]", "[0.1, ['a'], 12]"] * 30],
}
LIKE = ["'%a%'", "'_'", "'a\\\\%%'", "'%!%%' ESCAPE '!'", "'%b' ESCAPE ''", "''"]
COMPARED = ["=", "==", "<>", "!=", "<", "<=", ">", ">="]
SAME = ["=", "<>"]
FIELDS = [*EXTRACTED]
WHOLE = [name for name in FIELDS if name not in ("SECOND", "EPOCH")]
SUM, PRODUCT, LIKES, LOGIC = ["+", "-"], ["*", "/", "%"], ["LIKE", "NOT LIKE", "ILIKE"], ["AND", "OR"]
TESTS = ["IS NULL", "IS NOT NULL", "IS TRUE", "IS NOT FALSE"]

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
        ("EXTRACT({} FROM {})", WHOLE, M),
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


def expression(random: Random, kind: Type, depth: int) -> str:
    """One of ``kind``, of at most so many operations inside each other."""
    if depth == 0 or (kind is not B and random.random() < 0.3):
        return random.choice(LEAVES[kind])
    text, *parts = random.choice(TEMPLATES[kind])
    return str(text.format(*(_part(random, part, depth - 1) for part in parts)))


def _part(random: Random, part: Any, depth: int) -> str:
    return expression(random, part, depth) if isinstance(part, Type) else random.choice(part)


def condition(random: Random) -> str:
    return expression(random, B, random.choice([1, 2, 2, 3, 4]))


PIECES = """
    AND OR NOT LIKE IN IS NULL TRUE CAST( val( vals( exists( '$.a' ) AS TEXT DATE 1 1e9 CONTAINS BETWEEN || NOW()
    ESCAPE EXTRACT( YEAR FROM substring( coalesce( [ -- é \x00 \ud800
"""
SIGNS = [*"()[],'\"$.=<>|+-*/%\\\n;:{}", *string.ascii_letters]
GARBAGE = st.lists(st.sampled_from([*SIGNS, *PIECES.split()]), max_size=30).map(" ".join)
