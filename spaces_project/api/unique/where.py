"""The ``where`` of content/search: Prisma's way of writing conditions, as a condition of the database.

    {"AND": [{"ownerId": {"equals": "scope_…"}}, {"title": {"contains": "report", "mode": "insensitive"}}]}

What is not understood is refused with its place, never ignored. null is absent, but for ``equals`` and ``not`` of what
may be missing (title, url, description), where it asks for that. As in Prisma and in SQL, what is missing meets no
other condition, not even a negated one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.db.models import CharField, DateTimeField, F, Q, Value
from django.db.models.functions import Cast, Coalesce, Lower, NullIf
from django.db.models.lookups import (
    Contains,
    EndsWith,
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    IsNull,
    LessThan,
    LessThanOrEqual,
    StartsWith,
)
from django.utils.dateparse import parse_datetime

from memories.keys import KEY_START, start_of
from spaces.errors import InvalidInput
from spaces_project.kit import limits
from spaces_project.kit.ids import InvalidId, Prefix, decode, decode_any

from .where_ids import CONTENT_ID, OWNER_ID

GROUPS = ("AND", "OR", "NOT")
MODES = ("default", "insensitive")
NEVER, ALWAYS = Q(pk__in=[]), ~Q(pk__in=[])
ORDER: dict[str, Any] = {"gt": GreaterThan, "gte": GreaterThanOrEqual, "lt": LessThan, "lte": LessThanOrEqual}
PARTS: dict[str, Any] = {"contains": Contains, "startsWith": StartsWith, "endsWith": EndsWith}
LOOKED_UP: dict[str, Any] = {"equals": Exact, "startsWith": StartsWith}
Compare = Callable[[str, Any, bool, str], Q]
"""Operator, value, whether in any case, place: the condition. Raises InvalidInput for a value it cannot have."""
Among = Callable[[list[Any], bool, str], Q]
"""The same of values one of which it has."""


@dataclass(frozen=True)
class Indexed:
    """What an index has of a text, in lower case, and how it makes that of another one."""

    column: Any
    made_of: Callable[[Any], Any]

    def holds(self, name: str, value: Any) -> Q:
        """What is true there of whatever meets this condition: said besides, it is looked up in the index."""
        if name == "in":
            return Q(In(self.column, [self.made_of(Value(each)) for each in value])) if value else Q()
        return Q(LOOKED_UP[name](self.column, self.made_of(Value(value)))) if name in LOOKED_UP else Q()


@dataclass(frozen=True)
class Field:
    """What a condition may be about: its operators besides ``not``, ``in`` and ``notIn``, and what they mean."""

    compare: Compare
    operators: tuple[str, ...] = ("equals",)
    missing: Q | None = None  # whether a row has none; None for what every row has
    among: Among | None = None  # "in" at once, where there is a way
    index: Indexed | None = None


def condition(where: Mapping[str, Any]) -> Q:
    """Of memories: whether they meet ``where``. Raises InvalidInput with the place of what is not understood."""
    return _Reader().every(where, "where", 1)


def refuse(place: str, problem: str) -> InvalidInput:
    return InvalidInput(f"{place}: {problem}", field=place)


class _Reader:
    """One pass over one ``where``. It recurses, but never deeper than RULE_DEPTH."""

    def __init__(self) -> None:
        self.nodes = self.values = 0
        self.negated = 0  # times; there an index is of no use, and what it has of what is missing is not nothing

    def every(self, where: Any, place: str, depth: int) -> Q:
        """All members of an object, joined by "and"."""
        self._count(place, depth)
        if not isinstance(where, dict):
            raise refuse(place, "Must be an object.")
        found = Q()
        for name, value in where.items():
            at = f"{place}.{name}"
            if name in GROUPS:
                found &= self._group(name, value, at, depth)
            elif name not in FIELDS:
                raise refuse(place, f"There is no field {name[:50]!r}; there are {', '.join(FIELDS)}.")
            elif value is not None:
                found &= self._field(FIELDS[name], value, at, depth)
        return found

    def _group(self, name: str, value: Any, place: str, depth: int) -> Q:
        """AND and NOT of nothing hold, OR of nothing does not, as in Prisma; an object stands for an array of one."""
        if value is None:
            return Q()
        if not isinstance(value, list | dict):
            raise refuse(place, "Must be an array of objects, or an object.")
        listed = value if isinstance(value, list) else [value]
        self.negated += name == "NOT"
        parts = [self.every(each, f"{place}[{number}]", depth + 1) or ALWAYS for number, each in enumerate(listed)]
        self.negated -= name == "NOT"
        found = NEVER if name == "OR" else Q()
        for part in parts:
            found = found | part if name == "OR" else found & (~part if name == "NOT" else part)
        return found

    def _field(self, field: Field, value: Any, place: str, depth: int, mode: str = "default") -> Q:
        """An object of operators, all of which must hold; a plain value means ``equals``."""
        self._count(place, depth)
        if not isinstance(value, dict):
            value = {"equals": value}
        mode = value.get("mode") or mode
        if mode not in MODES:
            raise refuse(f"{place}.mode", f"Must be one of {', '.join(MODES)}.")
        found = Q()
        for name, operand in value.items():
            if name != "mode":
                found &= self._operator(field, name, operand, f"{place}.{name}", depth, mode)
        return found

    def _operator(self, field: Field, name: str, value: Any, place: str, depth: int, mode: str) -> Q:
        if name not in (*field.operators, "in", "notIn", "not"):
            raise refuse(
                place, f"There is no such operator here; there are {', '.join(field.operators)}, in, notIn, not."
            )
        if value is None:
            return _null(field, name, place)
        if name == "not":
            return ~self._negated(field, value, place, depth, mode)
        if name in ("in", "notIn"):
            found = self._listed(field, name, value, place, mode)
        else:
            found = field.compare(name, value, mode == "insensitive", place)
        return found & field.index.holds(name, value) if field.index and not self.negated else found

    def _negated(self, field: Field, value: Any, place: str, depth: int, mode: str) -> Q:
        self.negated += 1
        found = self._field(field, value, place, depth + 1, mode) or ALWAYS
        self.negated -= 1
        return found

    def _listed(self, field: Field, name: str, values: Any, place: str, mode: str) -> Q:
        if not isinstance(values, list):
            raise refuse(place, "Must be an array.")
        self.values += len(values)
        if self.values > limits.FILTER_VALUES:
            raise refuse(place, f"The lists of one `where` may hold {limits.FILTER_VALUES:,} values.")
        any_case = mode == "insensitive"
        found = field.among(values, any_case, place) if field.among and values else NEVER
        for number, each in enumerate([] if field.among else values):
            found |= field.compare("equals", each, any_case, f"{place}[{number}]")
        return ~found if name == "notIn" else found

    def _count(self, place: str, depth: int) -> None:
        self.nodes += 1
        if depth > limits.RULE_DEPTH:
            raise refuse("where", f"May be nested {limits.RULE_DEPTH} levels deep.")
        if self.nodes > limits.RULE_NODES:
            raise refuse("where", f"May have {limits.RULE_NODES:,} conditions and groups.")


def _null(field: Field, name: str, place: str) -> Q:
    if name not in ("equals", "not"):
        return Q()
    if field.missing is None:
        if name == "not":
            return Q()
        raise refuse(place, "Must not be null.")
    return field.missing if name == "equals" else ~field.missing


# ------------------------------------------------------------------------ fields


def _string(value: Any, place: str) -> str:
    if not isinstance(value, str):
        raise refuse(place, "Must be a string.")
    return value


def _text(expression: Any) -> Compare:
    def compare(name: str, value: Any, any_case: bool, place: str) -> Q:
        text = Value(_string(value, place))
        if name in ORDER:
            return Q(ORDER[name](expression, text))
        lookup = PARTS.get(name, Exact)
        return Q(lookup(Lower(expression), Lower(text)) if any_case else lookup(expression, text))

    return compare


def _one_of(expression: Any) -> Among:
    def among(values: list[Any], any_case: bool, place: str) -> Q:
        texts = [Value(_string(each, f"{place}[{number}]")) for number, each in enumerate(values)]
        return Q(In(Lower(expression), [Lower(each) for each in texts]) if any_case else In(expression, texts))

    return among


def _texts(expression: Any, *, index: Indexed | None = None, may_miss: bool = False) -> Field:
    missing = Q(IsNull(expression, True)) if may_miss else None
    return Field(_text(expression), ("equals", *PARTS, *ORDER), missing, _one_of(expression), index)


def _ids(spelled: Any, equals: Callable[[str], Q], order: Callable[[str, str], Q] | None = None) -> Field:
    """Ids are looked up as the keys they are; only what else is asked of their text spells them."""
    as_texts = _text(spelled)

    def compare(name: str, value: Any, any_case: bool, place: str) -> Q:
        text = _string(value, place)
        try:
            if name == "equals":
                return equals(text.lower() if any_case else text)
            if name in ORDER and order is not None:
                return order(name, text)
        except InvalidId:
            pass
        return NEVER if name == "equals" else as_texts(name, text, any_case, place)

    return Field(compare, ("equals", *PARTS, *ORDER))


def _before_or_after(name: str, text: str) -> Q:
    """Ids are in the order of their keys. InvalidId for a text that is none, and is compared as it is."""
    return Q(ORDER[name](F("pk"), decode(Prefix.CONTENT, text)))


def _owned_by(text: str) -> Q:
    """The folder, the chat or the space that ``contents.owner`` tells. InvalidId."""
    pk = decode_any(text)
    if text.startswith(Prefix.SCOPE):
        return Q(folder=pk)
    if text.startswith(Prefix.CHAT):
        return Q(chat=pk)
    return Q(space=pk, folder=None, chat=None)


def _owner_type(name: str, value: Any, any_case: bool, place: str) -> Q:
    known = {"SCOPE": Q(folder__isnull=False), "CHAT": Q(chat__isnull=False), "COMPANY": Q(folder=None, chat=None)}
    return known.get(_string(value, place), NEVER)


def _moment(column: str) -> Field:
    def compare(name: str, value: Any, any_case: bool, place: str) -> Q:
        try:
            moment = parse_datetime(_string(value, place))
        except ValueError:
            moment = None
        if moment is None:
            raise refuse(place, "Must be a time in ISO 8601.")
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return Q(ORDER.get(name, Exact)(F(column), Value(aware, output_field=DateTimeField())))

    return Field(compare, ("equals", *ORDER))


def _size(name: str, value: Any, any_case: bool, place: str) -> Q:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
        raise refuse(place, "Must be a whole number from 0.")
    return Q(ORDER.get(name, Exact)(F("byte_size"), Value(value)))


def _given(column: str) -> Any:
    """The column, NULL when it is empty."""
    return NullIf(Cast(F(column), CharField()), Value(""))


FIELDS: dict[str, Field] = {
    "id": _ids(CONTENT_ID, lambda text: Q(pk=decode_any(text)), _before_or_after),
    "key": _texts(Coalesce(_given("key"), _given("name")), index=Indexed(KEY_START, start_of)),
    "ownerId": _ids(OWNER_ID, _owned_by),
    "ownerType": Field(_owner_type),
    "title": _texts(_given("name"), index=Indexed(Lower("name"), Lower), may_miss=True),
    "url": _texts(_given("url"), may_miss=True),
    "description": _texts(_given("description"), may_miss=True),
    "mimeType": _texts(F("mime_type")),
    "byteSize": Field(_size, ("equals", *ORDER)),
    "createdAt": _moment("created_at"),
    "updatedAt": _moment("updated_at"),
}
