"""The door to passages: what it is asked, and that it never ignores a rule."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from memories.filters.uniqueql import NOTHING, InvalidFilter, Operator, Statement, parse
from memories.retrieval import Found, Passage, Query, binding_rules, retrieve
from spaces.actors import Actor
from spaces_project.kit import ids

NOW = datetime(2026, 1, 31, tzinfo=UTC)
DEPT: dict[str, Any] = {"path": ["dept"], "operator": "equals", "value": "<userMetadata.dept>"}
LATE: dict[str, Any] = {"path": ["day"], "operator": "greaterThan", "value": "<T-1>"}


def test_a_rule_that_is_not_understood_is_refused() -> None:
    query = Query("?", rules=[DEPT, {"and": [{"path": ["a"], "operator": "is", "value": 1}]}])
    with pytest.raises(InvalidFilter, match=r'^rules\[1\]\.and\[0\]\.operator: unknown operator "is"$'):
        retrieve(Actor.system(None), [], query)
    with pytest.raises(InvalidFilter, match=r"^rules\[0\]: a rule must be an object, not null$"):
        retrieve(Actor.system(None), [], Query("?", rules=[None]))


def test_every_rule_binds_with_its_variables() -> None:
    query = Query("?", rules=[DEPT, parse(LATE)], user_metadata={"dept": "hr"}, now=NOW)
    assert binding_rules(query) == (
        Statement(("dept",), Operator.EQUALS, "hr"),
        Statement(("day",), Operator.GREATER_THAN, "2026-01-30T00:00:00+00:00"),
    )
    assert binding_rules(Query("?", rules=[DEPT])) == (NOTHING,)


def test_what_is_found_is_a_sequence() -> None:
    made = (ids.new_id() for _ in range(9))
    passages = tuple(Passage(next(made), next(made), next(made), "text", "name", score=score) for score in (0.9, 0.5))
    found = Found(passages)
    assert [found[0], *found[1:]] == list(found) == list(passages)
    assert found
