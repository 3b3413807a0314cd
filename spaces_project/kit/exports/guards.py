"""Spreadsheets run cells that begin with ``= + - @ TAB CR`` as formulas: such texts get a leading ``'``.

A text that already is one of these behind ``'`` gets one more, so that taking one away on import always gives back
what was exported. Telephone numbers, numbers, JSON and JSONL are left alone.
"""

from __future__ import annotations

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
STARTS = "61,43,45,64,9,13,39"  # the code points of = + - @ TAB CR '


def guarded(text: str) -> str:
    """``text`` as a cell that no spreadsheet runs."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """What ``guarded`` was given."""
    return text[1:] if _GUARDED.match(text) else text


def guarded_sql(sql: str) -> str:
    """``guarded`` in PostgreSQL, for an expression of type text."""
    risky = f"ascii({sql}) IN ({STARTS}) AND {sql} ~ '^''*[=+@\\t\\r-]'"
    return f"CASE WHEN {risky} THEN '''' || {sql} ELSE {sql} END"
