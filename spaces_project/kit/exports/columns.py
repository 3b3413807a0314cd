"""What a column of an export is, and how PostgreSQL and Python spell it in each form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from django.db.models import F
from django.db.models.expressions import Combinable

from spaces_project.kit.ids import Prefix
from spaces_project.kit.many_ids import spelled
from spaces_project.kit.yaml_text import yaml_from_json

from .guards import guarded, guarded_sql

Finish = Callable[[Sequence[Any]], Iterable[Any]]  # from the values of a column to how they are written
KNOWN_IDS = 8_192
TIME_FORMAT = 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'


class Kind(Enum):
    """How a value is written. Times are ISO 8601 in UTC with milliseconds and ``Z``."""

    TEXT = auto()
    PHONE = auto()  # a text that may begin with + in a spreadsheet
    NUMBER = auto()
    BOOL = auto()
    TIME = auto()
    UUID = auto()
    JSON = auto()  # an object: itself in JSON, YAML in tables
    WIRE_ID = auto()  # a UUID, spelled with the column's prefix


@dataclass(frozen=True)
class Column:
    """``name`` on top; ``source`` is a field path or an expression (None: the field of this name)."""

    name: str
    source: str | Combinable | None = None
    kind: Kind = Kind.TEXT
    prefix: Prefix | None = None

    @property
    def expression(self) -> Combinable:
        if isinstance(self.source, Combinable):
            return self.source
        return F(self.source or self.name)

    def json_sql(self, sql: str) -> str:
        """The SQL of the value inside row_to_json."""
        return time_sql(sql) if self.kind is Kind.TIME else sql

    def cell_sql(self, sql: str, *, raw: bool) -> str:
        """The SQL of the text of a table's cell; NULL is the empty text."""
        if self.kind is Kind.TIME:
            text = time_sql(sql)
        elif self.kind in (Kind.TEXT, Kind.PHONE):
            text = sql if raw or self.kind is Kind.PHONE else guarded_sql(sql)
            text = f"replace({text}, '\"', '\"\"')"
        else:
            text = f"{sql}::text"
        return f"COALESCE({text}, '')"

    def wire_ids(self, before: str = "", after: str = "", null: Any = None) -> Finish:
        """From a column of UUIDs (16 bytes each) to wire ids between two texts; ``null`` for None.

        A primary key is never NULL and never repeats; links do both, and are remembered.
        """
        start = before + (self.prefix or "")
        if self.source in ("id", "pk") or self.name == "id":
            return lambda column: spelled(column, start, after)
        known: dict[bytes | None, Any] = {None: null}

        def spell(column: Sequence[bytes | None]) -> Iterable[Any]:
            if fresh := [pk for pk in set(column) - known.keys() if pk is not None]:
                if len(known) > KNOWN_IDS:
                    return [null if pk is None else text for pk, text in zip(column, _all(column), strict=True)]
                known.update(zip(fresh, spelled(fresh, start, after), strict=True))
            return map(known.__getitem__, column)

        def _all(column: Sequence[bytes | None]) -> list[str]:
            return spelled([pk or bytes(16) for pk in column], start, after)

        return spell


def time_sql(sql: str) -> str:
    return f"to_char({sql} AT TIME ZONE 'UTC', '{TIME_FORMAT}')"


def yaml_cell(text: str | None) -> str:
    """From the JSON of an object to a cell with its YAML."""
    return guarded(yaml_from_json(text)) if text is not None else ""


def raw_yaml_cell(text: str | None) -> str:
    """As ``yaml_cell``, with formulas left alone."""
    return yaml_from_json(text) if text is not None else ""
