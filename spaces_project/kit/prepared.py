"""Statements whose SQL is made once.

For the few that every request runs: building such a statement in the ORM costs several times what PostgreSQL takes to
run it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model, QuerySet

TEXT = "\x00the parameter\x00"  # no real value: PostgreSQL cannot store a NUL
INSERTED = 500
IDS = (UUID(int=1), UUID(int=2))  # no real values either: ours are of version 7


class PreparedRow:
    """At most one row of a model with those it links to: ``PreparedRow(build, "user", "account")``.

    ``build`` makes the queryset, once, of conditions that depend on nothing but its arguments and the database
    (``Now()``, not ``timezone.now()``). ``stand_ins`` are what it is given: TEXT, or some of IDS. ``links``
    are names of foreign keys to be fetched with it. Generated columns are left out.
    """

    def __init__(self, build: Callable[..., QuerySet[Any]], *links: str, stand_ins: Sequence[Any] = (TEXT,)) -> None:
        self.build, self.links, self.stand_ins = build, links, stand_ins
        self._sql: tuple[str, tuple[Any, ...]] | None = None
        self._models: list[tuple[type[Model], list[str]]] = []

    def get(self, *values: Any) -> Any:
        """The object with its links set, or None; ``values`` stand where the stand-ins stood."""
        sql, params = self._sql or self._prepare()
        given = list(zip(self.stand_ins, values, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(
                sql, [next((value for stand_in, value in given if stand_in == each), each) for each in params]
            )
            row = cursor.fetchone()
        return None if row is None else self._object(list(row))

    def _prepare(self) -> tuple[str, tuple[Any, ...]]:
        rows = self.build(*self.stand_ins)
        linked = [(f"{link}__", rows.model._meta.get_field(link).related_model) for link in self.links]
        found: list[tuple[str, Any]] = [("", rows.model), *linked]
        self._models = [(model, [field.attname for field in _stored(model)]) for _, model in found]
        names = [f"{prefix}{field.attname}" for prefix, model in found for field in _stored(model)]
        self._sql = rows.order_by().values_list(*names)[:1].query.sql_with_params()
        return self._sql

    def _object(self, values: list[Any]) -> Any:
        made: list[Any] = []
        for model, names in self._models:
            made.append(model.from_db(connection.alias, names, values[: len(names)]))
            del values[: len(names)]
        for link, linked in zip(self.links, made[1:], strict=True):
            setattr(made[0], link, linked)
        return made[0]


def _stored(model: Any) -> list[Any]:
    return [field for field in model._meta.concrete_fields if not field.generated]


def insert_rows(rows: Sequence[Model]) -> None:
    """Insert new objects of one model, in one statement per INSERTED of them, as ``bulk_create`` does.

    Generated columns are not read back: of a long text that is much, and nobody needs it.
    """
    for start in range(0, len(rows), INSERTED):
        _insert_some(rows[start : start + INSERTED])


def _insert_some(rows: Sequence[Model]) -> None:
    sql, fields = _insert(type(rows[0]), len(rows))
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for row in rows for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


@lru_cache(maxsize=256)
def _insert(model: type[Model], count: int) -> tuple[str, list[Any]]:
    fields = _stored(model)
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    row = f"({', '.join(['%s'] * len(fields))})"
    table = connection.ops.quote_name(model._meta.db_table)
    return f"INSERT INTO {table} ({columns}) VALUES {', '.join([row] * count)}", fields  # noqa: S608 (names of ours)
