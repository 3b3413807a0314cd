"""The functions a filter may call, and the types they take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from .errors import InvalidExpression, shown
from .tree import SCALARS, Node, Type
from .types import as_type, cast, unified

ARGUMENTS = 50
"""More arguments than PostgreSQL passes to a function (100) must not reach it."""

Build: TypeAlias = Callable[[str, tuple[Node, ...], int], Node]


class Function(NamedTuple):
    least: int
    most: int
    build: Build


def call(name: str, args: Sequence[Node], at: int) -> Node:
    """The node for ``name(args)``; raises InvalidExpression if it is unknown or the arguments do not suit."""
    found = FUNCTIONS.get(name.lower())
    if found is None:
        raise InvalidExpression(at, f"unknown function {shown(name.lower())}")
    if not found.least <= len(args) <= found.most:
        most = "" if found.most == found.least else f" to {found.most}"
        raise InvalidExpression(at, f"{name.lower()} takes {found.least}{most} arguments, not {len(args)}")
    return found.build(ALIASES.get(name.lower(), name.lower()), tuple(args), at)


def _typed(result: Type, *kinds: Type) -> Build:
    """A function of arguments of ``kinds``."""

    def build(name: str, args: tuple[Node, ...], at: int) -> Node:
        suited = (as_type(arg, kind) for arg, kind in zip(args, kinds, strict=False))
        return Node(name, result, tuple(suited), at=at)

    return build


def _abs(name: str, args: tuple[Node, ...], at: int) -> Node:
    arg = as_type(args[0], Type.NUMERIC)
    return Node(name, arg.type, (arg,), at=at)


def _round(name: str, args: tuple[Node, ...], at: int) -> Node:
    return _typed(Type.INTEGER if len(args) == 1 else Type.NUMERIC, Type.NUMERIC, Type.INTEGER)(name, args, at)


def _same(name: str, args: tuple[Node, ...], at: int) -> Node:
    """coalesce and nullif: of whatever type the arguments share."""
    suited = unified(args)
    types = {arg.type for arg in suited}
    return Node(name, Type.NUMERIC if types == {Type.INTEGER, Type.NUMERIC} else suited[0].type, suited, at=at)


def _concat(name: str, args: tuple[Node, ...], at: int) -> Node:
    return Node(name, Type.TEXT, tuple(as_text(arg) for arg in args), at=at)


def as_text(node: Node) -> Node:
    """``node`` where texts are put together: numbers, dates and truth values as they are written."""
    return cast(node, Type.TEXT) if node.type in SCALARS else as_type(node, Type.TEXT)


_TEXT, _INTEGER, _NUMERIC = Type.TEXT, Type.INTEGER, Type.NUMERIC
ALIASES = {"ceiling": "ceil", "substr": "substring", "char_length": "length", "btrim": "trim"}
FUNCTIONS = {
    "lower": Function(1, 1, _typed(_TEXT, _TEXT)),
    "upper": Function(1, 1, _typed(_TEXT, _TEXT)),
    "trim": Function(1, 1, _typed(_TEXT, _TEXT)),
    "btrim": Function(1, 1, _typed(_TEXT, _TEXT)),
    "ltrim": Function(1, 1, _typed(_TEXT, _TEXT)),
    "rtrim": Function(1, 1, _typed(_TEXT, _TEXT)),
    "length": Function(1, 1, _typed(_INTEGER, _TEXT)),
    "char_length": Function(1, 1, _typed(_INTEGER, _TEXT)),
    "substring": Function(2, 3, _typed(_TEXT, _TEXT, _INTEGER, _INTEGER)),
    "substr": Function(2, 3, _typed(_TEXT, _TEXT, _INTEGER, _INTEGER)),
    "replace": Function(3, 3, _typed(_TEXT, _TEXT, _TEXT, _TEXT)),
    "starts_with": Function(2, 2, _typed(Type.BOOLEAN, _TEXT, _TEXT)),
    "concat": Function(1, ARGUMENTS, _concat),
    "abs": Function(1, 1, _abs),
    "round": Function(1, 2, _round),
    "floor": Function(1, 1, _typed(_INTEGER, _NUMERIC)),
    "ceil": Function(1, 1, _typed(_INTEGER, _NUMERIC)),
    "ceiling": Function(1, 1, _typed(_INTEGER, _NUMERIC)),
    "coalesce": Function(1, ARGUMENTS, _same),
    "nullif": Function(2, 2, _same),
    "now": Function(0, 0, lambda name, args, at: Node("now", Type.TIMESTAMP, at=at)),
}

FIELDS = {
    name: Type.NUMERIC if name in ("SECOND", "EPOCH") else Type.INTEGER
    for name in ("YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "DOW", "ISODOW", "DOY", "HOUR", "MINUTE", "SECOND", "EPOCH")
}
"""What EXTRACT gives of a date or time (UTC)."""
