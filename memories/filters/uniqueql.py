"""UniqueQL, the filter language of the Unique dialect: scope rules, content filters and search.

``parse(json)`` gives a rule or raises InvalidFilter; ``expand`` fills in variables; ``matches(rule, document)`` is
its meaning. docs/uniqueql.md describes the language.
"""

from __future__ import annotations

from .evaluator import Document, document, matches
from .parser import parse
from .rules import NOTHING, And, Nested, Operator, Or, Rule, Statement
from .values import InvalidFilter
from .variables import expand

__all__ = [
    "NOTHING",
    "And",
    "Document",
    "InvalidFilter",
    "Nested",
    "Operator",
    "Or",
    "Rule",
    "Statement",
    "document",
    "expand",
    "matches",
    "parse",
]
