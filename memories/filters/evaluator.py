"""Does a rule match a document? In Python: the meaning of UniqueQL, against which the database's filter is compared.

Paths follow PostgreSQL's lax jsonpath (a list where an object is expected stands for its elements, and the other way
round), and so do ``equals``, ``notEquals`` and the order operators: they hold if they hold for one of the values, and
values of different types are never compared. The page docs/uniqueql.md says the same to users.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any, TypeAlias

from .dates import instant
from .folders import in_folder, same_folder
from .rules import (
    ANY_OF,
    EVERY,
    NONE_OF,
    ORDER,
    WELL_KNOWN,
    And,
    Nested,
    Operator,
    Or,
    Path,
    Rule,
    Scalar,
    Statement,
)

Document: TypeAlias = Mapping[str, Any]
"""Decoded JSON: a memory's metadata with the WELL_KNOWN names, as ``document`` joins them."""

Same: TypeAlias = Callable[[Any, Scalar], bool]

FOLDER_PATH = ("folderIdPath",)
_COMPARE: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.GREATER_THAN: gt,
    Operator.GREATER_THAN_OR_EQUAL: ge,
    Operator.LESS_THAN: lt,
    Operator.LESS_THAN_OR_EQUAL: le,
}


def document(metadata: Mapping[str, Any], well_known: Mapping[str, Any]) -> Document:
    """``metadata`` with the memory's own ``well_known`` values (texts; None is left out).

    Custom metadata under a well-known name is dropped: whoever may write metadata could otherwise claim a folder.
    """
    custom = {name: value for name, value in metadata.items() if name not in WELL_KNOWN}
    return custom | {name: value for name, value in well_known.items() if value is not None}


def matches(rule: Rule, document: Document) -> bool:
    """Does ``rule``, its variables expanded, match ``document``? Never raises for any JSON object."""
    return _matches(rule, document, at_root=True)


def key_path(path: Path) -> Path:
    """``path`` without the leading "metadata" that some clients send."""
    return path[1:] if len(path) > 1 and path[0] == "metadata" else path


def root_path(path: Path) -> Path:
    """A path that starts at the document, without what changes nothing: "*" of the document, "*" of an own name.

    Empty for the document itself.
    """
    path = key_path(path)
    while path[:1] == (EVERY,):
        path = path[1:]
    is_own = path[:1] and path[0] in WELL_KNOWN and set(path[1:]) == {EVERY}
    return path[:1] if is_own else path


def _matches(rule: Rule, context: Any, at_root: bool) -> bool:
    match rule:
        case And(rules):
            return bool(rules) and all(_matches(item, context, at_root) for item in rules)
        case Or(rules):
            return any(_matches(item, context, at_root) for item in rules)
        case Nested(path, inner):
            return _matches_nested(root_path(path) if at_root else path, inner, context, at_root)
        case Statement(path, operator, value):
            path = root_path(path) if at_root else path
            is_folder = at_root and path == FOLDER_PATH
            return holds(operator, value, list(targets(context, path)), is_folder)


def _matches_nested(path: Path, inner: Rule, context: Any, at_root: bool) -> bool:
    if at_root and not path:
        return _matches(inner, context, at_root=True)
    if at_root and path[0] in WELL_KNOWN:
        return False  # they are texts, in which there is nothing
    return any(_matches(inner, element, at_root=False) for element in unwrapped(targets(context, path)))


def targets(context: Any, path: Path) -> Iterator[Any]:
    """What is at ``path``: nothing if it is missing, several values where a list is on the way."""
    found = [context]
    for name in path:
        found = [value for item in found for value in _step(item, name)]
    yield from found


def _step(item: Any, name: str) -> Iterator[Any]:
    if name == EVERY:
        yield from item if isinstance(item, list) else [item]
        return
    for candidate in item if isinstance(item, list) else [item]:
        if isinstance(candidate, Mapping) and name in candidate:
            yield candidate[name]


