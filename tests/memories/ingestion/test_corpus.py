"""The corpus through the whole of ingestion: every offset is right in what is stored, and so is every page."""

from __future__ import annotations

from bisect import bisect_right

import pytest

from memories.models import Chunk, Memory, State
from tests.corpus.expected import FAILING, FILES, PASSAGES, TITLES, TYPES

from .world import World, assert_is_whole, assert_no_orphans

THIN = {"minutes.pdf", "onboarding.pptx", "travel-cp1252.txt", "tokyo-shift-jis.html", "returns.md", "nothing.txt"}
# Reading an office file or a PDF takes a process of its own, a third of a second each.
NAMES = [pytest.param(name, marks=() if name in THIN else pytest.mark.slow) for name in sorted([*TYPES, *FAILING])]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_the_corpus(world: World, name: str) -> None:
    memory = world.remember(
        (FILES / name).read_bytes(), key=name, mime_type=TYPES.get(name, "application/octet-stream")
    )
    if name in FAILING:
        assert (memory.state, memory.failure_code) == (State.FAILED, FAILING[name])
        assert not memory.chunks.exists()
        return
    assert_is_whole(memory)
    assert_no_orphans()
    assert (memory.mime_type, memory.name) == (TYPES[name], TITLES.get(name, ""))
    chunks = list(Chunk.objects.filter(memory=memory).order_by("order"))
    for chunk in chunks:
        assert memory.text[chunk.start : chunk.end] == chunk.text
        assert (chunk.first_page, chunk.last_page) == pages(memory, chunk.start, chunk.end)
    for passage in PASSAGES:
        if passage.file == name and passage.page:
            assert passage.page in on_pages(chunks, passage.text), passage


def pages(memory: Memory, start: int, end: int) -> tuple[int | None, int | None]:
    """Of the first and the last character."""
    if not memory.page_starts:
        return None, None
    return bisect_right(memory.page_starts, start), bisect_right(memory.page_starts, end - 1)


def on_pages(chunks: list[Chunk], text: str) -> set[int]:
    """The pages of all chunks in which a passage, or half of it, stands."""
    half = " ".join(text.split()[: len(text.split()) // 2])
    found = [chunk for chunk in chunks if half in " ".join(chunk.text.split())]
    return {page for chunk in found for page in range(chunk.first_page or 0, (chunk.last_page or 0) + 1)}
