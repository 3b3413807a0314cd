"""The events of a retrieval, in their order, and the two ways they are framed."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

from memories import originals
from memories.models import Memory
from memories.retrieval import Passage
from spaces.errors import NotFound
from spaces_project.kit import limits

from .records import Record
from .records_memories import chunk_record, memory_record
from .retrieval import RERANK, Retrieved, Status

NDJSON, SSE = "application/x-ndjson", "text/event-stream"
ALIVE = None  # nothing to tell yet, and the client is to know that we are there
Event = Record | None


def framed(events: Iterator[Event], kind: str) -> Iterator[bytes]:
    """Each event as it goes out at once: a line of JSON, or an event of server-sent events."""
    for event in events:
        if event is ALIVE:
            yield b"\n" if kind == NDJSON else b": alive\n\n"
        else:
            text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
            yield (f"{text}\n" if kind == NDJSON else f"event: item\ndata: {text}\n\n").encode()
    if kind == SSE:
        yield b'event: close\ndata: {"type":"completed"}\n\n'


def hits(found: Retrieved) -> Iterator[Event]:
    """Statuses known before, then the result set: each memory before its first chunk."""
    yield from (status_event(each) for each in found.statuses)
    if found.is_dead:
        return
    passages = [each for each in found.passages if each.chunk_id in found.chunks and each.memory_id in found.memories]
    expected = {"expectedItems": len(passages)} if passages else {}
    yield _boundary(found, "BEGIN", found.stage, **expected)
    places: dict[Any, int] = {}
    for passage in passages:
        if passage.memory_id not in places:
            places[passage.memory_id] = len(places)
            yield from _definition(found, found.memories[passage.memory_id])
        yield _item(found, passage, places[passage.memory_id])
    yield _boundary(found, "END", "")


def _boundary(found: Retrieved, kind: str, stage: str, **more: Any) -> Event:
    return {"resultSetBoundary": {"resultSetId": found.id, "kind": kind, "stageName": stage, **more}}


def status_event(status: Status) -> Event:
    details = {"details": status.details} if status.details else {}
    return {"status": {"code": status.code, "message": status.message, **details}}


def _definition(found: Retrieved, memory: Memory) -> Iterator[Event]:
    if not found.given["fetchMemory"]:
        return
    record = memory_record(memory)
    if found.given["fetchMemoryContent"]:
        content = _content(memory)
        if content is None:
            details = {"memory_id": str(memory.pk)}
            yield status_event(
                Status("MEMORY_CONTENT_UNAVAILABLE", "The content is missing or too large for a line.", details)
            )
        else:
            record["originalContent"] = base64.b64encode(content).decode()
    yield {"memoryDefinition": record}


def _content(memory: Memory) -> bytes | None:
    if not memory.original or memory.byte_size > limits.CONTENT_BYTES_PER_LINE:
        return None
    try:
        with originals.open_original(memory.account_id, memory.original) as file:
            return file.read()
    except NotFound:
        return None


def _item(found: Retrieved, passage: Passage, index: int) -> Event:
    """A vector's score is its negative inner product (pgvector's ``<#>``): lower is better. A reranker's is its own."""
    score = passage.score if found.stage == RERANK else -passage.score
    chunk = chunk_record(found.chunks[passage.chunk_id], found.memories[passage.memory_id])
    return {
        "retrievedItem": {
            "chunk": {"resultSetId": found.id, "chunk": chunk, "memoryIndex": index, "relevanceScore": score}
        }
    }
