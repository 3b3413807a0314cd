"""The stored text of a memory with the chunks in it: which characters are whose, and which are repeated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Substr

from memories.models import Chunk, Memory

BEGINNING = 20_000


@dataclass(frozen=True)
class Piece:
    """One chunk as it stands in the text: ``repeated`` is what the chunk before has as well, ``own`` the rest."""

    chunk: Chunk
    repeated: str
    own: str

    @property
    def number(self) -> int:
        return self.chunk.order + 1

    @property
    def pages(self) -> str:
        return pages_words(self.chunk.first_page, self.chunk.last_page)


def pages_words(first: int | None, last: int | None) -> str:
    """``page 2``, ``pages 2-3``; empty for what has no pages."""
    if first is None:
        return ""
    return f"page {first}" if last in (None, first) else f"pages {first}\N{EN DASH}{last}"


def pieces_of(memory: Memory, chunks: Iterable[Any]) -> list[Piece]:
    """The chunks of one page, which follow each other; the one before the first is asked for."""
    found = list(chunks)
    if not found:
        return []
    ends = [_end_before(memory, found[0]), *(chunk.end for chunk in found)]
    return [_piece(chunk, end) for chunk, end in zip(found, ends, strict=False)]


def _end_before(memory: Memory, chunk: Chunk) -> int:
    earlier = Chunk.objects.of(memory.account_id).filter(memory=memory, order=chunk.order - 1)
    return earlier.values_list("end", flat=True).first() or 0


def _piece(chunk: Chunk, end_before: int) -> Piece:
    repeated = max(end_before - chunk.start, 0)
    return Piece(chunk, chunk.text[:repeated], chunk.text[repeated:])


def beginning(memory: Memory) -> str:
    """The first BEGINNING characters of the stored text, cut out by the database."""
    rows = Memory.objects.of(memory.account_id).filter(pk=memory.pk)
    return str(rows.annotate(cut=Substr(F("text"), Value(1), Value(BEGINNING))).values_list("cut", flat=True).get())
