"""Pieces of conditions that are used for metadata and for the memory's own names alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from memories.filters.dates import instant
from memories.filters.expressions.patterns import DAY, TIME
from memories.filters.expressions.sql import Sql, join
from memories.filters.rules import Operator

SIGNS = {
    Operator.GREATER_THAN: ">",
    Operator.GREATER_THAN_OR_EQUAL: ">=",
    Operator.LESS_THAN: "<",
    Operator.LESS_THAN_OR_EQUAL: "<=",
}


def constant(value: bool) -> Sql:
    return Sql("TRUE" if value else "FALSE")


def all_of(conditions: Sequence[Sql]) -> Sql:
    return join(("(", " AND ", ")"), conditions) if conditions else constant(True)


def any_of(conditions: Sequence[Sql]) -> Sql:
    return join(("(", " OR ", ")"), conditions) if conditions else constant(False)


def negated(condition: Sql) -> Sql:
    return Sql(f"NOT {condition.text}", condition.params)


def has_text(text: str, value: str) -> Sql:
    """Whether ``value`` is part of the SQL ``text``, upper and lower case alike."""
    return Sql(f"(strpos(lower({text}), lower(%s::text)) > 0)", (value,))


def moment(text: str) -> str:
    """The point in time that the SQL ``text`` names, NULL if it is none; the session's time zone does not matter."""
    day = f"substring({text} from '^{DAY}{TIME}$')"
    return rf"(regexp_replace({day}, '^([^T ]+(?:[T ][0-9:.]+)?)$', '\1 UTC'))::timestamptz"


def moment_of(value: Any) -> datetime | None:
    """The point in time that the value of a rule names."""
    return instant(value) if isinstance(value, str) else None