def unwrapped(values: Iterator[Any] | Sequence[Any]) -> Iterator[Any]:
    """The values, lists replaced by their elements, one level deep."""
    for value in values:
        yield from value if isinstance(value, list) else [value]


def holds(operator: Operator, value: Any, found: list[Any], is_folder: bool = False) -> bool:
    """Does a statement hold of ``found``, what is at its path?"""
    equal: Same = same_folder if is_folder else is_equal
    contains: Same = in_folder if is_folder else has_text
    values = list(unwrapped(unwrapped(found)))  # jsonpath does so twice: for the filter, and for the comparison in it
    if operator in ANY_OF:
        return any(equal(item, option) for item in values for option in value)
    if operator in NONE_OF:
        return bool(found) and bool(value) and all(_is_none_of(item, value, equal) for item in values)
    if operator in ORDER:
        return any(_in_order(operator, item, value) for item in values)
    match operator:
        case Operator.EQUALS:
            return any(equal(item, value) for item in values)
        case Operator.NOT_EQUALS:
            return any(is_comparable(item, value) and not equal(item, value) for item in values)
        case Operator.CONTAINS:
            return any(contains(item, value) for item in values)
        case Operator.NOT_CONTAINS:
            return bool(found) and all(is_comparable(item, value) and not contains(item, value) for item in values)
    return _holds_without_value(operator, found)


def _holds_without_value(operator: Operator, found: list[Any]) -> bool:
    is_set = [item for item in found if item is not None]
    match operator:
        case Operator.IS_NULL:
            return not is_set
        case Operator.IS_NOT_NULL:
            return bool(is_set)
        case Operator.IS_EMPTY:
            return any(_is_empty(item) for item in found)
    return any(not _is_empty(item) for item in is_set)


def _is_none_of(item: Any, options: tuple[Scalar, ...], equal: Same) -> bool:
    return any(is_comparable(item, option) for option in options) and not any(equal(item, option) for option in options)


def _in_order(operator: Operator, item: Any, value: Any) -> bool:
    """Numbers against numbers, points in time against texts that name one."""
    scale: Callable[[Any], Any] = _moment if isinstance(value, str) else _number
    left, right = scale(item), scale(value)
    return left is not None and right is not None and _COMPARE[operator](left, right)


def _moment(item: Any) -> datetime | None:
    return instant(item) if isinstance(item, str) else None


def is_equal(item: Any, value: Scalar) -> bool:
    """Equal and of the same type: "2024" is not 2024, 1 is 1.0, and true is not 1."""
    kind = _kind(item)
    if kind is None or kind != _kind(value):
        return False
    return _number(item) == _number(value) if kind == "number" else bool(item == value)


def has_text(item: Any, value: Scalar) -> bool:
    """Is ``value`` part of the text ``item``, upper and lower case alike?"""
    return isinstance(item, str) and isinstance(value, str) and fold(value) in fold(item)


def fold(text: str) -> str:
    """Lower case, one character for one, as PostgreSQL's lower() in the locale C.UTF-8."""
    return text.lower() if text.isascii() else "".join(map(_lower, text))


def _lower(char: str) -> str:
    return "i" if char == "\u0130" else char.lower()  # the one letter whose lower case is two characters in Python


def is_comparable(item: Any, value: Scalar) -> bool:
    """Null is unlike everything; other values compare with values of their own type only."""
    return item is None or value is None or (_kind(item) is not None and _kind(item) == _kind(value))


def _kind(value: Any) -> str | None:
    """The type of a scalar; None for lists, objects and numbers that JSON does not have."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    if isinstance(value, str):
        return "text"
    return "number" if _number(value) is not None else None


def _number(value: Any) -> Decimal | None:
    """The number as it is written: binary and decimal numbers then compare as in the database."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    number = Decimal(value) if isinstance(value, int) else Decimal(repr(value))
    return number if number.is_finite() else None


def _is_empty(item: Any) -> bool:
    return isinstance(item, str | list | Mapping) and not item
