"""Wire ids as texts of the database: for conditions that ask what an id contains, or what it comes before.

An id is looked up by the key that it spells wherever that is enough. Spelling one costs PostgreSQL some microseconds,
for each row that the other conditions leave.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Case, CharField, F, Func, Value, When
from django.db.models.functions import Coalesce

from spaces_project.kit.ids import ALPHABET, DIGITS, Prefix

HALF = 12  # digits that fit into 8 bytes
BASE = len(ALPHABET) ** HALF


def _digits(number: str, count: int) -> str:
    """SQL of the last ``count`` digits of a bigint."""
    places = (f"mod({number} / {len(ALPHABET) ** place}, {len(ALPHABET)})" for place in reversed(range(count)))
    return " || ".join(f"substr('{ALPHABET}', {place}::int + 1, 1)" for place in places)


def _number(hexadecimal: str) -> str:
    parts = (f"('x' || substr({hexadecimal}, {8 * part + 1}, 8))::bit(32)::bigint" for part in range(4))
    return " + ".join(f"{part}::numeric * {2 ** (96 - 32 * at)}" for at, part in enumerate(parts))


DIGITS_OF = f"{_digits('top', DIGITS - 2 * HALF)} || {_digits('high', HALF)} || {_digits('low', HALF)}"


class Spelled(Func):
    """``Spelled(prefix, pk)``: as kit/ids.py spells it, in the order of bytes.

    Divided twice, as numbers of 16 bytes divide slowly. Each OFFSET keeps what is below it from being worked out once
    for every digit.
    """

    arity = 2
    output_field = CharField()
    template = f"""
    (SELECT prefix::text || {DIGITS_OF} FROM (
        SELECT prefix, div(above, {BASE})::bigint AS top, mod(above, {BASE})::bigint AS high,
            (number - above * {BASE})::bigint AS low
        FROM (SELECT prefix, number, div(number, {BASE}) AS above FROM (
            SELECT prefix, {_number("hex")} AS number FROM (
                SELECT prefix, replace(pk::text, '-', '') AS hex FROM (VALUES (%(expressions)s)) AS given (prefix, pk)
                OFFSET 0) AS written
            OFFSET 0) AS counted
        OFFSET 0) AS divided
    OFFSET 0) AS parts) COLLATE "C"
    """  # noqa: S608 (constants of ours)


def _prefix(**when: Prefix) -> Any:
    return Case(
        *(When(**{f"{name}__isnull": False}, then=Value(prefix.value)) for name, prefix in when.items()),
        default=Value(Prefix.ASSISTANT.value),
        output_field=CharField(),
    )


CONTENT_ID = Spelled(Value(Prefix.CONTENT.value), F("id"))
OWNER_ID = Spelled(_prefix(folder=Prefix.SCOPE, chat=Prefix.CHAT), Coalesce("folder_id", "chat_id", "space_id"))
"""As ``contents.owner`` tells it."""
