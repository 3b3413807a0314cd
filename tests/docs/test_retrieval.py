"""docs/retrieval.md: its example runs, and its numbers and codes are those of the code."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from memories.filters.uniqueql import parse
from memories.models import Memory
from memories.retrieval import explaining, nearest, words
from memories.retrieval.fusion import RRF
from memories.retrieval.search import RERANKED, SIMILAR, SPOKEN_FOR
from spaces_project.kit import limits
from tests.docs.test_docs import page
from tests.memories.ingestion.world import World

TEXT = page("retrieval.md")
HANDBOOK = {
    "Returns": "Tables go back within 45 days. Chairs may not.",
    "Lunch": "Lunch is served from noon on the long tables of the canteen.",
    "Garden": "The bench in the garden was painted 45 days ago.",
}


def text_of(memory: UUID) -> str:
    return str(Memory.objects.with_text().get(pk=memory).text)


@pytest.mark.django_db
def test_the_example_runs() -> None:
    world = World()
    for name, text in HANDBOOK.items():
        world.remember(text, name=name, meta={"topic": name.lower()})
    (script,) = re.findall(r"```python\n(.*?)```", TEXT, re.S)
    names: dict[str, Any] = {"alice": world.by, "handbook": world.home, "text_of": text_of}
    exec(script, names)
    assert parse(names["lunch"])


def test_every_code_is_listed() -> None:
    listed = re.findall(r"^\| `(\w+)` \|", TEXT.split("## Why not?")[1], re.M)
    said = (explaining.Reason.__doc__ or "").split("``code``: ")[1].split(".")[0]
    assert listed == re.split(r",\s+", said)


def test_the_numbers_are_those_of_the_code() -> None:
    assert f"1 / ({RRF} + its place)" in TEXT
    assert f"`min_similarity` is {SIMILAR[True]:.2f}, or {SIMILAR[False]:.2f}" in TEXT
    assert SPOKEN_FOR == 0.5
    assert f"at most {RERANKED}, " in TEXT
    assert f"few memories (up to {nearest.FEW_MEMORIES})" in TEXT
    assert len(words.LANGUAGES.split(",")) == 7
    assert words.COMMON_SHARE == 5
    assert {name for name in re.findall(r"`([A-Z]+_[A-Z]+)`", TEXT) if hasattr(limits, name)} == {
        "INDEXED_ROWS",
        "VECTOR_INDEXES",
    }
