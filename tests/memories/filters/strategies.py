"""Random documents and rules that often have something to do with each other."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from memories.filters.rules import ANY_OF, NO_VALUE, NONE_OF, ORDER, TEXT
from memories.filters.uniqueql import And, Nested, Operator, Or, Rule, Statement

NAMES = st.sampled_from(["a", "b", "c", "metadata", "folderIdPath"])
DATES = ["2026-01-31", "2026-01-31T09:00:00Z", "2026-01-31T09:00:00+02:00", "2025-12-31 23:59"]
WORDS = ["", "a", "A", "ä", "Ä b", "1", "true", "uniquepathid://a/b", "a/", "'\"\\$", *DATES]
CHARS = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
TEXTS = st.sampled_from(WORDS) | st.text(CHARS, max_size=4)
NUMBERS = st.sampled_from([0, 1, -1, 1.5, 1.0, 0.1, 10**20]) | st.integers(-(10**6), 10**6)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
SCALARS: st.SearchStrategy[Any] = st.none() | st.booleans() | NUMBERS | FINITE | TEXTS
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=5
)
DOCUMENTS: st.SearchStrategy[dict[str, Any]] = st.dictionaries(NAMES, JSON, max_size=3)
PATHS = st.lists(NAMES | st.just("*"), min_size=1, max_size=3).map(tuple)
LISTED = st.booleans() | NUMBERS | TEXTS
LISTS = st.lists(LISTED, max_size=3).map(tuple)


def _value(operator: Operator) -> st.SearchStrategy[Any]:
    if operator in NO_VALUE:
        return st.none()
    if operator in ANY_OF | NONE_OF:
        return LISTS
    if operator in ORDER:
        return NUMBERS | st.sampled_from(DATES)
    return TEXTS if operator in TEXT else SCALARS


def statements(operators: list[Operator] | None = None) -> st.SearchStrategy[Statement]:
    return st.sampled_from(operators or list(Operator)).flatmap(
        lambda operator: st.builds(Statement, PATHS, st.just(operator), _value(operator))
    )


def _grown(inner: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    groups = st.lists(inner, max_size=3).map(tuple)
    return groups.map(And) | groups.map(Or) | st.builds(Nested, PATHS, inner)


RULES: st.SearchStrategy[Rule] = st.recursive(statements(), _grown, max_leaves=4)
