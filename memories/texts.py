"""Memories of texts that are written, not uploaded: what was written can be read at once, and found once ingested."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from spaces.actors import Actor
from spaces.models import Space

from . import ingestion
from .models import Memory
from .models.memories import TEXT_TYPE


def add_text(by: Actor, space: Space, text: str, **fields: Any) -> Memory:
    """A new memory of this text. ``fields`` are those of Memory; raises what memories.ingestion.add does."""
    return ingestion.add(by, space, text.encode(), text=text, mime_type=TEXT_TYPE, **fields)


def replace_text(by: Actor, memory: Memory, text: str, **fields: Any) -> None:
    """Let this text take the place of the memory's, under the same id. Its chunks go at once: they pointed into the
    old one."""
    with transaction.atomic():
        ingestion.replace(
            by, memory, text.encode(), text=text, page_starts=[], mime_type=TEXT_TYPE, chunk_count=0, **fields
        )
        memory.chunks.all().delete()
