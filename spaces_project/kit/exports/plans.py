"""From columns to one statement per batch and to what Python adds to its rows.

A plan has parts. A part is a piece of every row, in order: SQL that gives a text (or the bytes of an id), and a
function that finishes it. Whole runs of columns are one part, rendered by PostgreSQL.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from .columns import Column, Kind, quoted, yaml_cell
from .guards import guarded

Finish = Callable[[Any], Any] | None
Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Part:
    sql: str
    finish: Finish = None


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

    def cells(self, rows: Rows) -> Iterator[tuple[Any, ...]]:
        """The finished parts of each row: column by column, as that runs in C."""
        columns = list(zip(*rows, strict=True))
        done = [map(p.finish, column) if p.finish else column for p, column in zip(self.parts, columns, strict=True)]
        return zip(*done, strict=True)

    def lines(self, rows: Rows) -> list[str]:
        """One text per row, without its line end."""
        joined: Iterable[str] = map(self.between.join, self.cells(rows))
        if not self.before and not self.after:
            return list(joined)
        return [f"{self.before}{line}{self.after}" for line in joined]


def quote(name: str) -> str:
    return '"' + name.replace('"', '""').replace("%", "%%") + '"'


def source(index: int) -> str:
    """Where the statement finds column ``index``."""
    return f"q.c{index}"


def json_plan(columns: Sequence[Column]) -> Plan:
    """JSON objects: the wire ids first, then everything else as PostgreSQL's row_to_json."""
    ids = [Part(f"uuid_send({source(i)})", _member(c)) for i, c in enumerate(columns) if c.kind is Kind.WIRE_ID]
    rest = [f"{c.json_sql(source(i))} AS {quote(c.name)}" for i, c in enumerate(columns) if c.kind is not Kind.WIRE_ID]
    whole = Part("row_to_json(r)::text", (lambda text: text[1:]) if ids else None)
    lateral = f" CROSS JOIN LATERAL (SELECT {', '.join(rest)}) r"
    return Plan((*ids, whole), lateral, before="{" if ids else "", between=",")


def _member(column: Column) -> Callable[[bytes | None], str]:
    spell, name = column.wire_id(), json.dumps(column.name)

    def member(pk: bytes | None) -> str:
        return f"{name}:null" if pk is None else f'{name}:"{spell(pk)}"'

    return member


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


def _csv_finish(column: Column, raw: bool) -> tuple[bool, Finish]:
    """Whether Python finishes this column, and how."""
    if column.kind is Kind.WIRE_ID:
        spell = column.wire_id()
        return True, lambda pk: spell(pk) or ""
    if column.kind is Kind.JSON:
        return True, quoted(yaml_cell(raw=raw))
    return False, None


def cells_plan(columns: Sequence[Column], *, raw: bool) -> Plan:
    """Typed cells for a workbook or a Dataset: texts, numbers, booleans and times without a zone (UTC)."""
    return Plan(tuple(_cell(i, column, raw) for i, column in enumerate(columns)))


def _cell(index: int, column: Column, raw: bool) -> Part:
    if column.kind is Kind.WIRE_ID:
        return Part(f"uuid_send({source(index)})", column.wire_id())
    if column.kind is Kind.JSON:
        return Part(f"{source(index)}::text", yaml_cell(raw=raw))
    if column.kind is Kind.TIME:
        return Part(f"{source(index)} AT TIME ZONE 'UTC'")
    if column.kind is Kind.TEXT and not raw:
        return Part(source(index), lambda text: text and guarded(text))
    return Part(f"{source(index)}::text" if column.kind is Kind.UUID else source(index))
