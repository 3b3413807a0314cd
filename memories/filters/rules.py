"""UniqueQL as values: what the parser makes, the evaluator reads and the database's compiler will read.

A rule is a statement, an and-group, an or-group or a nested rule. Rules are immutable, comparable and hashable;
``to_json()`` gives the JSON they are written in, and parsing that gives an equal rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

Scalar: TypeAlias = str | int | float | bool | None
Path: TypeAlias = tuple[str, ...]

EVERY = "*"
"""The path segment that stands for every element of a list."""

WELL_KNOWN = frozenset(
    ("key", "title", "url", "mimeType", "folderId", "folderIdPath", "contentId", "createdAt", "updatedAt")
)
"""Names that belong to the memory itself; custom metadata of the same name is never looked at."""


class Operator(StrEnum):
    """The operators of a statement, as they are written; ``nested`` is a rule of its own."""

    EQUALS = "equals"
    NOT_EQUALS = "notEquals"
    GREATER_THAN = "greaterThan"
    GREATER_THAN_OR_EQUAL = "greaterThanOrEqual"
    LESS_THAN = "lessThan"
    LESS_THAN_OR_EQUAL = "lessThanOrEqual"
    IN = "in"
    NOT_IN = "notIn"
    OVERLAPS = "overlaps"
    NOT_OVERLAPS = "notOverlaps"
    CONTAINS = "contains"
    NOT_CONTAINS = "notContains"
    IS_NULL = "isNull"
    IS_NOT_NULL = "isNotNull"
    IS_EMPTY = "isEmpty"
    IS_NOT_EMPTY = "isNotEmpty"


NESTED = "nested"
SCALAR = frozenset({Operator.EQUALS, Operator.NOT_EQUALS})
ORDER = frozenset(
    {Operator.GREATER_THAN, Operator.GREATER_THAN_OR_EQUAL, Operator.LESS_THAN, Operator.LESS_THAN_OR_EQUAL}
)
ANY_OF = frozenset({Operator.IN, Operator.OVERLAPS})
NONE_OF = frozenset({Operator.NOT_IN, Operator.NOT_OVERLAPS})
TEXT = frozenset({Operator.CONTAINS, Operator.NOT_CONTAINS})
NO_VALUE = frozenset({Operator.IS_NULL, Operator.IS_NOT_NULL, Operator.IS_EMPTY, Operator.IS_NOT_EMPTY})


@dataclass(frozen=True)
class Statement:
    """``value`` is a scalar; a tuple of texts, numbers and booleans for ANY_OF and NONE_OF; None for NO_VALUE."""

    path: Path
    operator: Operator
    value: Scalar | tuple[Scalar, ...] = None

    def to_json(self) -> dict[str, Any]:
        value = list(self.value) if isinstance(self.value, tuple) else self.value
        return {"path": list(self.path), "operator": str(self.operator), "value": value}


@dataclass(frozen=True)
class And:
    """All of ``rules``; without any it matches nothing."""

    rules: tuple[Rule, ...]

    def to_json(self) -> dict[str, Any]:
        return {"and": [rule.to_json() for rule in self.rules]}


@dataclass(frozen=True)
class Or:
    """At least one of ``rules``."""

    rules: tuple[Rule, ...]

    def to_json(self) -> dict[str, Any]:
        return {"or": [rule.to_json() for rule in self.rules]}


@dataclass(frozen=True)
class Nested:
    """One and the same element at ``path`` satisfies the whole of ``rule``, whose paths start at the element."""

    path: Path
    rule: Rule

    def to_json(self) -> dict[str, Any]:
        return {"path": list(self.path), "operator": NESTED, "value": self.rule.to_json()}


Rule: TypeAlias = Statement | And | Or | Nested

NOTHING = Or(())
"""The rule that matches no document."""
