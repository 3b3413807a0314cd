"""Memories, their chunks and the history of their processing as GoodMem's clients read them."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from memories import originals
from memories.models import Attempt, Chunk, Memory, Stage, State
from spaces.actors import Actor
from spaces.errors import InvalidInput
from spaces_project.kit import limits

from .records import Record, maybe_milliseconds, milliseconds, touched

WORDS = {
    State.UPLOADING: "PENDING",
    State.PENDING: "PENDING",
    State.PROCESSING: "PROCESSING",
    State.COMPLETED: "COMPLETED",
    State.FAILED: "FAILED",
}
STATES = {"PENDING": (State.UPLOADING, State.PENDING), "PROCESSING": (State.PROCESSING,),
          "COMPLETED": (State.COMPLETED,), "FAILED": (State.FAILED,)}  # fmt: skip
JOB = "BACKGROUND_JOB_"
JOBS = {"PENDING": "PENDING", "PROCESSING": "RUNNING", "COMPLETED": "SUCCEEDED", "FAILED": "FAILED"}
STAGE = "DOCUMENT_PROCESSING_STAGE_"
STAGES = {
    Stage.LOADING: "LOADING_MEMORY",
    Stage.EXTRACTING: "EXTRACTING_CONTENT",
    Stage.CHUNKING: "STORING_CHUNKS",
    Stage.EMBEDDING: "GENERATING_EMBEDDINGS",
    Stage.STORING: "STORING_EMBEDDINGS",
}
JOB_TYPE = "MEMORY_INGESTION"
ATTEMPTS_PER_JOB = 100  # attempts are numbered through all jobs of a memory


def memory_record(memory: Memory, *, content: bytes | None = None, attempts: Sequence[Attempt] | None = None) -> Record:
    """One memory. Page images are never made: their state is the memory's, their number 0."""
    status = WORDS[State(memory.state)]
    known: Record = {
        "memoryId": str(memory.pk),
        "spaceId": str(memory.space_id),
        "contentType": memory.mime_type,
        "processingStatus": status,
        "pageImageStatus": status,
        "pageImageCount": 0,
        "metadata": memory.meta,
        **touched(memory),
    }
    if memory.original:
        known |= {"originalContentLength": memory.byte_size, "originalContentSha256": memory.original}
    if memory.original_ref:
        known["originalContentRef"] = memory.original_ref
    if memory.chunking:
        known["chunkingConfig"] = memory.chunking
    if content is not None:
        known["originalContent"] = base64.b64encode(content).decode()
    if attempts is not None:
        known["processingHistory"] = history(memory, attempts)
    return known


def content_of(memory: Memory) -> bytes | None:
    """The whole file; None when there is none. NotFound when it is lost."""
    if not memory.original:
        return None
    with originals.open_original(memory.account_id, memory.original) as file:
        return file.read()


def fitting(memories: Sequence[Memory], reader: Actor | None) -> int:
    """How many of the first of these have files of CONTENT_BYTES_PER_ANSWER together (without a key: _PER_LINE); at
    least one."""
    most, total = limits.CONTENT_BYTES_PER_ANSWER if reader else limits.CONTENT_BYTES_PER_LINE, 0
    for number, memory in enumerate(memories):
        total += memory.byte_size
        if total > most and number:
            return number
    return len(memories)


def memory_records(
    memories: Sequence[Memory], reader: Actor | None, *, content: bool, with_history: bool
) -> list[Record]:
    """Many memories, in a number of statements that does not depend on how many they are.

    Strangers to their account get no history: it names workers and tells what servers said. Raises InvalidInput for a
    file that is too large for who has no key.
    """
    home = reader.account if reader else None
    is_home = home is not None and all(memory.account_id == home.pk for memory in memories)
    tries = attempts_of(memories) if with_history and is_home else None
    if content and reader is None:
        _check_sizes(memories)
    return [
        memory_record(
            memory,
            content=content_of(memory) if content else None,
            attempts=None if tries is None else tries[memory.pk],
        )
        for memory in memories
    ]


def _check_sizes(memories: Sequence[Memory]) -> None:
    for memory in memories:
        if memory.byte_size > limits.CONTENT_BYTES_PER_LINE:
            raise InvalidInput(f"A content is too large for this answer: fetch /v1/memories/{memory.pk}/content.")


# ------------------------------------------------------------------- processing


def attempts_of(memories: Iterable[Memory]) -> dict[UUID, list[Attempt]]:
    """Their tries, the oldest first."""
    found: dict[UUID, list[Attempt]] = defaultdict(list)
    rows = Attempt.objects.filter(memory__in=[memory.pk for memory in memories])
    for each in rows.order_by("generation", "number"):
        found[each.memory_id].append(each)
    return found


def history(memory: Memory, attempts: Sequence[Attempt]) -> Record:
    """Each generation of a memory is a job; the latest one is summed up."""
    return {"latestJob": _job(memory, attempts), "attempts": [_attempt(each) for each in attempts]}


def _job(memory: Memory, attempts: Sequence[Attempt]) -> Record:
    mine = [each for each in attempts if each.generation == memory.generation]
    last = mine[-1] if mine else None
    started = mine[0].created_at if mine else memory.updated_at
    known = {
        "jobId": memory.generation,
        "jobType": JOB_TYPE,
        "status": JOB + JOBS[WORDS[State(memory.state)]],
        "attempts": len(mine),
        "maxAttempts": limits.INGESTION_ATTEMPTS,
        "runAt": milliseconds(started),
        "updatedAt": milliseconds(last.updated_at if last else memory.updated_at),
    }
    if memory.failure:
        known |= {"lastError": memory.failure} | ({"failureStage": _stage(last)} if last else {})
    return known


def _attempt(each: Attempt) -> Record:
    known: Record = {
        "attemptId": each.generation * ATTEMPTS_PER_JOB + each.number,
        "jobId": each.generation,
        "startedAt": milliseconds(each.created_at),
        "finishedAt": maybe_milliseconds(each.finished_at),
        "ok": each.is_ok,
        "workerId": each.worker,
        "statusMessage": Stage(each.stage).label,
        "progressCurrent": each.done,
        "progressTotal": each.total,
        "progressUnit": "chunks",
        "progressUpdatedAt": milliseconds(each.updated_at),
    }
    if each.failure:
        known |= {"errorMessage": each.failure, "failureStage": _stage(each)}
    return known


def _stage(each: Attempt) -> str:
    return STAGE + STAGES[Stage(each.stage)]


# ----------------------------------------------------------------------- chunks


def chunk_record(chunk: Chunk, memory: Memory) -> Record:
    """One chunk; whoever wrote the memory made it."""
    who: dict[str, Any] = touched(memory)
    times = {"createdAt": milliseconds(chunk.created_at), "updatedAt": milliseconds(chunk.updated_at)}
    return {
        "chunkId": str(chunk.pk),
        "memoryId": str(memory.pk),
        "chunkSequenceNumber": chunk.order,
        "chunkText": chunk.text,
        "vectorStatus": "COMPLETED",
        "startOffset": chunk.start,
        "endOffset": chunk.end,
        **who,
        **times,
    }
