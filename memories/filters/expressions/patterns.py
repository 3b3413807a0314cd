"""Pieces of SQL that cannot fail, whatever is stored: each uses its arguments once, as they may be long.

``$1`` … ``$3`` are the arguments. NULLIF, GREATEST and LEAST stand for conditions, which would need the argument
twice: GREATEST and LEAST pass over NULL and so make it the bound, which NULLIF then makes NULL again.
"""

from __future__ import annotations

from .tree import NUMBER_DIGITS, POSITIONS, TEXT_CHARS

DAY = (
    "(?!0000)(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    "|(?:[0-9][0-9](?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)"
)
"""A day that exists, from 0001-01-01 to 9999-12-31."""

TIME = (
    r"(?:[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?(?:Z|[+-](?:0[0-9]|1[0-5]):[0-5][0-9])?)?"
)
"""What memories.filters.dates knows after a day."""

SHORT_ENOUGH = "(?!.{200}.{200})"
WRITTEN_NUMBER = f"^{SHORT_ENOUGH} *([+-]?(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][+-]?[0-9]{{1,3}})?) *$"
WRITTEN_INTEGER = f"^{SHORT_ENOUGH} *([+-]?[0-9]+) *$"

FIRST_DAY, LAST_DAY = "DATE '0001-01-01'", 3_652_058


def number(sql: str) -> str:
    """NULL beyond the range of numbers."""
    most = f"1e{NUMBER_DIGITS}"
    return f"NULLIF(NULLIF(GREATEST(LEAST({sql}, {most}), -{most}), {most}), -{most})"


def within(sql: str, low: int, high: int) -> str:
    """The integer ``sql`` as int4, NULL outside of ``low`` to ``high``."""
    return f"(NULLIF(NULLIF(GREATEST(LEAST({sql}, {high + 1}), {low - 1}), {high + 1}), {low - 1}))::int"


def day(sql: str) -> str:
    """The day ``sql`` days after the first one; NULL outside of the years 1 to 9999."""
    return f"({FIRST_DAY} + {within(sql, 0, LAST_DAY)})"


def moment(sql: str) -> str:
    """The timestamp, NULL outside of the years 1 to 9999, which an offset may lead to."""
    low, high = "TIMESTAMP '0001-12-31 23:59:59.999999 BC'", "TIMESTAMP '10000-01-01'"
    return f"NULLIF(NULLIF(GREATEST(LEAST({sql}, {high}), {low}), {high}), {low})"


def short(sql: str) -> str:
    """A text that was put together, cut."""
    return f"left({sql}, {TEXT_CHARS})"


def only(sql: str, condition: str) -> str:
    """The JSON value if it meets ``condition``, else NULL."""
    return f"jsonb_path_query_first({sql}, 'strict $ ? ({condition})')"


STORED = {
    "TEXT": '@.type() == "string"',
    "NUMERIC": '@.type() == "number"',
    "INTEGER": '@.type() == "number" && @ == @.floor()',
    "BOOLEAN": '@.type() == "boolean"',
    "LIST": '@.type() == "array"',
    "SCALAR": '@.type() != "array" && @.type() != "object"',
}

FROM_STORED = {
    "TEXT": "($1 #>> '{}')",
    "NUMERIC": number("($1)::numeric"),
    "INTEGER": number("($1)::numeric"),
    "BOOLEAN": "($1)::boolean",
    "LIST": "$1",
}
"""What JSON of that kind is in SQL."""

FROM_TEXT = {
    "NUMERIC": number(f"(substring($1 from '{WRITTEN_NUMBER}'))::numeric"),
    "INTEGER": number(f"(substring($1 from '{WRITTEN_INTEGER}'))::numeric"),
    "BOOLEAN": "(CASE lower($1) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END)",
    "DATE": f"(substring($1 from '^({DAY}){TIME}$'))::date",
    # The session's time zone must not matter: a time without an offset is given one.
    "TIMESTAMP": moment(
        f"((regexp_replace(substring($1 from '^{DAY}{TIME}$'), '^([^T ]+(?:[T ][0-9:.]+)?)$', '\\1 UTC'))::timestamptz"
        " AT TIME ZONE 'UTC')"
    ),
}

TO_TEXT = {
    "INTEGER": "(trim_scale($1))::text",
    "NUMERIC": "(trim_scale($1))::text",
    "BOOLEAN": "($1)::text",
    "DATE": "to_char($1, 'YYYY-MM-DD')",
    "TIMESTAMP": "to_char($1, 'YYYY-MM-DD HH24:MI:SS')",
}

REPLACED = (
    "(SELECT CASE WHEN length(a)::bigint * greatest(length(c), 1) <= 1048576 THEN left(replace(a, b, c), 65536) END"
    " FROM (SELECT $1 AS a, $2 AS b, $3 AS c OFFSET 0) AS given)"
)
OVERLAPS = (
    "(SELECT CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN EXISTS (SELECT FROM jsonb_array_elements(a) AS one(v)"
    " WHERE v <> 'null'::jsonb AND v IN (SELECT jsonb_array_elements(b))) END"
    " FROM (SELECT $1 AS a, $2 AS b OFFSET 0) AS given)"
)
SUBSCRIPT = f"NULLIF($1 -> {within('$2', 0, POSITIONS)}, 'null'::jsonb)"
SUBSTRING = f"substring($1, {within('$2', -POSITIONS, POSITIONS)}"
# A pattern that ends with its escape character is an error to PostgreSQL: here that character stands for itself.
PATTERN = r"regexp_replace($2, '(^|[^\\])((?:\\\\)*)\\$', '\1\2\\\\')"
