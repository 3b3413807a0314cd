"""Memories as Unique's contents: what answers say of them, and where each is on its way to being found.

A file of a folder is owned by the folder (ownerType ``SCOPE``), a file of a chat by the chat (``CHAT``), every other
memory by its space (``COMPANY``). Nullable members are there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from memories.filters.documents import well_known
from memories.filters.rules import WELL_KNOWN
from memories.models import Attempt, Chunk, Memory, Stage, State
from spaces_project.kit.ids import Prefix, encode

from .shapes import Shape, moment

NO_PAGE = -1
FAILED = "FAILED"
# By the stage of the try that runs; storing comes with the vectors.
READING, CHUNKING, EMBEDDING = "INGESTION_READING", "INGESTION_CHUNKING", "INGESTION_EMBEDDING"
STAGES: dict[str, str] = {
    Stage.LOADING: READING,
    Stage.EXTRACTING: READING,
    Stage.CHUNKING: CHUNKING,
    Stage.EMBEDDING: EMBEDDING,
    Stage.STORING: EMBEDDING,
}
# By the failure_code of the last try. Codes that are the vendor's own words stay; any other one is FAILED.
FAILURES = {
    "EMPTY": "FAILED_TOO_LESS_CONTENT",
    "NO_TEXT": "FAILED_TOO_LESS_CONTENT",
    "ENCRYPTED": "FAILED_PARSING",
    "CORRUPT": "FAILED_PARSING",
    "UNSUPPORTED": "FAILED_PARSING",
    "TOO_LARGE": "FAILED_PARSING",
    "OUT_OF_MEMORY": "FAILED_PARSING",
    "TIMED_OUT": "FAILED_TIMEOUT",
    "CHUNKING_INVALID": "FAILED_CREATING_CHUNKS",
    "EMBEDDER_FAILED": "FAILED_EMBEDDING",
    "EMBEDDER_UNAVAILABLE": "FAILED_EMBEDDING",
    "EMBEDDER_TIMEOUT": "FAILED_EMBEDDING",
    "RATE_LIMITED": "FAILED_EMBEDDING",
    "CONTENT_MISSING": "FAILED_GETTING_FILE",
    "LOST": "FAILED_REDELIVERED",
}


def with_stage(memories: QuerySet[Memory]) -> QuerySet[Memory]:
    """The memories with the stage of the newest try of their generation, so that ``ingestion_state`` asks nothing."""
    row = {"account": OuterRef("account"), "memory": OuterRef("pk"), "generation": OuterRef("generation")}
    tries = Attempt.objects.filter(**row)
    return memories.annotate(stage=Subquery(tries.order_by("-number").values("stage")[:1]))


def ingestion_state(memory: Memory) -> str:
    """Where it is, in the vendor's words. docs/api/unique.md has the table."""
    if memory.state == State.COMPLETED:
        return "FINISHED"
    if memory.state == State.FAILED:
        code = memory.failure_code
        return code if code.startswith(FAILED) else FAILURES.get(code, FAILED)
    if memory.state == State.UPLOADING:
        return "QUEUED"
    stage = _stage(memory)
    if memory.state == State.PROCESSING:
        return STAGES.get(stage or Stage.LOADING, READING)
    if stage:
        return "RETRYING"
    return "RE_INGESTING" if memory.completed_at else "QUEUED"


def _stage(memory: Memory) -> str | None:
    """Of the newest try of its generation; None when there was none."""
    if "stage" in memory.__dict__:
        return memory.__dict__["stage"]  # type: ignore[no-any-return]
    tries = Attempt.objects.of(memory.account_id).filter(memory=memory, generation=memory.generation)
    return tries.order_by("-number").values_list("stage", flat=True).first()


# ------------------------------------------------------------------------ shapes


def owner(memory: Memory) -> tuple[str, str]:
    """ownerType and ownerId."""
    if memory.folder_id is not None:
        return "SCOPE", encode(Prefix.SCOPE, memory.folder_id)
    if memory.chat_id is not None:
        return "CHAT", encode(Prefix.CHAT, memory.chat_id)
    return "COMPANY", encode(Prefix.ASSISTANT, memory.space_id)


def key_of(memory: Memory) -> str:
    """Its key; every content of the vendor has one, so without it the title, else the id."""
    return memory.key or memory.name or memory.unique_id


def metadata(memory: Memory) -> Shape:
    """Its own metadata, without the names that no metadata can claim, and these as far as it has them."""
    own = {name: value for name, value in memory.meta.items() if name not in WELL_KNOWN}
    known = {name: value for name, value in well_known(memory).items() if value is not None}
    return {**own, **known, "key": key_of(memory)}


def content(memory: Memory, chunks: Sequence[Chunk] | None = None, kind: str = "content") -> Shape:
    """A content, with the memory's folder read; ``chunks`` None says nothing of chunks. ``kind`` is its ``object``."""
    shape = {
        **_common(memory),
        "object": kind,
        "ownerType": owner(memory)[0],
        "writeUrl": None,
        "readUrl": None,
        "expiredAt": None,
        "ingestionConfig": memory.configuration or None,
        "appliedIngestionConfig": memory.configuration or None,
        "ingestionState": ingestion_state(memory),
        "previewPdfFileName": memory.preview_name or None,
        "pdfPreviewWriteUrl": None,
    }
    if chunks is not None:
        shape["chunks"] = [chunk(each) for each in chunks]
    return shape


def info(memory: Memory) -> Shape:
    """A content without what is in it; the memory's folder is read."""
    return {
        **_common(memory),
        "object": "content_info",
        "ownerType": owner(memory)[0],
        "ingestionState": ingestion_state(memory),
        "expiresAt": moment(memory.expires_at),
        "deletedAt": None,
        "expiredAt": None,
    }


def _common(memory: Memory) -> Shape:
    return {
        "id": memory.unique_id,
        "key": key_of(memory),
        "url": memory.url or None,
        "title": memory.name or None,
        "description": memory.description or None,
        "ownerId": owner(memory)[1],
        "mimeType": memory.mime_type,
        "byteSize": memory.byte_size,
        "metadata": metadata(memory),
        "createdAt": moment(memory.created_at),
        "updatedAt": moment(memory.updated_at),
    }


def chunk(it: Chunk) -> Shape:
    """Pages are counted from 1; NO_PAGE where there are none, as the vendor says it."""
    return {
        "id": chunk_id(it.pk),
        "text": it.text,
        "startPage": it.first_page or NO_PAGE,
        "endPage": it.last_page or NO_PAGE,
        "order": it.order,
    }


def chunk_id(pk: Any) -> str:
    """As the ``sourceId`` of a reference spells it."""
    return f"chunk_{pk.hex}"
