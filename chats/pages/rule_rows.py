"""Rules as rows of a form: a field, an operator and a value each, joined by "and" and "or".

"and" binds before "or": ``a and b or c`` is ``{"or": [{"and": [a, b]}, c]}``. What is not of this form is written as
JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from memories.filters.rules import NO_VALUE, ORDER, TEXT, WELL_KNOWN, And, Operator, Or, Rule, Statement
from memories.filters.uniqueql import InvalidFilter, parse

META = "meta"  # any other name than the memory's own
FOLDERS = ("folderIdPath", "folderId")
PREFIX = "uniquepathid://"
FIELDS = (
    ("folderIdPath", "Folder, with those below"),
    ("folderId", "Folder, directly"),
    (META, "Metadata"),
    ("key", "Key"),
    ("title", "Title"),
    ("mimeType", "Type"),
    ("url", "Address"),
    ("createdAt", "Added"),
    ("updatedAt", "Changed"),
    ("contentId", "Id"),
)
OPERATORS = (
    (Operator.EQUALS, "is"),
    (Operator.NOT_EQUALS, "is not"),
    (Operator.CONTAINS, "contains"),
    (Operator.NOT_CONTAINS, "does not contain"),
    (Operator.IN, "is one of"),
    (Operator.NOT_IN, "is none of"),
    (Operator.GREATER_THAN, "is more than"),
    (Operator.GREATER_THAN_OR_EQUAL, "is at least"),
    (Operator.LESS_THAN, "is less than"),
    (Operator.LESS_THAN_OR_EQUAL, "is at most"),
    (Operator.IS_NULL, "is missing"),
    (Operator.IS_NOT_NULL, "is there"),
    (Operator.IS_EMPTY, "is empty"),
    (Operator.IS_NOT_EMPTY, "is not empty"),
)
LISTS = (Operator.IN, Operator.NOT_IN)
LINE_BREAK = re.compile(r"[\r\n]")  # a browser takes them out of a line
ROWS = 50
BELOW = {  # a path of folders has those below in it, so to be "in" one is to contain its id
    Operator.EQUALS: Operator.CONTAINS,
    Operator.IN: Operator.CONTAINS,
    Operator.NOT_EQUALS: Operator.NOT_CONTAINS,
    Operator.NOT_IN: Operator.NOT_CONTAINS,
}
PICKED = {Operator.CONTAINS: Operator.EQUALS, Operator.NOT_CONTAINS: Operator.NOT_EQUALS}  # and read back


@dataclass(frozen=True)
class Row:
    """As typed: ``name`` is a path in the metadata, its parts joined by dots; ``folder`` the id that was picked."""

    join: str = "and"
    field: str = ""
    name: str = ""
    operator: str = Operator.EQUALS.value
    value: str = ""
    folder: str = ""

    @property
    def is_blank(self) -> bool:
        return not (self.field or self.name.strip() or self.value.strip() or self.folder)


# ------------------------------------------------------------------- from rows


def rule_of(rows: Sequence[Row]) -> dict[str, Any]:
    """The rule of these rows as JSON, blank ones left out. Raises InvalidFilter, whose place is ``row 2``."""
    alternatives: list[list[dict[str, Any]]] = []
    for number, row in enumerate(rows, 1):
        if row.is_blank:
            continue
        if row.join == "or" or not alternatives:
            alternatives.append([])
        alternatives[-1] += _conditions(row, f"row {number}")
    parts: list[dict[str, Any]] = []
    for each in alternatives:
        parts += each[0].get("or", each) if len(each) == 1 else [{"and": each}]
    return parts[0] if len(parts) == 1 else {"or": parts}


def _conditions(row: Row, place: str) -> list[dict[str, Any]]:
    """What must all hold for a row: a statement, but for several folders, of which each is asked for by itself."""
    path, asked = _path(row, place), row.operator
    operator = BELOW.get(asked, asked) if row.field == "folderIdPath" else asked  # type: ignore[call-overload]
    if operator == asked or asked not in LISTS:
        return [_statement(path, operator, None if asked in NO_VALUE else _value(row, asked, place), place)]
    each = [_statement(path, operator, value, place) for value in _value(row, asked, place)]
    if not each:
        raise InvalidFilter(place, "the value is missing")
    return each if operator == Operator.NOT_CONTAINS or len(each) == 1 else [{"or": each}]


def _statement(path: list[str], operator: str, value: Any, place: str) -> dict[str, Any]:
    made: dict[str, Any] = {"path": path, "operator": str(operator)}
    if operator not in NO_VALUE:
        made["value"] = value
    parse(made, place)
    return made


def _path(row: Row, place: str) -> list[str]:
    if row.field != META:
        if row.field not in WELL_KNOWN:
            raise InvalidFilter(place, "choose a field")
        return [row.field]
    names = [part.strip() for part in row.name.split(".")]
    if not all(names):
        raise InvalidFilter(place, "name the metadata, such as year or author.email")
    if names[0] in WELL_KNOWN:
        raise InvalidFilter(place, f"“{names[0]}” is a field of its own: choose it instead of metadata")
    return names


def _value(row: Row, operator: str, place: str) -> Any:
    if row.field in FOLDERS and row.folder:
        own = f"{PREFIX}{row.folder}" if row.field == "folderIdPath" else row.folder
        return [own] if operator in LISTS else own
    if not row.value.strip():
        raise InvalidFilter(place, "the value is missing")
    is_text = operator in TEXT or (row.field != META and operator not in ORDER)
    if operator not in LISTS:
        return _typed(row.value, is_text)
    return [_typed(part, is_text) for part in row.value.split(",") if part.strip()]


def _typed(text: str, is_text: bool) -> Any:
    """A number, true, false or null as such; anything else, and what stands in quotes, is a text."""
    text = text.strip()
    if is_text and not text.startswith('"'):
        return text
    try:
        found = json.loads(text, parse_constant=lambda constant: text)
    except (ValueError, RecursionError):
        return text
    if isinstance(found, dict | list) or (is_text and not isinstance(found, str)):
        return text
    return found


# --------------------------------------------------------------------- to rows


def rows_of(data: Any) -> list[Row] | None:
    """The rows that make this rule; None for a rule that rows cannot say, or not within ROWS of one line each."""
    try:
        rule = parse(data)
    except InvalidFilter:
        return None
    rows = _rows(rule)
    if not rows or len(rows) > ROWS or any(LINE_BREAK.search(row.name + row.value) for row in rows):
        return None
    try:
        return rows if _plain(parse(rule_of(rows))) == _plain(rule) else None
    except InvalidFilter:
        return None


def _plain(rule: Rule) -> Rule:
    """Without groups of one, which change nothing."""
    if isinstance(rule, And | Or):
        rules = tuple(_plain(each) for each in rule.rules)
        return rules[0] if len(rules) == 1 else type(rule)(rules)
    return rule


def _rows(rule: Rule) -> list[Row] | None:
    rule = _plain(rule)
    rows: list[Row] = []
    for number, part in enumerate(rule.rules if isinstance(rule, Or) else (rule,)):
        statements = part.rules if isinstance(part, And) else (part,)
        for place, each in enumerate(statements):
            statement = _one_of(each) if isinstance(each, Or) else each
            if not isinstance(statement, Statement):
                return None
            rows.append(_row(statement, "or" if number and not place else "and"))
    return rows


def _one_of(rule: Or) -> Statement | None:
    """What the row "is one of" made of several folders."""
    values: list[Any] = []
    for each in rule.rules:
        is_within = isinstance(each, Statement) and (each.path, each.operator) == (("folderIdPath",), Operator.CONTAINS)
        if not is_within:
            return None
        values.append(getattr(each, "value", None))
    return Statement(("folderIdPath",), Operator.IN, tuple(values)) if values else None


def _row(statement: Statement, join: str) -> Row:
    own = len(statement.path) == 1 and statement.path[0] in WELL_KNOWN
    values = statement.value if isinstance(statement.value, tuple) else (statement.value,)
    is_text = own or statement.operator in TEXT
    value = "" if statement.operator in NO_VALUE else ", ".join(_said(each, is_text) for each in values)
    folder = _picked(statement.path[0], value) if own else ""
    is_below = folder and statement.path[0] == "folderIdPath"
    return Row(
        join=join,
        field=statement.path[0] if own else META,
        name="" if own else ".".join(statement.path),
        operator=str(PICKED.get(statement.operator, statement.operator) if is_below else statement.operator),
        value="" if folder else value,
        folder=folder,
    )


def _picked(field: str, value: str) -> str:
    """The one folder that the picker would name so, or nothing."""
    begin = PREFIX if field == "folderIdPath" else ""  # a path without it was typed, and stays so
    wire = value.removeprefix(begin)
    is_one = field in FOLDERS and value.startswith(begin) and wire.startswith("scope_") and not set(wire) & set("/, ")
    return wire if is_one else ""


def _said(value: Any, is_text: bool) -> str:
    """As one would type it."""
    if isinstance(value, str) and _typed(value, is_text) == value and "," not in value:
        return value
    return json.dumps(value, ensure_ascii=False)
