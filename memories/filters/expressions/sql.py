"""The tree as SQL. Values are bound, only operators and names of ours are written out."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from . import patterns
from .paths import jsonpath
from .patterns import only
from .templates import LISTS, SQL_TYPES, conversion, template
from .tree import Node, Type


class Sql(NamedTuple):
    """SQL with a ``%s`` for each of ``params``, in order."""

    text: str
    params: tuple[Any, ...] = ()


def fill(pattern: str, *args: Sql) -> Sql:
    """``pattern`` with its ``$1``, ``$2``, … replaced."""
    texts: list[str] = []
    params: list[Any] = []
    for place, piece in enumerate(re.split(r"\$([1-9])", pattern)):
        found = args[int(piece) - 1] if place % 2 else Sql(piece)
        texts.append(found.text)
        params += found.params
    return Sql("".join(texts), tuple(params))


def join(texts: tuple[str, str, str], parts: Sequence[Sql]) -> Sql:
    start, between, end = texts
    written = start + between.join(part.text for part in parts) + end
    return Sql(written, tuple(param for part in parts for param in part.params))


class Writer:
    """Writes trees over one jsonb column, whose name is SQL already."""

    def __init__(self, column: str) -> None:
        self.column = column.replace("%", "%%")

    def write(self, node: Node) -> Sql:
        match node.op:
            case "literal":
                return _literal(node)
            case "val":
                return Sql(f"NULLIF({self._first()}, 'null'::jsonb)", (jsonpath(node.value),))
            case "vals":
                return self._values(node)
            case "exists":
                found = f"COALESCE(jsonb_path_exists({self.column}, %s::jsonpath, '{{}}', true), false)"
                return Sql(found, (jsonpath(node.value),))
            case "cast":
                return self._cast(node)
            case "in":
                return self._in(node)
        args = [self.write(arg) for arg in node.args]
        if node.op in LISTS:
            return join(LISTS[node.op], args)
        return fill(template(node), *args)

    def _first(self) -> str:
        return f"jsonb_path_query_first({self.column}, %s::jsonpath, '{{}}', true)"

    def _values(self, node: Node) -> Sql:
        """What a path with [*] selects, or the elements of the list, or the one value; nulls are left out."""
        if None in node.value:
            found = f"COALESCE(jsonb_path_query_array({self.column}, %s::jsonpath, '{{}}', true), '[]'::jsonb)"
            return Sql(found, (jsonpath(node.value, ' ? (@.type() != "null")'),))
        elements = f"jsonb_path_query_array({self._first()}, 'lax $[*]')"
        found = f"""COALESCE(jsonb_path_query_array({elements}, 'strict $[*] ? (@.type() != "null")'), '[]'::jsonb)"""
        return Sql(found, (jsonpath(node.value),))

    def _cast(self, node: Node) -> Sql:
        (arg,) = node.args
        if arg.type is Type.JSON:
            return self._from_stored(arg, node.type)
        return fill(conversion(arg.type, node.type), self.write(arg))

    def _from_stored(self, arg: Node, kind: Type) -> Sql:
        """A stored value, NULL if it is of another type; dates are stored as texts."""
        if kind not in patterns.FROM_STORED:
            return fill(patterns.FROM_TEXT[kind], self._from_stored(arg, Type.TEXT))
        condition = patterns.STORED[kind]
        if arg.op == "val" and None not in arg.value:
            found = Sql(self._first(), (jsonpath(arg.value, f" ? ({condition})"),))
        else:
            found = fill(only("$1", condition), self.write(arg))
        return fill(patterns.FROM_STORED[kind], found)

    def _in(self, node: Node) -> Sql:
        value, *items = node.args
        kind = SQL_TYPES[value.type]
        if all(item.is_literal for item in items):
            listed = Sql(f"%s::{kind}[]", ([item.value for item in items],))
            return fill("($1 = ANY($2))", self.write(value), listed)
        return join(
            ("(", " IN ", ")"), [self.write(value), join(("(", ", ", ")"), [self.write(item) for item in items])]
        )


def _literal(node: Node) -> Sql:
    kind = SQL_TYPES[node.type]
    if node.value is None:
        return Sql(f"NULL::{kind}")
    if node.type is Type.BOOLEAN:
        return Sql("TRUE" if node.value else "FALSE")
    return Sql(f"%s::{kind}", (to_json(node.value) if kind == "jsonb" else node.value,))


def to_json(value: Any) -> str:
    """JSON in which numbers are exactly those of the filter."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(to_json, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{json.dumps(key)}: {to_json(item)}' for key, item in value.items())}}}"
    return json.dumps(value)
