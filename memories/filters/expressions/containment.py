"""What a filter implies that an index on the metadata can find: the pairs it must contain.

Each condition that must hold and that only rows containing certain JSON can fulfil adds ``meta @> …``, which a GIN
index of jsonb_path_ops serves. It is implied, so it changes nothing but speed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .sql import Sql, Writer, join, to_json
from .tree import NUMBERS, Node, Type

LISTED = 50
"""Longer lists are left to the condition itself."""

EXACT = frozenset({Type.TEXT, Type.BOOLEAN}) | NUMBERS


def implied(node: Node, writer: Writer) -> list[Sql]:
    """The containments that ``node`` implies, each over the writer's column."""
    return [_any_of(found, writer.column) for part in node.conjuncts() if (found := _alternatives(part))]


def _any_of(documents: list[Any], column: str) -> Sql:
    each = [Sql(f"{column} @> %s::jsonb", (to_json(document),)) for document in documents]
    return each[0] if len(each) == 1 else join(("(", " OR ", ")"), each)


def _alternatives(node: Node) -> list[Any]:
    """Documents of which one must be contained for ``node`` to hold; none if that cannot be said."""
    match node.op:
        case "=":
            return [*_equal(*node.args), *_equal(*reversed(node.args))]
        case "in":
            return _one_of(node.args[0], node.args[1:])
        case "is true":
            return [*_stored(node.args[0], True)]
        case "is false" | "not":
            return [*_stored(node.args[0], False)]
        case "cast":
            return [*_stored(node, True)]
        case "element":
            return _element(*node.args)
        case "contains":
            return _element(*reversed(node.args))
    return []


def _equal(stored: Node, value: Node) -> Iterator[Any]:
    if value.is_literal and value.value is not None:
        yield from _stored(stored, value.value)


def _one_of(stored: Node, items: tuple[Node, ...]) -> list[Any]:
    if len(items) > LISTED or not all(item.is_literal for item in items):
        return []
    return [document for item in items for document in _equal(stored, item)]


def _stored(node: Node, value: Any) -> Iterator[Any]:
    """The document that is contained if ``node``, a cast of what is stored, is ``value``."""
    is_stored = node.op == "cast" and node.type in EXACT and node.args[0].op == "val"
    if is_stored and _has_only_names(path := node.args[0].value):
        yield _document(path, value)


def _element(value: Node, items: Node) -> list[Any]:
    """``'a' IN vals('$.tags')``: the list contains it, or it is the one value."""
    path = items.value
    value = value.args[0] if value.op == "cast" else value
    if items.op != "vals" or not value.is_literal or value.value is None or value.type not in EXACT:
        return []
    if path[-1:] == (None,):
        path = path[:-1]
        return [_document(path, [value.value])] if _has_only_names(path) else []
    return [_document(path, [value.value]), _document(path, value.value)] if _has_only_names(path) else []


def _has_only_names(path: tuple[Any, ...]) -> bool:
    return bool(path) and all(isinstance(step, str) for step in path)


def _document(path: tuple[Any, ...], value: Any) -> Any:
    for name in reversed(path):
        value = {name: value}
    return value
