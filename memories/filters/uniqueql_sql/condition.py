"""A compiled rule, and the rows that it was found to match, where Django wants a condition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, F, Func

from memories.filters.rules import Rule

from .compiler import compile_rule


class RuleCondition(Func):
    """``Memory.objects.filter(RuleCondition(rule, account_id))``, under whatever name the query has for the table."""

    output_field = BooleanField()

    def __init__(self, rule: Rule, account_id: UUID) -> None:
        super().__init__(F("pk"))
        self.rule, self.account_id = rule, account_id

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        (column,) = self.get_source_expressions()
        return compile_rule(self.rule, self.account_id, compiler.quote_name_unless_alias(column.alias))


class AmongIds(Func):
    """``Memory.objects.filter(AmongIds(pks))``: as ``pk__in``, of thousands of them as one value."""

    output_field = BooleanField()
    template = "(%(expressions)s = ANY(%%s::uuid[]))"

    def __init__(self, pks: Sequence[UUID]) -> None:
        super().__init__(F("pk"))
        self.written = f"{{{','.join(map(str, pks))}}}"

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        sql, params = super().as_sql(compiler, connection, **context)
        return sql, [*params, self.written]
