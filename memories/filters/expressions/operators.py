"""The nodes of operators, their sides brought to one type."""

from __future__ import annotations

from collections.abc import Sequence

from spaces_project.kit import limits

from .errors import InvalidExpression
from .functions import ARGUMENTS, as_text
from .tree import MOMENTS, Node, Type, literal
from .types import as_boolean, as_json, as_list, as_type, unified

COMPARISONS = {"=": "=", "==": "=", "!=": "<>", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
UNORDERED = {Type.BOOLEAN, Type.JSON, Type.LIST}


def compare(sign: str, left: Node, right: Node, at: int) -> Node:
    op = COMPARISONS[sign]
    sides = unified((left, right))
    if sides[0].type in UNORDERED and op not in ("=", "<>"):
        hint = "; CAST it" if sides[0].type is Type.JSON else ""
        raise InvalidExpression(at, f"{sides[0].type} has no order{hint}")
    return Node(op, Type.BOOLEAN, sides, at=at)


def between(value: Node, low: Node, high: Node, at: int) -> Node:
    sides = unified((value, low, high))
    if sides[0].type in UNORDERED:
        raise InvalidExpression(at, f"{sides[0].type} has no order")
    return Node("between", Type.BOOLEAN, sides, at=at)


def negated(node: Node, is_negated: bool = True) -> Node:
    return Node("not", Type.BOOLEAN, (as_boolean(node),), at=node.at) if is_negated else node


def joined(op: str, conditions: Sequence[Node], at: int) -> Node:
    return Node(op, Type.BOOLEAN, tuple(map(as_boolean, conditions)), at=at)


def arithmetic(op: str, left: Node, right: Node, at: int) -> Node:
    """Numbers; dates and whole days; the days between two dates."""
    if op in "+-" and Type.DATE in (left.type, right.type):
        return _days(op, left, right, at)
    if moment := next((side for side in (left, right) if side.type in MOMENTS), None):
        raise InvalidExpression(moment.at, f"{moment.type} {op} is not possible; days are added to a DATE")
    sides = as_type(left, Type.NUMERIC), as_type(right, Type.NUMERIC)
    kind = Type.INTEGER if {side.type for side in sides} == {Type.INTEGER} else Type.NUMERIC
    return Node("div" if op == "/" and kind is Type.INTEGER else op, kind, sides, at=at)


def _days(op: str, left: Node, right: Node, at: int) -> Node:
    if left.type is right.type:
        if op == "-":
            return Node("days", Type.INTEGER, (left, right), at=at)
        raise InvalidExpression(at, "dates cannot be added")
    if left.type is not Type.DATE:
        if op == "-":
            raise InvalidExpression(at, "a DATE cannot be taken from a number")
        left, right = right, left
    return Node("date+" if op == "+" else "date-", Type.DATE, (left, as_type(right, Type.INTEGER)), at=at)


def negative(node: Node, at: int) -> Node:
    node = as_type(node, Type.NUMERIC)
    if node.is_literal and node.value is not None:
        return literal(node.value.copy_negate(), node.type, at)
    return Node("neg", node.type, (node,), at=at)


def concatenated(left: Node, right: Node, at: int) -> Node:
    return Node("||", Type.TEXT, (as_text(left), as_text(right)), at=at)


def subscript(node: Node, index: Node, at: int) -> Node:
    return Node("[]", Type.JSON, (as_list(node), as_type(index, Type.INTEGER)), at=at)


def array(elements: Sequence[Node], at: int) -> Node:
    if all(element.is_literal and element.type not in MOMENTS for element in elements):
        return literal([element.value for element in elements], Type.LIST, at)
    if len(elements) > ARGUMENTS:
        raise InvalidExpression(at, f"at most {ARGUMENTS} elements, unless all are literals")
    return Node("array", Type.LIST, tuple(map(as_json, elements)), at=at)


def is_in(value: Node, items: Sequence[Node], at: int) -> Node:
    if len(items) > limits.FILTER_VALUES:
        raise InvalidExpression(at, f"at most {limits.FILTER_VALUES:,} values in a list, not {len(items):,}")
    return Node("in", Type.BOOLEAN, unified((value, *items)), at=at)


def is_element(value: Node, items: Node, at: int) -> Node:
    """``value IN vals(…)``: is it, a text, number or truth value, one of the elements?"""
    if value.type in (*MOMENTS, Type.LIST):
        raise InvalidExpression(value.at, f"{value.type} cannot be looked for in a list; CAST it AS TEXT")
    return Node("element", Type.BOOLEAN, (as_json(value), as_list(items)), at=at)


def contains(left: Node, right: Node, at: int) -> Node:
    if left.type not in (Type.JSON, Type.LIST, Type.NULL):
        raise InvalidExpression(left.at, f"CONTAINS needs a list on its left, found {left.type}; texts have LIKE")
    return Node("contains", Type.BOOLEAN, (as_json(left), as_json(right)), at=at)


def overlaps(left: Node, right: Node, at: int) -> Node:
    return Node("overlaps", Type.BOOLEAN, (as_list(left), as_list(right)), at=at)


def is_truth(node: Node, truth: bool, at: int) -> Node:
    return Node("is true" if truth else "is false", Type.BOOLEAN, (as_type(node, Type.BOOLEAN),), at=at)


def is_null(node: Node, at: int) -> Node:
    node = literal(None, Type.TEXT, at) if node.type is Type.NULL else node
    return Node("is null", Type.BOOLEAN, (node,), at=at)


def like(op: str, text: Node, pattern: Node, escape: Node | None, at: int) -> Node:
    """``op`` is LIKE or ILIKE. A literal pattern is rewritten to the escape character that PostgreSQL expects."""
    text, pattern = as_type(text, Type.TEXT), as_type(pattern, Type.TEXT)
    if escape is None and not pattern.is_literal:
        return Node(op.lower(), Type.BOOLEAN, (text, pattern), at=at)
    char = "\\" if escape is None else escape.value
    if not pattern.is_literal or not isinstance(char, str) or len(char) > 1:
        raise InvalidExpression((escape or pattern).at, "ESCAPE needs a literal pattern and one literal character")
    written = pattern.value and _with_backslashes(pattern.value, char, pattern.at)
    return Node(op.lower(), Type.BOOLEAN, (text, literal(written, Type.TEXT, pattern.at)), at=at)


def _with_backslashes(pattern: str, char: str, at: int) -> str:
    found, is_escaped = [], False
    for each in pattern:
        if each == char and not is_escaped:
            is_escaped = True
            continue
        found.append(f"\\{each}" if is_escaped or each == "\\" else each)
        is_escaped = False
    if is_escaped:
        raise InvalidExpression(at, "the pattern ends with its escape character")
    return "".join(found)
