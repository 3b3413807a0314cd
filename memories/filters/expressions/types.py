"""What goes with what: casts, the common type of two sides, and what is refused without looking at any data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date
from typing import Any

from memories.filters.dates import instant

from .errors import InvalidExpression, shown
from .tree import MOMENTS, NUMBERS, SCALARS, Node, Type, literal

CAST_NAMES = {
    "TEXT": Type.TEXT,
    "STRING": Type.TEXT,
    "VARCHAR": Type.TEXT,
    "INTEGER": Type.INTEGER,
    "INT": Type.INTEGER,
    "BIGINT": Type.INTEGER,
    "NUMERIC": Type.NUMERIC,
    "DECIMAL": Type.NUMERIC,
    "FLOAT": Type.NUMERIC,
    "REAL": Type.NUMERIC,
    "DOUBLE": Type.NUMERIC,
    "DOUBLE PRECISION": Type.NUMERIC,
    "BOOLEAN": Type.BOOLEAN,
    "BOOL": Type.BOOLEAN,
    "DATE": Type.DATE,
    "TIMESTAMP": Type.TIMESTAMP,
    "TIMESTAMPTZ": Type.TIMESTAMP,
}

CASTS: dict[Type, frozenset[Type]] = {
    Type.JSON: SCALARS,
    Type.TEXT: SCALARS,
    Type.INTEGER: frozenset({Type.NUMERIC, Type.TEXT}),
    Type.NUMERIC: frozenset({Type.INTEGER, Type.TEXT}),
    Type.BOOLEAN: frozenset({Type.TEXT}),
    Type.DATE: frozenset({Type.TIMESTAMP, Type.TEXT}),
    Type.TIMESTAMP: frozenset({Type.DATE, Type.TEXT}),
}


def cast(node: Node, kind: Type) -> Node:
    """CAST(node AS kind), as written by the user."""
    if node.type is kind:
        return node
    if node.type is Type.NULL:
        return literal(None, kind, node.at)
    if node.is_literal and node.type is Type.TEXT and kind in MOMENTS:
        return moment(node.value, kind, node.at)
    if kind not in CASTS.get(node.type, ()):
        raise InvalidExpression(node.at, f"{node.type} cannot be cast to {kind}")
    return Node("cast", kind, (node,), at=node.at)


def moment(text: str, kind: Type, at: int) -> Node:
    """The literal DATE '2025-01-01' or TIMESTAMP '…' (naive, in UTC)."""
    found: Any = instant(text)
    try:
        found = found and (date.fromisoformat(text[:10]) if kind is Type.DATE else found.astimezone(UTC))
    except OverflowError:
        found = None
    if found is None:
        raise InvalidExpression(at, f"{shown(text)} is not a {kind.lower()}, such as 2025-01-31")
    return literal(found if kind is Type.DATE else found.replace(tzinfo=None), kind, at)


def as_type(node: Node, *kinds: Type) -> Node:
    """``node`` where one of ``kinds`` is needed: what is stored, and NULL, become the first; else InvalidExpression."""
    if node.type in kinds:
        return node
    if node.type is Type.NULL or (node.type is Type.JSON and kinds[0] in SCALARS):
        return cast(node, kinds[0])
    if node.type is Type.INTEGER and Type.NUMERIC in kinds:
        return node
    names = " or ".join(dict.fromkeys(kinds))
    raise InvalidExpression(node.at, f"expected {names}, found {node.type}")


def as_boolean(node: Node) -> Node:
    """A condition: what is stored is none until it is cast."""
    if node.type is Type.JSON:
        raise InvalidExpression(node.at, "expected a condition; a stored value is one as CAST(… AS BOOLEAN)")
    return as_type(node, Type.BOOLEAN)


def as_list(node: Node) -> Node:
    if node.type is Type.JSON:
        return Node("cast", Type.LIST, (node,), at=node.at)
    if node.type is Type.NULL:
        return literal(None, Type.LIST, node.at)
    if node.type is not Type.LIST:
        raise InvalidExpression(node.at, f"expected a list, such as vals('$.tags') or ['a', 'b'], found {node.type}")
    return node


def as_json(node: Node) -> Node:
    """``node`` as an element of a list; dates have no JSON form of their own."""
    if node.type in (Type.JSON, Type.LIST):
        return node
    if node.type in MOMENTS:
        raise InvalidExpression(node.at, f"a {node.type} is no JSON value; CAST it AS TEXT")
    if node.type is Type.NULL:
        return literal(None, Type.JSON, node.at)
    return Node("cast", Type.JSON, (node,), at=node.at)


def unified(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """The same values, all of one type that can be compared; raises InvalidExpression at the first that cannot."""
    kind = _common([node.type for node in nodes])
    return tuple(_suited(node, kind) for node in nodes)


def _common(types: list[Type]) -> Type:
    known = [kind for kind in types if kind not in (Type.NULL, Type.JSON)]
    if not known:
        return Type.JSON if Type.JSON in types else Type.TEXT
    # A date may be written as a plain text beside one.
    if set(known) <= MOMENTS | {Type.TEXT} and set(known) & MOMENTS:
        return Type.TIMESTAMP if Type.TIMESTAMP in known else Type.DATE
    if set(known) <= NUMBERS:
        return Type.NUMERIC if Type.NUMERIC in known else Type.INTEGER
    return known[0]


def _suited(node: Node, kind: Type) -> Node:
    if node.type is Type.DATE and kind is Type.TIMESTAMP:
        return cast(node, kind)
    if node.is_literal and node.type is Type.TEXT and kind in MOMENTS:
        return moment(node.value, kind, node.at)
    if kind in NUMBERS and node.type is Type.JSON:
        return cast(node, Type.NUMERIC)
    if kind is Type.LIST and node.type is Type.JSON:
        return as_list(node)
    if node.type in (kind, Type.JSON, Type.NULL) or {node.type, kind} <= NUMBERS:
        return node if node.type in NUMBERS else as_type(node, kind)
    raise InvalidExpression(node.at, f"{kind} cannot be compared with {node.type}")
