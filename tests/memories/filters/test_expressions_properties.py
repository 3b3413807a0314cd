"""Random filters on random documents: the database says what the oracle says, and never fails."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from random import Random
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from memories.filters.expressions import Filter, InvalidExpression, parse
from memories.filters.expressions.sql import Sql, Writer, join, to_json
from tests.tiers import examples

from .expression_strategies import GARBAGE, condition, document
from .oracle import Oracle

pytestmark = pytest.mark.django_db
QUICK = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None)
SEEDS = st.integers(0, 2**32)


def said_by_database(filters: list[Filter], documents: list[Any]) -> tuple[datetime, list[tuple[Any, ...]]]:
    """The moment, and per document: each filter's own value, and then the value of its SQL for WHERE."""
    columns = [Writer("d.meta").write(found.tree) for found in filters]
    columns += [Sql(text, tuple(params)) for text, params in (found.sql("d.meta") for found in filters)]
    selected = join(("SELECT now(), ", ", ", ""), columns)
    rows = "(SELECT t::jsonb AS meta, i FROM unnest(%s::text[]) WITH ORDINALITY AS given (t, i) OFFSET 0) AS d"
    with connection.cursor() as cursor:
        written = [to_json(document) for document in documents]
        cursor.execute(f"{selected.text} FROM {rows} ORDER BY d.i", [*selected.params, written])
        found = cursor.fetchall()
    return found[0][0], [row[1:] for row in found]


def understood(text: str) -> Filter | None:
    """The filter; None for the few that are refused for what their literals are."""
    with suppress(InvalidExpression):
        return parse(text)
    return None


def compare(texts: list[str], documents: list[Any]) -> None:
    filters = {text: found for text in texts if (found := understood(text))}
    if not filters:
        return
    now, rows = said_by_database([*filters.values()], documents)
    for metadata, row in zip(documents, rows, strict=True):
        values, matches = row[: len(filters)], row[len(filters) :]
        for (text, found), value, is_match in zip(filters.items(), values, matches, strict=True):
            expected = Oracle(metadata, now).holds(found.tree)
            told = (text, to_json(metadata), found.sql("d.meta"))
            assert value is expected, told
            assert (is_match is True) == (expected is True), told


def compare_random(start: int) -> None:
    random = Random(start)
    compare([condition(random) for _ in range(40)], [document(random) for _ in range(20)])


@seed(1)
@settings(QUICK, max_examples=examples(12), phases=[Phase.generate])
@given(SEEDS)
def test_the_database_says_what_the_oracle_says(start: int) -> None:
    compare_random(start)


@pytest.mark.slow
@seed(2)
@settings(QUICK, max_examples=examples(250), phases=[Phase.generate])
@given(SEEDS)
def test_the_database_says_what_the_oracle_says_at_length(start: int) -> None:
    compare_random(start)


@seed(3)
@settings(QUICK, max_examples=examples(200))
@given(GARBAGE | st.text(max_size=40))
def test_any_text_is_a_filter_or_an_error(text: str) -> None:
    found = understood(text)
    if found is None:
        with pytest.raises(InvalidExpression, match=r"^Invalid filter: Parse error at position \d") as caught:
            parse(text)
        assert len(str(caught.value)) < 400
        return
    assert found == parse(text)
    compare([text], [{"a": "2025-01-31"}])
