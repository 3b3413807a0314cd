"""Text to tokens, in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError

from spaces_project.kit import limits
from spaces_project.kit.values import check_text

from .errors import InvalidExpression, shown
from .tree import NUMBER_DIGITS

ESCAPES = {"'": "'", '"': '"', "\\": "\\", "n": "\n", "t": "\t", "r": "\r"}
SPACE = re.compile(r"(?:[ \t\r\n\f\v]+|--[^\r\n]*)+")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
PLAIN = re.compile(r"[^'\\\x00-\x1f\x7f-\x9f]+")
SIGN = re.compile(r"\|\||==|!=|<>|<=|>=|[=<>()\[\],+\-*/%]")
EXPONENT = 400


class Token(NamedTuple):
    """``kind`` is "name" (``value`` in upper case), "text", "number" (int or Decimal), "sign" or "end"."""

    kind: str
    value: Any
    at: int
    written: str

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else shown(self.written)


def tokenize(text: str) -> list[Token]:
    """The tokens of a filter, the last one of kind "end"; raises InvalidExpression."""
    if len(text) > limits.FILTER_CHARS:
        raise InvalidExpression(limits.FILTER_CHARS, f"at most {limits.FILTER_CHARS:,} characters, not {len(text):,}")
    try:
        check_text(text)
    except ValidationError as error:
        raise InvalidExpression(0, error.messages[0]) from None
    return [*_tokens(text)]


def _tokens(text: str) -> Iterator[Token]:
    at = 0
    while True:
        space = SPACE.match(text, at)
        at = space.end() if space else at
        if at == len(text):
            break
        token = _token(text, at)
        at += len(token.written)
        yield token
    yield Token("end", None, at, "")


def _token(text: str, at: int) -> Token:
    if text[at] == "'":
        return _quoted(text, at)
    if found := NAME.match(text, at):
        return Token("name", found[0].upper(), at, found[0])
    if found := NUMBER.match(text, at):
        return _number(text, found)
    if found := SIGN.match(text, at):
        return Token("sign", found[0], at, found[0])
    if text[at] == '"':
        raise InvalidExpression(at, "texts are written in single quotes")
    raise InvalidExpression(at, f"unexpected {shown(text[at])}")


def _number(text: str, found: re.Match[str]) -> Token:
    written, at = found[0], found.start()
    if NAME.match(text, found.end()):
        raise InvalidExpression(found.end(), f"unexpected {shown(text[found.end()])} in a number")
    digits, _, exponent = written.lower().partition("e")
    # The exponent is looked at before it is believed: 1e999999999 would be a very long number.
    too_long = len(digits) > EXPONENT or len(exponent.lstrip("+-0")) > 3 or abs(int(exponent or 0)) > EXPONENT
    if too_long or abs(value := Decimal(written)) >= Decimal(10) ** NUMBER_DIGITS:
        raise InvalidExpression(at, "the number is too long, or too large")
    return Token("number", int(written) if written.isdigit() else value, at, written)


def _quoted(text: str, start: int) -> Token:
    """A text from its opening quote on: ``''`` is a quote, and so is ``\\'``."""
    parts, at = [], start + 1
    while at < len(text):
        if plain := PLAIN.match(text, at):
            parts.append(plain[0])
            at = plain.end()
        elif text[at] == "\\":
            parts.append(_escape(text, at))
            at += 2
        elif text[at : at + 2] == "''":
            parts.append("'")
            at += 2
        elif text[at] == "'":
            return Token("text", "".join(parts), start, text[start : at + 1])
        else:
            raise InvalidExpression(at, "control characters in a text are written \\n, \\t, \\r or not at all")
    raise InvalidExpression(start, "the text that begins here has no closing quote")


def _escape(text: str, at: int) -> str:
    escaped = text[at + 1 : at + 2]
    if escaped not in ESCAPES:
        raise InvalidExpression(at, f"unknown escape {shown(text[at : at + 2])}; a backslash is written \\\\")
    return ESCAPES[escaped]
