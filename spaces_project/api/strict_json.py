"""The one reader of JSON bodies: what it lets through can be stored and has one meaning.

Refused with a sentence that says where: invalid UTF-8, duplicate keys, NaN and Infinity, numbers beyond a
double, NUL and lone surrogates in strings and keys, and more than limits.JSON_DEPTH levels, JSON_NODES
values or STRING_BYTES per string.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from django.core.exceptions import ValidationError

from spaces.errors import InvalidInput
from spaces_project.kit import limits
from spaces_project.kit.values import check_text

SURELY_A_DOUBLE = 300  # digits
# One that does not end reaches to the end of the body: else each quote in it would be tried as a beginning.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)


def parse_object(data: bytes, string_bytes: int = limits.STRING_BYTES) -> dict[str, Any]:
    """The JSON object in ``data``, no text of which has more than ``string_bytes``; nothing at all is an empty object.
    Raises InvalidInput."""
    if not data.strip():
        return {}
    _check_size(data)
    value = _loads(_decode(data))
    if not isinstance(value, dict):
        raise InvalidInput("The body must be a JSON object.")
    _check(value, string_bytes)
    return value


def _check_size(data: bytes) -> None:
    """Refuse too many values before any of them takes memory."""
    if _values(data) > limits.JSON_NODES and _values(_STRING.sub(b"", data)) > limits.JSON_NODES:
        raise _too_many()


def _values(data: bytes) -> int:
    return sum(data.count(sign) for sign in (b",", b"[", b"{"))


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"The body is not UTF-8 (byte {error.start}).") from error


def _loads(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise InvalidInput(f"The body is not JSON: {error.msg} (line {error.lineno}, column {error.colno}).") from error
    except RecursionError as error:
        raise _too_deep() from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise InvalidInput(f"The key {quoted(twice)} is given twice.")
    return made


def _not_finite(text: str) -> NoReturn:
    raise InvalidInput(f"The number {text[:40]} is not finite.")


def _float(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _not_finite(text)


def _int(text: str) -> int:
    if len(text) > SURELY_A_DOUBLE:
        _float(text)
    return int(text)


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_not_finite, parse_float=_float, parse_int=_int)


def _too_deep() -> InvalidInput:
    return InvalidInput(f"The body is nested deeper than {limits.JSON_DEPTH} levels.")


def _too_many() -> InvalidInput:
    return InvalidInput(f"The body has more than {limits.JSON_NODES:,} values.")


def quoted(text: str) -> str:
    """``text`` as it may be shown in a message: short, printable, in quotes."""
    return json.dumps(text if len(text) <= 64 else text[:63] + "…", ensure_ascii=not text.isprintable())


Path = tuple[str | int, ...]


def _walk(value: Any) -> Iterator[tuple[Any, Path]]:
    """Every value with its path, without recursion; keys come as values of their own."""
    waiting: list[tuple[Any, Path]] = [(value, ())]
    while waiting:
        item, path = waiting.pop()
        yield item, path
        if isinstance(item, dict):
            waiting += [(key, path) for key in item] + [(child, (*path, key)) for key, child in item.items()]
        elif isinstance(item, list):
            waiting += [(child, (*path, number)) for number, child in enumerate(item)]


def _check(value: dict[str, Any], string_bytes: int) -> None:
    for count, (item, path) in enumerate(_walk(value)):
        if count > limits.JSON_NODES:
            raise _too_many()
        if len(path) >= limits.JSON_DEPTH and isinstance(item, dict | list):
            raise _too_deep()
        if isinstance(item, str):
            _check_string(item, path, string_bytes)


def _check_string(text: str, path: Path, string_bytes: int) -> None:
    try:
        check_text(text)
    except ValidationError as error:
        raise InvalidInput(f"{_place(path)}: {error.messages[0]}") from error
    if len(text) > string_bytes or len(text.encode()) > string_bytes:
        raise InvalidInput(f"{_place(path)}: a text may have {string_bytes:,} bytes.")


def _place(path: Path) -> str:
    return printable(".".join(map(str, path)) or "the body")


def printable(text: str) -> str:
    """``text`` shortened and with nothing that a terminal or JSON reader trips over."""
    return "".join(char if char.isprintable() else "?" for char in text[:100])
