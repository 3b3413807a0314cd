"""A query of one parameter whose SQL is made once.

For the few that every request runs: building such a query in the ORM costs several times what PostgreSQL takes to
answer it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet

_PARAMETER = "\x00the parameter\x00"  # no real value: PostgreSQL cannot store a NUL


class PreparedRow:
    """At most one row of a model with those it links to: ``PreparedRow(build, "user", "account")``.

    ``build(value)`` makes the queryset, once, of conditions that depend on nothing but ``value`` and the database
    (``Now()``, not ``timezone.now()``); ``links`` are names of foreign keys to be fetched with it.
    """

    def __init__(self, build: Callable[[Any], QuerySet[Any]], *links: str) -> None:
        self.build, self.links = build, links
        self._sql: tuple[str, tuple[Any, ...]] | None = None
        self._models: list[tuple[type[Model], list[str]]] = []

    def get(self, value: str) -> Any:
        """The object with its links set, or None."""
        sql, params = self._sql or self._prepare()
        with connection.cursor() as cursor:
            cursor.execute(sql, [value if each == _PARAMETER else each for each in params])
            row = cursor.fetchone()
        return None if row is None else self._object(list(row))

    def _prepare(self) -> tuple[str, tuple[Any, ...]]:
        rows = self.build(_PARAMETER)
        linked = [(f"{link}__", rows.model._meta.get_field(link).related_model) for link in self.links]
        found: list[tuple[str, Any]] = [("", rows.model), *linked]
        self._models = [(model, [field.attname for field in model._meta.concrete_fields]) for _, model in found]
        names = [f"{prefix}{field.attname}" for prefix, model in found for field in model._meta.concrete_fields]
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
