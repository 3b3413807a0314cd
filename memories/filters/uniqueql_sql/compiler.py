"""From a rule to its condition: groups, and which names are the memory's own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from memories.filters.evaluator import holds, root_path
from memories.filters.expressions.sql import Sql
from memories.filters.rules import WELL_KNOWN, And, Nested, Or, Path, Rule, Statement

from . import metadata
from .names import NAMES, named
from .pieces import all_of, any_of, constant

MEMORY = {"contentId": "there"}
"""A document for what does not depend on it; no memory's is empty."""


def compile_rule(rule: Rule, account_id: UUID, alias: str = "m") -> tuple[str, list[Any]]:
    """SQL that says whether ``rule``, its variables expanded, matches the memory ``alias``, and its values.

    The statement it stands in begins at the account; ``account_id`` is where its folders are looked for. ``alias`` is
    SQL already.
    """
    found = _Compiler(alias.replace("%", "%%"), account_id).rule(rule)
    return found.text, list(found.params)


class _Compiler:
    def __init__(self, alias: str, account_id: UUID) -> None:
        self.alias = alias
        self.account_id = account_id

    def rule(self, rule: Rule) -> Sql:
        match rule:
            case And(rules):
                return all_of([self.rule(item) for item in rules]) if rules else constant(False)
            case Or(rules):
                return any_of([self.rule(item) for item in rules])
            case Nested(path, inner):
                return self._nested(root_path(path), inner)
            case Statement(path, _, _):
                return self._statement(root_path(path), rule)

    def _nested(self, path: Path, inner: Rule) -> Sql:
        if not path:
            return self.rule(inner)
        if path[0] in WELL_KNOWN:
            return constant(False)
        return metadata.indexed(f"{self.alias}.meta", Nested(path, inner))

    def _statement(self, path: Path, statement: Statement) -> Sql:
        operator, value = statement.operator, statement.value
        if not path:
            return constant(holds(operator, value, [MEMORY]))
        if path[0] not in WELL_KNOWN:
            return metadata.compiled(f"{self.alias}.meta", Statement(path, operator, value))
        if len(path) > 1:
            return constant(holds(operator, value, []))
        return named(NAMES[path[0]](self.alias, self.account_id), operator, value)
