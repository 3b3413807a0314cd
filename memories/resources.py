"""The rows of memories and chunks outside the database: what pages export."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Case, F, Func, OuterRef, TextField, Value, When
from django.db.models.functions import Concat

from spaces.actors import Actor
from spaces_project.kit.exports import Column, Kind, Resource
from spaces_project.kit.ids import Prefix

from .models import Chunk, Memory
from .permissions import visible_folders


class _Among(Func):
    """Whether the first is one of the second, an array."""

    output_field = BooleanField()
    conditional = True

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        (one, its), (many, their) = (compiler.compile(each) for each in self.get_source_expressions())
        return f"({one} = ANY({many}))", [*its, *their]


def with_folder_paths(actor: Actor, memories: Any) -> Any:
    """The memories with ``folder_path``: ``/Contracts/2026``, from the first folder that this actor may read; NULL for
    those in no folder. Computed in the statement that reads the rows."""
    above = visible_folders(actor).filter(_Among(F("pk"), OuterRef("folder__path")))
    names = above.order_by(Func("path", function="cardinality")).values("name")
    path = Concat(
        Value("/"), Func(ArraySubquery(names), Value("/"), function="array_to_string", output_field=TextField())
    )
    there = When(folder__isnull=False, then=path)
    return memories.annotate(folder_path=Case(there, default=None, output_field=TextField()))


class MemoryResource(Resource):
    """One row per memory, without its text, which its chunks hold; only out, never in. Its rows come from
    ``with_folder_paths``."""

    columns: ClassVar[tuple[Column, ...]] = (
        Column("id", kind=Kind.WIRE_ID, prefix=Prefix.MEMORY),
        Column("name"),
        Column("description"),
        Column("space", "space_id", Kind.WIRE_ID, Prefix.SPACE),
        Column("space_name", "space__name"),
        Column("folder", "folder_id", Kind.WIRE_ID, Prefix.SCOPE),
        Column("folder_path"),
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
