"""From columns to one statement per batch and to what Python adds to its rows.

A plan has parts. A part is a piece of every row, in order: SQL that gives a text (or the bytes of an id), and a
function that finishes it. Whole runs of columns are one part, rendered by PostgreSQL.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby, repeat
from operator import itemgetter
from typing import Any

from .columns import Column, Finish, Kind, raw_yaml_cell, yaml_cell
from .guards import guarded

Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Part:
    sql: str
    finish: Finish | None = None


@dataclass(frozen=True)
class Plan:
    """``select``: the columns of the statement over ``q``; ``lines(rows)``: the finished records."""

    parts: tuple[Part, ...]
    lateral: str = ""
    before: str = ""
    between: str = ""
    after: str = ""

    @property
    def select(self) -> str:
        return ", ".join(part.sql for part in self.parts)

    def _columns(self, rows: Rows) -> list[Iterable[Any]]:
        """The finished columns; what a row has behind the parts (its position) is left out."""
        columns = zip(self.parts, zip(*rows, strict=True), strict=False)
        return [part.finish(column) if part.finish else column for part, column in columns]

    def cells(self, rows: Rows) -> list[tuple[Any, ...]]:
        """The finished parts of each row: column by column, as that runs in C."""
        return list(zip(*self._columns(rows), strict=True))

    def _pieces(self, rows: Rows, end: str) -> Iterator[tuple[str, ...]]:
        first, *others = self._columns(rows)
        rest: list[Iterable[str]] = [each for column in others for each in (repeat(self.between), column)]
        return zip(repeat(self.before), first, *rest, repeat(self.after + end), strict=False)

    def lines(self, rows: Rows) -> list[str]:
        """One text per row, without its line end."""
        return list(map("".join, self._pieces(rows, "")))

    def text(self, rows: Rows) -> str:
        """All rows, each with a line end: joined once, as there are many megabytes of them."""
        return "".join(chain.from_iterable(self._pieces(rows, "\n")))


def quote(name: str) -> str:
    return '"' + name.replace('"', '""').replace("%", "%%") + '"'


def source(index: int) -> str:
    """Where the statement finds column ``index``."""
    return f"q.c{index}"


def json_plan(columns: Sequence[Column]) -> Plan:
    """JSON objects: the wire ids first, then everything else as PostgreSQL's row_to_json."""
    found = [(i, c) for i, c in enumerate(columns) if c.kind is Kind.WIRE_ID]
    ids = [Part(f"uuid_send({source(i)})", _member(c, "" if n else "{")) for n, (i, c) in enumerate(found)]
    rest = [f"{c.json_sql(source(i))} AS {quote(c.name)}" for i, c in enumerate(columns) if c.kind is not Kind.WIRE_ID]
    whole = Part("row_to_json(r)::text", partial(map, itemgetter(slice(1, None))) if ids else None)
    lateral = f" CROSS JOIN LATERAL (SELECT {', '.join(rest)}) r"
    return Plan((*ids, whole), lateral, between=",")


def _member(column: Column, opening: str) -> Finish:
    name = opening + json.dumps(column.name)
    return column.wire_ids(before=f'{name}:"', after='"', null=f"{name}:null")


def csv_plan(columns: Sequence[Column], *, raw: bool) -> Plan:
    """Records of CSV, every cell quoted: runs of simple columns are one part."""
    parts: list[Part] = []
    for finish, run in groupby(enumerate(columns), lambda pair: _csv_finish(pair[1], raw)[0]):
        pairs = list(run)
        if finish:
            parts += [Part(_python_sql(i, c), _csv_finish(c, raw)[1]) for i, c in pairs]
        else:
            cells = [column.cell_sql(source(i), raw=raw) for i, column in pairs]
            parts.append(Part(" || '\",\"' || ".join(cells)))
    return Plan(tuple(parts), before='"', between='","', after='"')


def _python_sql(index: int, column: Column) -> str:
    return f"uuid_send({source(index)})" if column.kind is Kind.WIRE_ID else f"{source(index)}::text"


def _csv_finish(column: Column, raw: bool) -> tuple[bool, Finish | None]:
    """Whether Python finishes this column, and how."""
    if column.kind is Kind.WIRE_ID:
        return True, column.wire_ids(null="")
    if column.kind is Kind.JSON:
        cell = raw_yaml_cell if raw else yaml_cell
        return True, lambda texts: [cell(text).replace('"', '""') for text in texts]
    return False, None


def cells_plan(columns: Sequence[Column], *, raw: bool) -> Plan:
    """Typed cells for a workbook or a Dataset: texts, numbers, booleans and times without a zone (UTC)."""
    return Plan(tuple(_cell(i, column, raw) for i, column in enumerate(columns)))


def _cell(index: int, column: Column, raw: bool) -> Part:
    if column.kind is Kind.WIRE_ID:
        return Part(f"uuid_send({source(index)})", column.wire_ids())
    if column.kind is Kind.JSON:
        return Part(f"{source(index)}::text", partial(map, raw_yaml_cell if raw else yaml_cell))
    if column.kind is Kind.TIME:
        return Part(f"{source(index)} AT TIME ZONE 'UTC'")
    if column.kind is Kind.TEXT and not raw:
        return Part(source(index), partial(map, lambda text: text and guarded(text)))
    return Part(f"{source(index)}::text" if column.kind is Kind.UUID else source(index))
