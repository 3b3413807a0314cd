"""What a filter means, in Python: the tree walked by SQL's logic of three values, to compare the database with.

Values: TEXT is str, numbers Fraction, BOOLEAN bool, DATE days and TIMESTAMP microseconds since 0001-01-01, JSON the
decoded value (numbers Decimal), LIST a list; NULL is None.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from operator import ge, gt, le, lt
from typing import Any

from memories.filters.evaluator import fold
from memories.filters.expressions.tree import Node, Type

LARGEST = 10**309
DAY = 86_400_000_000
LAST_DAY = date(9999, 12, 31).toordinal() - 1
SIGNS: dict[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
TEXT_LIMIT = 65_536


class Oracle:
    """Evaluates trees on one document at one moment (an aware datetime)."""

    def __init__(self, document: Any, now: datetime) -> None:
        self.document = document
        self.now = micros(now)

    def holds(self, node: Node) -> Any:
        """The node's value."""
        special = getattr(self, f"_{node.op.replace(' ', '_')}", None)
        if special is not None:
            return special(node)
        args = [self.holds(arg) for arg in node.args]
        if None in [arg if arg is None else 0 for arg in args]:
            return None
        return STRICT[node.op](node, *args)

    def _literal(self, node: Node) -> Any:
        value = node.value
        if node.type in (Type.INTEGER, Type.NUMERIC) and value is not None:
            return Fraction(value)
        if node.type is Type.DATE and value is not None:
            return value.toordinal() - 1
        if node.type is Type.TIMESTAMP and value is not None:
            return micros(value.replace(tzinfo=UTC))
        return value

    def _now(self, node: Node) -> int:
        return self.now

    def _today(self, node: Node) -> int:
        return self.now // DAY

    def _val(self, node: Node) -> Any:
        return next(iter(selected(self.document, node.value)), None)

    def _exists(self, node: Node) -> bool:
        return bool(selected(self.document, node.value))

    def _vals(self, node: Node) -> list[Any]:
        found = selected(self.document, node.value)
        if None not in node.value and found and isinstance(found[0], list):
            found = found[0]
        return [item for item in found if item is not None]

    def _and(self, node: Node) -> bool | None:
        found = [self.holds(arg) for arg in node.args]
        return False if False in found else None if None in found else True

    def _or(self, node: Node) -> bool | None:
        found = [self.holds(arg) for arg in node.args]
        return True if True in found else None if None in found else False

    def _is_null(self, node: Node) -> bool:
        return self.holds(node.args[0]) is None

    def _is_true(self, node: Node) -> bool:
        return self.holds(node.args[0]) is True

    def _is_false(self, node: Node) -> bool:
        return self.holds(node.args[0]) is False

    def _in(self, node: Node) -> bool | None:
        value, *items = [self.holds(arg) for arg in node.args]
        if value is None:
            return None
        if any(item is not None and same(value, item) for item in items):
            return True
        return None if None in [item if item is None else 0 for item in items] else False

    def _between(self, node: Node) -> bool | None:
        value, low, high = (self.holds(arg) for arg in node.args)
        above = None if value is None or low is None else value >= low
        below = None if value is None or high is None else value <= high
        return False if False in (above, below) else None if None in (above, below) else True

    def _coalesce(self, node: Node) -> Any:
        return next((found for arg in node.args if (found := self.holds(arg)) is not None), None)

    def _nullif(self, node: Node) -> Any:
        left, right = (self.holds(arg) for arg in node.args)
        return None if left is not None and right is not None and same(left, right) else left

    def _concat(self, node: Node) -> str:
        return "".join(self.holds(arg) or "" for arg in node.args)[:TEXT_LIMIT]

    def _array(self, node: Node) -> list[Any]:
        return [self.holds(arg) for arg in node.args]


