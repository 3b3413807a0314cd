"""Tokens to a typed tree: a parser by operator precedence, which goes no deeper than the limits."""

from __future__ import annotations

from spaces_project.kit import limits

from . import operators
from .errors import InvalidExpression
from .primaries import Primaries
from .tokens import tokenize
from .tree import Node, Type
from .types import as_boolean

OR, AND, NOT, COMPARISON, CONCATENATION, SUM, PRODUCT, SIGN, SUBSCRIPT = range(1, 10)
POWERS = (
    {"OR": OR, "AND": AND, "[": SUBSCRIPT, "||": CONCATENATION}
    | dict.fromkeys(["LIKE", "ILIKE", "IN", "IS", "CONTAINS", "OVERLAPS", "BETWEEN"], COMPARISON)
    | dict.fromkeys(operators.COMPARISONS, COMPARISON)
    | {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "%": PRODUCT}
)
NEGATABLE = ("LIKE", "ILIKE", "IN", "BETWEEN")


def parse_tree(text: str) -> Node:
    """The tree of a whole filter, of type BOOLEAN; raises InvalidExpression."""
    parser = Parser(tokenize(text))
    if parser.token.kind == "end":
        raise InvalidExpression(0, "the filter is empty")
    found = as_boolean(parser.expression(0))
    if parser.token.kind != "end":
        raise parser.expected("an operator or the end")
    return found


class Parser(Primaries):
    def expression(self, power: int) -> Node:
        """What binds more tightly than ``power``."""
        self.nesting += 1
        self.check_depth(self.nesting)
        left = self.checked(self.prefix())
        while self.power() > power:
            left = self.checked(self.infix(left))
        self.nesting -= 1
        return left

    def checked(self, node: Node) -> Node:
        """``node``, counted, within the limits."""
        self.check_depth(node.depth)
        self.nodes += not node.is_literal
        if self.nodes > limits.FILTER_NODES:
            raise InvalidExpression(self.token.at, f"at most {limits.FILTER_NODES:,} operations in a filter")
        return node

    def check_depth(self, depth: int) -> None:
        if depth > limits.FILTER_DEPTH:
            raise InvalidExpression(self.token.at, f"at most {limits.FILTER_DEPTH} operations inside each other")

    def power(self) -> int:
        """How tightly the operator that comes next binds; 0 if none does."""
        if self.token.kind not in ("name", "sign"):
            return 0
        if self.token.value == "NOT":
            return COMPARISON if self.following().value in NEGATABLE else 0
        return POWERS.get(self.token.value, 0)

    def prefix(self) -> Node:
        at = self.token.at
        if self.take("NOT"):
            return operators.negated(self.expression(NOT))
        if self.take("-"):
            return operators.negative(self.expression(SIGN), at)
        if self.take("+"):
            return self.expression(SIGN)
        return self.primary()

    def infix(self, left: Node) -> Node:
        token = self.advance()
        match token.value:
            case "AND" | "OR":
                return self.junction(token.value, left, token.at)
            case "[":
                index = self.expression(0)
                self.expect("]")
                return operators.subscript(left, index, token.at)
            case "||":
                return operators.concatenated(left, self.expression(CONCATENATION), token.at)
            case "+" | "-" | "*" | "/" | "%":
                return operators.arithmetic(token.value, left, self.expression(POWERS[token.value]), token.at)
            case "NOT":
                return operators.negated(self.comparison(self.advance().value, left, token.at))
        return self.comparison(token.value, left, token.at)

    def junction(self, op: str, left: Node, at: int) -> Node:
        """All of ``a AND b AND c`` is one node: long filters are wide, not deep."""
        conditions = [left, self.expression(POWERS[op])]
        while self.take(op):
            conditions.append(self.expression(POWERS[op]))
        return operators.joined(op.lower(), conditions, at)

    def comparison(self, op: str, left: Node, at: int) -> Node:
        match op:
            case "IS":
                return self.test(left, at)
            case "IN":
                return self.membership(left, at)
            case "BETWEEN":
                low = self.expression(COMPARISON)
                self.expect("AND")
                return operators.between(left, low, self.expression(COMPARISON), at)
            case "LIKE" | "ILIKE":
                pattern = self.expression(COMPARISON)
                escape = self.expression(COMPARISON) if self.take("ESCAPE") else None
                return operators.like(op, left, pattern, escape, at)
            case "CONTAINS":
                return operators.contains(left, self.expression(COMPARISON), at)
            case "OVERLAPS":
                return operators.overlaps(left, self.expression(COMPARISON), at)
        return operators.compare(op, left, self.expression(COMPARISON), at)

    def test(self, left: Node, at: int) -> Node:
        """IS [NOT] NULL, TRUE or FALSE."""
        is_negated = self.take("NOT")
        if self.take("NULL"):
            found = operators.is_null(left, at)
        elif self.token.value in ("TRUE", "FALSE") and self.token.kind == "name":
            found = operators.is_truth(left, self.advance().value == "TRUE", at)
        else:
            raise self.expected("NULL, TRUE or FALSE")
        return operators.negated(found, is_negated)

    def membership(self, left: Node, at: int) -> Node:
        """IN (a, b), IN vals(…), IN [a, b]."""
        if not self.take("("):
            return operators.is_element(left, self.expression(COMPARISON), at)
        items = self.expressions(")")
        if not items:
            raise InvalidExpression(at, "IN needs at least one value")
        if len(items) == 1 and items[0].type is Type.LIST:
            return operators.is_element(left, items[0], at)
        return operators.is_in(left, items, at)
