"""The chunks of a memory on pages: some at a time, and which embedders have a vector of each."""

from __future__ import annotations

from typing import Any

from memories.models import Chunk, Embedding, Memory, embedders_of
from spaces.requests import SpacesRequest
from spaces_project.kit.keyset import KeysetPage, Sort, Sorting, cursor_before, keyset_page

ORDER = Sort("order", "No.", "order", is_number=True)
CHUNKS = Sorting((ORDER,), default="order")
TEXT_CHUNKS = 50
BEFORE = 2  # chunks shown before one that is linked to


def chunk_page(request: SpacesRequest, memory: Memory, size: int = TEXT_CHUNKS) -> KeysetPage:
    """A page of chunks; with ``?chunk=12`` the one that has that chunk, counted from 1."""
    wanted = request.GET.get("chunk", "")
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 8 and not request.GET.get("after"):
        first = max(int(wanted) - 1 - BEFORE, 0)
        query = request.GET.copy()
        query.pop("chunk")
        if first:
            query["after"] = cursor_before(CHUNKS, first)
        request.GET = query  # type: ignore[assignment]
    chunks = Chunk.objects.of(memory.account_id).filter(memory=memory)
    return keyset_page(request, chunks, CHUNKS, size)


def with_vectors(memory: Memory, chunks: list[Any]) -> list[Any]:
    """Give each chunk ``vectors``: per embedder of its space whether it has one there. Returns those embedders."""
    embedders = [each.embedder for each in embedders_of(memory.space)]
    rows = Embedding.objects.of(memory.account_id).filter(chunk__in=[chunk.pk for chunk in chunks])
    there = set(rows.filter(container_id=memory.container_id).values_list("chunk_id", "embedder_id"))
    for chunk in chunks:
        chunk.vectors = [(embedder, (chunk.pk, embedder.pk) in there) for embedder in embedders]
    return embedders
