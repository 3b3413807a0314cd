"""The names that are the memory's own: each a text that is there or not, compared by its column."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from memories.filters.documents import moment as moment_text
from memories.filters.evaluator import fold
from memories.filters.expressions.sql import Sql
from memories.filters.folders import PREFIX, Chain, chain_of
from memories.filters.rules import ANY_OF, NONE_OF, ORDER, SCALAR, TEXT, Operator
from memories.keys import START_CHARS
from spaces_project.kit.ids import ALPHABET, DIGITS, InvalidId, Prefix, decode

from .pieces import SIGNS, all_of, constant, has_text, moment, moment_of, negated


class Name(ABC):
    """One name of a memory, over its column."""

    def __init__(self, column: str) -> None:
        self.column = column

    @property
    @abstractmethod
    def is_there(self) -> Sql: ...

    @abstractmethod
    def is_one_of(self, texts: Sequence[str]) -> Sql:
        """Whether it is there and one of these, at least one."""

    @abstractmethod
    def has(self, text: str) -> Sql:
        """Whether it is there and contains this."""

    def in_order(self, operator: Operator, point: datetime) -> Sql:
        """Whether it names a point in time that compares so with ``point``; ids do not."""
        return constant(False)


def named(name: Name, operator: Operator, value: Any) -> Sql:
    """The condition of a statement about ``name``. It is a text: it never equals, and never differs from, a number."""
    if operator in SCALAR | ANY_OF | NONE_OF:
        return _equal(name, operator, value)
    if operator in TEXT:
        if not isinstance(value, str):
            return constant(False)
        return name.has(value) if operator is Operator.CONTAINS else _there_and_not(name, name.has(value))
    if operator in ORDER:
        point = moment_of(value)
        return constant(False) if point is None else name.in_order(operator, point)
    if operator is Operator.IS_EMPTY:
        return constant(False)
    return negated(name.is_there) if operator is Operator.IS_NULL else name.is_there


def _equal(name: Name, operator: Operator, value: Any) -> Sql:
    if operator is Operator.NOT_EQUALS and value is None:
        return name.is_there
    texts = [each for each in (value if isinstance(value, tuple) else (value,)) if isinstance(each, str)]
    if not texts:
        return constant(False)
    found = name.is_one_of(texts)
    return found if operator is Operator.EQUALS or operator in ANY_OF else _there_and_not(name, found)


def _there_and_not(name: Name, found: Sql) -> Sql:
    return all_of([name.is_there, negated(found)])


class TextName(Name):
    """A text column, in which "" is nothing. ``indexed`` are what an index has of it, and what that makes of a text, as
    templates: said besides, a text is looked up there."""

    def __init__(self, column: str, indexed: tuple[str, str] | None = None) -> None:
        super().__init__(column)
        self.indexed = indexed

    @property
    def is_there(self) -> Sql:
        return Sql(f"({self.column} <> '')")

    def is_one_of(self, texts: Sequence[str]) -> Sql:
        texts = [text for text in texts if text]
        if not texts:
            return constant(False)
        found = Sql(f"({self.column} = ANY(%s::text[]))", (texts,))
        if self.indexed is None or len(texts) > LOOKED_UP:
            return found
        column, made = self.indexed
        return all_of([found, Sql(f"({column} IN ({', '.join([made] * len(texts))}))", tuple(texts))])

    def has(self, text: str) -> Sql:
        return all_of([self.is_there, has_text(self.column, text)])

    def in_order(self, operator: Operator, point: datetime) -> Sql:
        return Sql(f"COALESCE({moment(self.column)} {SIGNS[operator]} %s::timestamptz, FALSE)", (point,))


class IdName(Name):
    """A column with an id, or NULL; its text is the wire id."""

    def __init__(self, column: str, prefix: Prefix) -> None:
        super().__init__(column)
        self.prefix = prefix

    @property
    def is_there(self) -> Sql:
        return Sql(f"({self.column} IS NOT NULL)")

    def is_one_of(self, texts: Sequence[str]) -> Sql:
        pks = [pk for text in texts if (pk := decoded(self.prefix, text))]
        found = Sql(f"({self.column} = ANY(%s::uuid[]))", (pks,))
        return all_of([self.is_there, found]) if pks else constant(False)

    def has(self, text: str) -> Sql:
        if decoded(self.prefix, fold(text)):
            return self.is_one_of([fold(text)])
        return all_of([self.is_there, has_text(spelled(self.column, self.prefix), text)])


class MomentName(Name):
    """A column with a point in time; its text has milliseconds, and is compared as far."""

    is_there = Sql("TRUE")

    def is_one_of(self, texts: Sequence[str]) -> Sql:
        points = [point for text in texts if (point := moment_of(text)) and _is_shown(text, point)]
        if len(points) == 1:
            operators = (Operator.GREATER_THAN_OR_EQUAL, Operator.LESS_THAN_OR_EQUAL)
            return all_of([self.in_order(operator, points[0]) for operator in operators])
        return Sql(f"(date_trunc('milliseconds', {self.column}) = ANY(%s::timestamptz[]))", (points,))

    def has(self, text: str) -> Sql:
        return has_text(f"""to_char({self.column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')""", text)

    def in_order(self, operator: Operator, point: datetime) -> Sql:
        """What the column is cut to, said of the column itself, so that its index serves."""
        begun = point.replace(microsecond=point.microsecond // 1000 * 1000)
        is_later = operator in (Operator.GREATER_THAN, Operator.LESS_THAN_OR_EQUAL) or begun != point
        sign = ">=" if operator in (Operator.GREATER_THAN, Operator.GREATER_THAN_OR_EQUAL) else "<"
        more = " + interval '1 millisecond'" if is_later else ""
        return Sql(f"({self.column} {sign} %s::timestamptz{more})", (begun,))


def _is_shown(text: str, point: datetime) -> bool:
    """Whether this is how a memory's own moment is written: no other text equals one."""
    return text.endswith("Z") and moment_text(point) == text


class FolderPathName(Name):
    """Where its folder lies: whole ids are compared, and nothing is stored with the memory."""

    def __init__(self, column: str, account_id: UUID) -> None:
        super().__init__(column)
        self.account_id = account_id

    @property
    def is_there(self) -> Sql:
        return Sql(f"({self.column} IS NOT NULL)")

    def is_one_of(self, texts: Sequence[str]) -> Sql:
        chains = [chain for text in texts if (chain := chain_of(text)) and not chain.is_deeper]
        written = [f"{{{','.join(map(str, chain.pks))}}}" for chain in chains]
        found = Sql("f.id = ANY(%s::uuid[]) AND f.path::text = ANY(%s::text[])", ([c.pks[-1] for c in chains], written))
        return self._in_folders(found) if chains else constant(False)

    def has(self, text: str) -> Sql:
        if not text.removeprefix(PREFIX):
            return self.is_there
        chain = chain_of(text)
        return self._in_folders(_contains(chain)) if chain else constant(False)

    def _in_folders(self, condition: Sql) -> Sql:
        found = f"SELECT f.id FROM memories_folder f WHERE f.account_id = %s AND {condition.text}"  # noqa: S608  SQL of ours
        inside = Sql(f"({self.column} IN ({found}))", (self.account_id, *condition.params))
        return all_of([self.is_there, inside])


def _contains(chain: Chain) -> Sql:
    """Whether these folders follow one another in the path of ``f``, in which each is once."""
    pks = list(chain.pks)
    found = [Sql("f.path @> %s::uuid[]", (pks,))]
    if len(pks) > 1:
        part = f"f.path[array_position(f.path, %s::uuid):array_position(f.path, %s::uuid) + {len(pks) - 1}]"
        found.append(Sql(f"{part} = %s::uuid[]", (pks[0], pks[0], pks)))
    if chain.is_deeper:
        found.append(Sql("f.id <> %s::uuid", (pks[-1],)))
    return all_of(found)


def decoded(prefix: Prefix, text: str) -> UUID | None:
    try:
        return decode(prefix, text)
    except InvalidId:
        return None


_HALF = 12  # digits that fit into 8 bytes: numbers of 16 divide slowly, so that is done twice only
_BASE = len(ALPHABET) ** _HALF
_NUMBER = " + ".join(
    f"('x' || substr(hex, {1 + 8 * place}, 8))::bit(32)::bigint * {2 ** (32 * (3 - place))}::numeric"
    for place in range(4)
)


def _digits(number: str, count: int) -> str:
    """SQL of the last ``count`` digits of a bigint."""
    places = (f"mod({number} / {len(ALPHABET) ** place}, {len(ALPHABET)})" for place in reversed(range(count)))
    return " || ".join(f"substr('{ALPHABET}', {place}::int + 1, 1)" for place in places)


_DIGITS = f"{_digits('top', DIGITS - 2 * _HALF)} || {_digits('high', _HALF)} || {_digits('low', _HALF)}"
# Each OFFSET keeps what is below it from being worked out once for every digit.
_SPELLED = f"""(
    SELECT '{{prefix}}' || {_DIGITS} FROM (
        SELECT div(above, {_BASE})::bigint AS top, mod(above, {_BASE})::bigint AS high,
            (number - above * {_BASE})::bigint AS low
        FROM (SELECT number, div(number, {_BASE}) AS above FROM (
            SELECT {_NUMBER} AS number FROM (SELECT replace({{column}}::text, '-', '') AS hex OFFSET 0) AS written
            OFFSET 0) AS counted
        OFFSET 0) AS divided
    OFFSET 0) AS parts
)"""  # noqa: S608  SQL of ours


def spelled(column: str, prefix: Prefix) -> str:
    """The wire id of a column, in SQL. Slow: for parts of ids, which few ask for."""
    return _SPELLED.format(column=column, prefix=prefix)


def _text(column: str, *indexed: str) -> Callable[[str, UUID], Name]:
    """``indexed`` as of TextName, with the SQL name of the memory as {alias}."""

    def name(alias: str, account: UUID) -> Name:
        return TextName(f"{alias}.{column}", (indexed[0].format(alias=alias), indexed[1]) if indexed else None)

    return name


def _id(column: str, prefix: Prefix) -> Callable[[str, UUID], Name]:
    return lambda alias, _: IdName(f"{alias}.{column}", prefix)


def _moment(column: str) -> Callable[[str, UUID], Name]:
    return lambda alias, _: MomentName(f"{alias}.{column}")


# As the indexes memories_memory_by_key (memories/keys.py) and memories_memory_by_name have them.
KEYS = (
    f"lower(left(COALESCE(NULLIF({{alias}}.key, ''), NULLIF({{alias}}.name, '')), {START_CHARS}))",
    f"lower(left(%s::text, {START_CHARS}))",
)
TITLES = ("lower({alias}.name)", "lower(%s::text)")
LOOKED_UP = 1_000  # texts; the statement has each of them twice
NAMES: dict[str, Callable[[str, UUID], Name]] = {
    "key": _text("key", *KEYS),
    "title": _text("name", *TITLES),
    "url": _text("url"),
    "mimeType": _text("mime_type"),
    "contentId": _id("id", Prefix.CONTENT),
    "folderId": _id("folder_id", Prefix.SCOPE),
    "folderIdPath": lambda alias, account: FolderPathName(f"{alias}.folder_id", account),
    "createdAt": _moment("created_at"),
    "updatedAt": _moment("updated_at"),
}
"""Each of WELL_KNOWN, by the SQL name of the memory and its account."""
