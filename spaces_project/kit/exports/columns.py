"""What a column of an export is, and how PostgreSQL and Python spell it in each form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import Any

from django.db.models import F
from django.db.models.expressions import Combinable

from spaces_project.kit.ids import Prefix, encode_number
from spaces_project.kit.yaml_text import yaml_from_json

from .guards import guarded, guarded_sql

CACHED_IDS = 4_096
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

    def wire_id(self) -> Callable[[bytes | None], str | None]:
        """From the 16 bytes of a UUID to the wire id. Links repeat, so they are remembered; primary keys do not."""
        prefix = str(self.prefix or "")

        def spell(pk: bytes | None) -> str | None:
            return None if pk is None else prefix + encode_number(int.from_bytes(pk, "big"))

        return spell if self.source in ("id", "pk") or self.name == "id" else lru_cache(CACHED_IDS)(spell)


def time_sql(sql: str) -> str:
    return f"to_char({sql} AT TIME ZONE 'UTC', '{TIME_FORMAT}')"


def yaml_cell(*, raw: bool) -> Callable[[str | None], str]:
    """From the JSON of an object to a cell with its YAML."""

    def cell(text: str | None) -> str:
        if text is None:
            return ""
        yaml = yaml_from_json(text)
        return yaml if raw else guarded(yaml)

    return cell


def quoted(cell: Callable[[Any], str | None]) -> Callable[[Any], str]:
    """``cell`` with quotes doubled, for CSV."""
    return lambda value: (cell(value) or "").replace('"', '""')
