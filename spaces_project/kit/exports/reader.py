"""The statement behind a batch: built once, run once per batch.

Building a query in the ORM costs several times what PostgreSQL takes for a page, so only the condition of the
queryset is compiled each time; what is selected, and from where, is the same for a model and its columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import connection
from django.db.models import F, Model, QuerySet
from django.db.models.expressions import Combinable

from spaces_project.kit import limits
from spaces_project.kit.cursors import Keyset, Position
from spaces_project.kit.prepared import loaded

from .columns import Column
from .plans import Plan

Statement = tuple[str, tuple[Any, ...]]


class Reader:
    """Reads one queryset in one order; each row as ``plan`` selects it, with its position."""

    def __init__(self, queryset: QuerySet[Any], columns: tuple[Column, ...], keyset: Keyset, plan: Plan) -> None:
        self.keyset, self.plan = keyset, plan
        self.inner = _statement(queryset.order_by(), columns, keyset.column)

    def rows(self, after: Position | None, count: int) -> list[tuple[Any, ...]]:
        """At most ``count`` rows behind ``after``: the parts of the plan, then what ``position`` reads."""
        if self.inner is None:
            return []
        inner, params = self.inner
        sign, direction = ("<", "DESC") if self.keyset.descending else (">", "ASC")
        where = f" WHERE (q.k_value, q.k_id) {sign} (%s, %s)" if after else ""
        sql = (
            f"SELECT {self.plan.select}, q.k_value::text, q.k_id::text FROM ({inner}) q{self.plan.lateral}{where} "  # noqa: S608
            f"ORDER BY q.k_value {direction}, q.k_id {direction} LIMIT {count:d}"
        )
        return (_fetched if connection.in_atomic_block else _fetched_in_c)(sql, (*params, *(after or ())))


def _fetched(sql: str, params: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _fetched_in_c(sql: str, params: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """As ``_fetched``, but libpq reads the whole answer in one call that leaves the interpreter to other threads.

    psycopg comes back to Python for every 8 KiB that PostgreSQL sends, a hundred times per batch, and waits each
    time until another thread lets go of the interpreter.
    """
    with connection.cursor() as cursor, connection.wrap_database_errors:
        own: Any = connection.connection
        return loaded(own, own.pgconn.exec_(cursor.cursor.mogrify(sql, params).encode()))


def position(row: Sequence[Any]) -> Position:
    """The position of a row that ``Reader.rows`` gave."""
    return datetime.fromisoformat(row[-2]), UUID(row[-1])


def rows_that_fit(rows: Sequence[Sequence[Any]]) -> int:
    """How many rows as wide as these (every tenth is looked at) stay below limits.EXPORT_BATCH_CHARS."""
    sample = rows[::10]
    width = sum(len(value) for row in sample for value in row if isinstance(value, str | bytes)) // len(sample) + 1
    return max(1, limits.EXPORT_BATCH_CHARS // width)


def _statement(queryset: QuerySet[Any], columns: tuple[Column, ...], order: str | Combinable) -> Statement | None:
    """The rows with their columns as ``c0``, ``c1`` … and their position; None when there can be none."""
    try:
        if _is_plain(queryset.query):
            return _with_condition(_selection(queryset.model, columns, order), queryset.query)  # type: ignore[arg-type]
        return queryset.values(**_selected(columns, order)).query.sql_with_params()
    except EmptyResultSet:
        return None


def _selected(columns: tuple[Column, ...], order: str | Combinable) -> dict[str, Any]:
    values = {f"c{index}": column.expression for index, column in enumerate(columns)}
    return {**values, "k_value": F(order) if isinstance(order, str) else order, "k_id": F("pk")}


@lru_cache(maxsize=128)
def _selection(model: type[Model], columns: tuple[Column, ...], order: str | Combinable) -> Statement:
    """``SELECT … FROM …`` without a condition."""
    return model._base_manager.order_by().values(**_selected(columns, order)).query.sql_with_params()


def _is_plain(query: Any) -> bool:
    """Whether the queryset is nothing but a condition on its own table."""
    joined = [alias for alias in query.alias_map if query.alias_refcount[alias]]
    changed = query.annotations or query.extra or query.distinct or query.group_by or query.combinator
    own = query.get_initial_alias() == query.get_meta().db_table
    return own and len(joined) <= 1 and not changed and not query.is_sliced


def _with_condition(selection: Statement, query: Any) -> Statement:
    sql, params = selection
    try:
        condition, more = query.get_compiler(connection.alias).compile(query.where)
    except FullResultSet:
        return selection
    return (f"{sql} WHERE {condition}", (*params, *more)) if condition else selection
