"""The syntax tree: one kind of node, typed as it is made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Type(StrEnum):
    """What an expression gives. JSON is one value as stored, LIST a JSON list, NULL the literal of any type."""

    TEXT = "TEXT"
    INTEGER = "INTEGER"
    NUMERIC = "NUMERIC"
    BOOLEAN = "BOOLEAN"
    DATE = "DATE"
    TIMESTAMP = "TIMESTAMP"
    JSON = "JSON"
    LIST = "LIST"
    NULL = "NULL"


NUMBERS = frozenset({Type.INTEGER, Type.NUMERIC})
MOMENTS = frozenset({Type.DATE, Type.TIMESTAMP})
SCALARS = frozenset({Type.TEXT, Type.BOOLEAN}) | NUMBERS | MOMENTS

NUMBER_DIGITS = 309
"""Numbers are smaller than 10 to this power, on both sides of zero: the range of a double, and a little more."""

PLACES = 100
"""Decimal places that products and quotients keep."""

TEXT_CHARS = 65_536
"""Where texts that an expression puts together are cut."""

POSITIONS = 1_000_000
"""Places in a text, lengths and subscripts beyond this give NULL."""

ROUND_PLACES = 400
"""Likewise for the places to round to, on both sides of the point."""


@dataclass(frozen=True, slots=True)
class Node:
    """An operation, literal or access.

    ``op`` names it: "literal", "val", "vals", "exists", "cast", "and", "=", "lower" … ``value`` is a literal's value
    (str, Decimal, bool, date, naive datetime in UTC, list, None), a path's steps, or the field of "extract".
    ``at`` is its zero-based place in the filter; ``depth`` counts the nodes on the longest way down.
    """

    op: str
    type: Type
    args: tuple[Node, ...] = ()
    value: Any = None
    at: int = 0
    depth: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "depth", 1 + max((arg.depth for arg in self.args), default=0))

    @property
    def is_literal(self) -> bool:
        return self.op == "literal"

    def conjuncts(self) -> Iterator[Node]:
        """What must all hold for this to hold."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            if node.op == "and":
                waiting += reversed(node.args)
            else:
                yield node


def literal(value: Any, kind: Type, at: int = 0) -> Node:
    return Node("literal", kind, value=value, at=at)


def number(value: int | Decimal, at: int = 0) -> Node:
    """INTEGER or NUMERIC, as Python's type says."""
    kind = Type.INTEGER if isinstance(value, int) else Type.NUMERIC
    return literal(Decimal(value), kind, at)
