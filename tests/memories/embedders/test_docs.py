"""docs/embedders.md says what the programs do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from memories.embedders import base, servers, shapes
from memories.rerankers import base as reranker_base
from memories.rerankers import servers as rerankers
from memories.rerankers import shapes as reranker_shapes

PAGE = (Path(__file__).parents[3] / "docs" / "embedders.md").read_text()


def rows(heading: str) -> dict[str, list[str]]:
    """The rows of the first table below a heading, by their first cell."""
    table = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in re.findall(r"^\| `.*$", table, re.M)]
    return {first.strip("`"): rest for first, *rest in cells}


def test_the_tables_of_providers_are_the_shapes() -> None:
    said = {name: int(row[1]) for name, row in rows("On a server").items()}
    assert said == {name: shape.texts for name, shape in servers.SHAPES.items()}
    said = {name: int(row[1]) for name, row in rows("Rerankers").items()}
    assert said == {name: shape.texts for name, shape in rerankers.SHAPES.items()}


def test_the_codes_are_those_that_are_raised() -> None:
    assert set(rows("When a server fails")) == {*get_args(base.Code), *get_args(reranker_base.Code)}


def test_the_numbers_of_the_page() -> None:
    numbers = (
        (shapes.Shape.chars, "characters and"),
        (servers.NUMBERS_PER_ANSWER, "numbers"),
        (reranker_shapes.Shape.chars, "characters;"),
        (rerankers.QUERY_CHARS, "of the question"),
        (rerankers.TEXT_CHARS, "of each passage"),
    )
    assert [words for number, words in numbers if f"{number:,} {words}" not in PAGE] == []
