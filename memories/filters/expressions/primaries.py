"""The parser's grip on the tokens, and the expressions that are no operators: literals, accesses, calls."""

from __future__ import annotations

from abc import abstractmethod

from . import operators
from .errors import InvalidExpression, shown
from .functions import FIELDS, call
from .paths import parse_path
from .tokens import Token
from .tree import Node, Type, literal, number
from .types import CAST_NAMES, as_type, cast, moment

CONSTANTS = {"TRUE": (True, Type.BOOLEAN), "FALSE": (False, Type.BOOLEAN), "NULL": (None, Type.NULL)}
ACCESSES = {"VAL": Type.JSON, "VALS": Type.LIST, "EXISTS": Type.BOOLEAN}
NOW = {"CURRENT_DATE": ("today", Type.DATE), "CURRENT_TIMESTAMP": ("now", Type.TIMESTAMP)}


class Primaries:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.place = 0
        self.nesting = 0
        self.nodes = 0

    @abstractmethod
    def expression(self, power: int) -> Node: ...

    @property
    def token(self) -> Token:
        return self.tokens[self.place]

    def following(self) -> Token:
        return self.tokens[min(self.place + 1, len(self.tokens) - 1)]

    def advance(self) -> Token:
        token = self.token
        self.place = min(self.place + 1, len(self.tokens) - 1)
        return token

    def take(self, value: str) -> bool:
        """Go past the sign or keyword ``value``, if it comes next."""
        found = self.token.kind in ("name", "sign") and self.token.value == value
        if found:
            self.advance()
        return found

    def expect(self, value: str) -> None:
        if not self.take(value):
            raise self.expected(shown(value))

    def expected(self, what: str) -> InvalidExpression:
        return InvalidExpression(self.token.at, f"expected {what}, found {self.token}")

    def text(self, what: str) -> Token:
        if self.token.kind != "text":
            raise self.expected(what)
        return self.advance()

    def expressions(self, end: str) -> list[Node]:
        """Expressions with commas between them, up to and past ``end``."""
        found: list[Node] = []
        if self.take(end):
            return found
        while True:
            found.append(self.expression(0))
            if self.take(end):
                return found
            if not self.take(","):
                raise self.expected(f'"," or "{end}"')

    def primary(self) -> Node:
        token = self.token
        match token.kind:
            case "number":
                return number(self.advance().value, token.at)
            case "text":
                return literal(self.advance().value, Type.TEXT, token.at)
            case "name":
                return self.named(self.advance())
        if self.take("("):
            found = self.expression(0)
            self.expect(")")
            return found
        if self.take("["):
            return operators.array(self.expressions("]"), token.at)
        raise self.expected("a value")

    def named(self, token: Token) -> Node:
        """What begins with a name."""
        name, at = token.value, token.at
        if name in CONSTANTS:
            value, kind = CONSTANTS[name]
            return literal(value, kind, at)
        if name in NOW:
            op, kind = NOW[name]
            return Node(op, kind, at=at)
        if name in ("DATE", "TIMESTAMP") and self.token.kind == "text":
            return moment(self.token.value, CAST_NAMES[name], self.advance().at)
        if self.token.value != "(" or self.token.kind != "sign":
            raise InvalidExpression(at, f"expected a value, found {token}; what is stored is read with val('$.name')")
        self.advance()
        return self.called(name, at)

    def called(self, name: str, at: int) -> Node:
        """What follows ``name(``."""
        if name in ACCESSES:
            return self.access(name, at)
        if name == "CAST":
            return self.conversion()
        if name == "EXTRACT":
            return self.extraction(at)
        if name == "SUBSTRING":
            return self.substring(at)
        return call(name, self.expressions(")"), at)

    def access(self, name: str, at: int) -> Node:
        path = self.text("a path in quotes, such as '$.name'")
        self.expect(")")
        return Node(name.lower(), ACCESSES[name], value=parse_path(path.value, path.at + 1), at=at)

    def conversion(self) -> Node:
        value = self.expression(0)
        self.expect("AS")
        token = self.advance()
        name = str(token.value)
        if name == "DOUBLE":
            self.take("PRECISION")
        if token.kind != "name" or name not in CAST_NAMES:
            raise InvalidExpression(token.at, f"unknown type {token}; types are {', '.join(sorted(CAST_NAMES))}")
        self.expect(")")
        return cast(value, CAST_NAMES[name])

    def extraction(self, at: int) -> Node:
        token = self.advance()
        if token.kind != "name" or token.value not in FIELDS:
            raise InvalidExpression(token.at, f"expected one of {', '.join(FIELDS)}, found {token}")
        self.expect("FROM")
        value = self.expression(0)
        self.expect(")")
        value = cast(value, Type.TIMESTAMP) if value.type is Type.DATE else as_type(value, Type.TIMESTAMP)
        return Node("extract", FIELDS[token.value], (value,), value=token.value.lower(), at=at)

    def substring(self, at: int) -> Node:
        """substring(text, 1, 2), or SUBSTRING(text FROM 1 FOR 2)."""
        args = [self.expression(0)]
        if not self.take("FROM"):
            if self.take(","):
                args += self.expressions(")")
            else:
                self.expect(")")
            return call("substring", args, at)
        args.append(self.expression(0))
        if self.take("FOR"):
            args.append(self.expression(0))
        self.expect(")")
        return call("substring", args, at)
