"""How documents begin, where nothing is asked of them but that they be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Window
from django.db.models.functions import RowNumber

from memories.models import Chunk
from memories.models.memories import UNTITLED

from .types import Passage


def openings(memories: Any, pks: Sequence[UUID], most: int) -> tuple[Passage, ...]:
    """Of these ``memories`` (a MemoryQuerySet of one account) the first passages, at most ``most`` in all, document by
    document in the order of ``pks``: as many of each as there is room for, at least one of the first ``most``.

    Passages that nobody finds are left out, and so is what is not ingested. They have no score.
    """
    found = memories.completed().filter(pk__in=pks).in_bulk()
    ready = [found[pk] for pk in dict.fromkeys(pks) if pk in found][:most]
    if not ready:
        return ()
    place = {memory.pk: number for number, memory in enumerate(ready)}
    nth = Window(RowNumber(), partition_by="memory", order_by="order")
    chunks = Chunk.objects.of(ready[0].account_id).enabled().filter(memory__in=place).annotate(nth=nth)
    first = sorted(chunks.filter(nth__lte=most).order_by(), key=lambda chunk: (chunk.nth, place[chunk.memory_id]))[
        :most
    ]
    first.sort(key=lambda chunk: (place[chunk.memory_id], chunk.order))
    return tuple(_passage(chunk, found[chunk.memory_id]) for chunk in first)


def _passage(chunk: Any, memory: Any) -> Passage:
    pages = None if chunk.first_page is None else (chunk.first_page, chunk.last_page or chunk.first_page)
    return Passage(
        memory_id=memory.pk,
        chunk_id=chunk.pk,
        space_id=memory.space_id,
        text=chunk.text,
        name=memory.name or memory.key or UNTITLED,
        score=0.0,
        order=chunk.order,
        start=chunk.start,
        end=chunk.end,
        pages=pages,
        url=memory.url or None,
        key=memory.key or None,
        mime_type=memory.mime_type,
        meta=memory.meta,
        created_at=memory.created_at,
    )
