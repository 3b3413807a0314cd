"""A compiled rule where Django wants a condition."""

from __future__ import annotations

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