def micros(moment: datetime) -> int:
    return (moment - datetime(1, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def selected(document: Any, path: tuple[Any, ...]) -> list[Any]:
    found = [document]
    for step in path:
        found = [value for item in found for value in stepped(item, step)]
    return found


def stepped(item: Any, step: Any) -> list[Any]:
    if step is None:
        return item if isinstance(item, list) else []
    if isinstance(step, int):
        return [item[step]] if isinstance(item, list) and 0 <= step < len(item) else []
    return [item[step]] if isinstance(item, dict) and step in item else []


def canonical(value: Any) -> Any:
    """JSON values that the database calls equal have the same."""
    if isinstance(value, dict):
        return ("object", frozenset((key, canonical(item)) for key, item in value.items()))
    if isinstance(value, list):
        return ("list", tuple(map(canonical, value)))
    if isinstance(value, Decimal | Fraction | int) and not isinstance(value, bool):
        return ("number", Fraction(value))
    return (type(value).__name__, value)


def same(left: Any, right: Any) -> bool:
    return bool(canonical(left) == canonical(right))


def contained(left: Any, right: Any, is_top: bool = True) -> bool:
    """PostgreSQL's jsonb @>."""
    if isinstance(left, dict) and isinstance(right, dict):
        return all(key in left and contained(left[key], item, False) for key, item in right.items())
    if isinstance(left, list) and isinstance(right, list):
        return all(any(contained(one, item, False) for one in left) for item in right)
    if is_top and isinstance(left, list) and not isinstance(right, dict):
        return any(same(one, right) for one in left)
    return not isinstance(left, list | dict) and same(left, right)


def bounded(value: Fraction | int) -> Fraction | None:
    return Fraction(value) if abs(value) < LARGEST else None


def rounded(value: Fraction, places: int = 0) -> Fraction:
    scaled = abs(value) * Fraction(10) ** places
    found = Fraction(floor(scaled + Fraction(1, 2))) / Fraction(10) ** places
    return found if value >= 0 else -found


def truncated(value: Fraction) -> int:
    return floor(value) if value >= 0 else ceil(value)


def like(text: str, pattern: str) -> bool:
    parts, place = [], 0
    while place < len(pattern):
        char = pattern[place]
        if char == "\\" and place + 1 < len(pattern):
            place += 1
            parts.append(re.escape(pattern[place]))
        else:
            parts.append({"%": ".*", "_": "."}.get(char, re.escape(char)))
        place += 1
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None


def substring(text: str, start: Fraction, length: Fraction | None = None) -> str | None:
    if abs(start) > 1_000_000 or (length is not None and not 0 <= length <= 1_000_000):
        return None
    end = len(text) + 1 if length is None else int(start + length)
    return text[max(int(start), 1) - 1 : max(end, 1) - 1]


def replaced(text: str, old: str, new: str) -> str | None:
    if len(text) * max(len(new), 1) > 1_048_576:
        return None
    return (text.replace(old, new) if old else text)[:TEXT_LIMIT]


def day(number: Fraction | int) -> int | None:
    return int(number) if 0 <= number <= LAST_DAY else None


def element(items: list[Any], value: Any) -> bool | None:
    return None if isinstance(value, list | dict) else any(same(item, value) for item in items)


def overlapping(left: list[Any], right: list[Any]) -> bool:
    return any(one is not None and same(one, other) for one in left for other in right)


def subscripted(items: list[Any], index: Fraction) -> Any:
    return items[int(index)] if 0 <= index < len(items) else None


def extracted(name: str, moment: int) -> Fraction:
    found = date.fromordinal(moment // DAY + 1)
    seconds = Fraction(moment % DAY, 1_000_000)
    values = {
        "year": found.year,
        "quarter": (found.month + 2) // 3,
        "month": found.month,
        "week": found.isocalendar().week,
        "day": found.day,
        "dow": found.isoweekday() % 7,
        "isodow": found.isoweekday(),
        "doy": found.timetuple().tm_yday,
        "hour": seconds // 3600,
        "minute": seconds % 3600 // 60,
        "second": seconds % 60,
        "epoch": Fraction(moment - micros(datetime(1970, 1, 1, tzinfo=UTC)), 1_000_000),
    }
    return Fraction(values[name])


def upper(text: str) -> str:
    return "".join(each if len(each) == 1 else char for char in text for each in [char.upper()])


STRICT: dict[str, Callable[..., Any]] = {
    "cast": lambda node, value: CASTS[node.args[0].type, node.type](value),
    "not": lambda _, value: not value,
    "=": lambda _, left, right: same(left, right),
    "<>": lambda _, left, right: not same(left, right),
    **{sign: (lambda _, left, right, test=test: test(left, right)) for sign, test in SIGNS.items()},
    "like": lambda _, text, pattern: like(text, pattern),
    "ilike": lambda _, text, pattern: like(fold(text), fold(pattern)),
    "element": lambda _, value, items: element(items, value),
    "contains": lambda _, left, right: contained(left, right),
    "overlaps": lambda _, left, right: overlapping(left, right),
    "||": lambda _, left, right: (left + right)[:TEXT_LIMIT],
    "+": lambda _, left, right: bounded(left + right),
    "-": lambda _, left, right: bounded(left - right),
    "*": lambda _, left, right: bounded(rounded(left * right, 100)),
    "/": lambda _, left, right: bounded(rounded(left / right, 100)) if right else None,
    "div": lambda _, left, right: bounded(truncated(left / right)) if right else None,
    "%": lambda _, left, right: left - right * truncated(left / right) if right else None,
    "neg": lambda _, value: -value,
    "days": lambda _, left, right: Fraction(left - right),
    "date+": lambda _, left, right: day(left + right),
    "date-": lambda _, left, right: day(left - right),
    "[]": lambda _, items, index: subscripted(items, index),
    "lower": lambda _, text: fold(text),
    "upper": lambda _, text: upper(text),
    "trim": lambda _, text: text.strip(" "),
    "ltrim": lambda _, text: text.lstrip(" "),
    "rtrim": lambda _, text: text.rstrip(" "),
    "length": lambda _, text: Fraction(len(text)),
    "replace": lambda _, text, old, new: replaced(text, old, new),
    "starts_with": lambda _, text, start: text.startswith(start),
    "substring": lambda _, *args: substring(*args),
    "abs": lambda _, value: abs(value),
    "floor": lambda _, value: bounded(floor(value)),
    "ceil": lambda _, value: bounded(ceil(value)),
    "round": lambda _, value, places=0: bounded(rounded(value, int(places))) if abs(places) <= 400 else None,
    "extract": lambda node, moment: extracted(node.value, moment),
}


def stored_number(value: Any) -> Fraction | None:
    is_number = isinstance(value, Decimal | Fraction) and not isinstance(value, bool)
    return bounded(Fraction(value)) if is_number else None


def whole(value: Fraction | None) -> Fraction | None:
    return value if value is not None and value.denominator == 1 else None


def written_number(text: str) -> Fraction | None:
    found = re.fullmatch(r" *([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?) *", text)
    return bounded(Fraction(Decimal(found[1]))) if found and len(text) < 400 else None


def written_integer(text: str) -> Fraction | None:
    return written_number(text) if re.fullmatch(r" *[+-]?[0-9]+ *", text) else None


MOMENT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6}))?)?(?:Z|([+-])([0-9]{2}):([0-9]{2}))?)?"
)


