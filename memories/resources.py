"""The rows of memories and chunks outside the database: what pages export."""

from __future__ import annotations

from typing import ClassVar

from django.db.models import F

from spaces_project.kit.exports import Column, Kind, Resource
from spaces_project.kit.ids import Prefix

from .models import Chunk, Memory


class MemoryResource(Resource):
    """One row per memory, without its text, which its chunks hold; only out, never in."""

    columns: ClassVar[tuple[Column, ...]] = (
        Column("id", kind=Kind.WIRE_ID, prefix=Prefix.MEMORY),
        Column("name"),
        Column("description"),
        Column("space", "space_id", Kind.WIRE_ID, Prefix.SPACE),
        Column("space_name", "space__name"),
        Column("contact", "contact_id", Kind.WIRE_ID, Prefix.CONTACT),
        Column("key"),
        Column("url"),
        Column("mime_type"),
        Column("byte_size", kind=Kind.NUMBER),
        Column("sha256", "original"),
        Column("state"),
        Column("failure_code"),
        Column("failure"),
        Column("chunk_count", kind=Kind.NUMBER),
        Column("meta", kind=Kind.JSON),
        Column("expires_at", kind=Kind.TIME),
        Column("completed_at", kind=Kind.TIME),
        Column("created_at", kind=Kind.TIME),
        Column("updated_at", kind=Kind.TIME),
    )

    class Meta:
        model = Memory


class ChunkResource(Resource):
    """One row per chunk, in the order of the text when exported ascending; only out, never in.

    ``number`` counts from 1; ``start`` and ``end`` are offsets in the memory's text, in characters.
    """

    columns: ClassVar[tuple[Column, ...]] = (
        Column("id", kind=Kind.UUID),
        Column("memory", "memory_id", Kind.WIRE_ID, Prefix.MEMORY),
        Column("memory_name", "memory__name"),
        Column("space", "memory__space_id", Kind.WIRE_ID, Prefix.SPACE),
        Column("number", F("order") + 1, Kind.NUMBER),
        Column("start", kind=Kind.NUMBER),
        Column("end", kind=Kind.NUMBER),
        Column("first_page", kind=Kind.NUMBER),
        Column("last_page", kind=Kind.NUMBER),
        Column("tokens", kind=Kind.NUMBER),
        Column("is_disabled", kind=Kind.BOOL),
        Column("text"),
        Column("created_at", kind=Kind.TIME),
    )

    class Meta:
        model = Chunk