def written_moment(text: str) -> tuple[int, int] | None:
    """The day as it is written, and the microseconds in UTC, which may be beyond the calendar."""
    found = MOMENT.fullmatch(text)
    if not found:
        return None
    hour, minute, second = (int(found[place] or 0) for place in (4, 5, 6))
    ahead, aside = int(found[9] or 0), int(found[10] or 0)
    if hour > 23 or minute > 59 or second > 59 or ahead > 15 or aside > 59:
        return None
    try:
        number = date(int(found[1]), int(found[2]), int(found[3])).toordinal() - 1
    except ValueError:
        return None
    offset = (ahead * 60 + aside) * (-1 if found[8] == "-" else 1)
    fraction = int((found[7] or "").ljust(6, "0"))
    return number, number * DAY + ((hour * 60 + minute - offset) * 60 + second) * 1_000_000 + fraction


def written_date(text: str) -> int | None:
    found = written_moment(text)
    return found[0] if found else None


def written_timestamp(text: str) -> int | None:
    found = written_moment(text)
    return found[1] if found and 0 <= found[1] < (LAST_DAY + 1) * DAY else None


def number_text(value: Fraction) -> str:
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    digits = str(abs(int(value * 10**places))).rjust(places + 1, "0")
    found = f"{digits[: len(digits) - places]}.{digits[len(digits) - places :]}" if places else digits
    return f"-{found}" if value < 0 else found


def timestamp_text(moment: int) -> str:
    minutes, second = divmod(moment % DAY // 1_000_000, 60)
    return f"{date_text(moment // DAY)} {minutes // 60:02}:{minutes % 60:02}:{second:02}"


def date_text(number: int) -> str:
    return date.fromordinal(number + 1).isoformat()


def stored_text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def when_text(read: Callable[[str], Any]) -> Callable[[Any], Any]:
    return lambda value: read(value) if isinstance(value, str) else None


CASTS: dict[tuple[Type, Type], Callable[[Any], Any]] = {
    (Type.JSON, Type.TEXT): stored_text,
    (Type.JSON, Type.INTEGER): lambda value: whole(stored_number(value)),
    (Type.JSON, Type.NUMERIC): stored_number,
    (Type.JSON, Type.BOOLEAN): lambda value: value if isinstance(value, bool) else None,
    (Type.JSON, Type.DATE): when_text(written_date),
    (Type.JSON, Type.TIMESTAMP): when_text(written_timestamp),
    (Type.JSON, Type.LIST): lambda value: value if isinstance(value, list) else None,
    (Type.TEXT, Type.INTEGER): written_integer,
    (Type.TEXT, Type.NUMERIC): written_number,
    (Type.TEXT, Type.BOOLEAN): lambda text: {"true": True, "false": False}.get(fold(text)),
    (Type.TEXT, Type.DATE): written_date,
    (Type.TEXT, Type.TIMESTAMP): written_timestamp,
    (Type.INTEGER, Type.NUMERIC): lambda value: value,
    (Type.NUMERIC, Type.INTEGER): whole,
    (Type.INTEGER, Type.TEXT): number_text,
    (Type.NUMERIC, Type.TEXT): number_text,
    (Type.BOOLEAN, Type.TEXT): lambda value: "true" if value else "false",
    (Type.DATE, Type.TEXT): date_text,
    (Type.DATE, Type.TIMESTAMP): lambda number: number * DAY,
    (Type.TIMESTAMP, Type.TEXT): timestamp_text,
    (Type.TIMESTAMP, Type.DATE): lambda moment: moment // DAY,
    **{(kind, Type.JSON): (lambda value: value) for kind in (Type.TEXT, Type.INTEGER, Type.NUMERIC, Type.BOOLEAN)},
}
