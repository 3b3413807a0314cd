"""From a file to what can be found: read, take out the text, cut it up, embed, store.

A memory's row, its job and its audit entry are written together, after its file. The job works outside of any
transaction and writes everything in one at the end, fenced by the memory's generation: what was changed, moved or
deleted meanwhile is left alone. A job that dies leaves a memory that says "in progress" until the next try.
"""

from __future__ import annotations

import hashlib
import logging
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from memories import chunking, extraction, originals
from memories.embedders.base import EmbeddingFailed
from spaces import audit
from spaces.actors import Actor
from spaces.errors import Conflict, InvalidInput, NotFound, TooLarge
from spaces.holding import hold_space_of
from spaces.models import Space
from spaces_project.kit import limits
from spaces_project.kit.prepared import fresh, insert_rows
from spaces_project.kit.sealed import CannotUnseal

from . import attempts, jobs
from .files import previews
from .files.modes import Mode, mode_of
from .files.versions import REPLACED, archive
from .models import Attempt, Memory, MemorySettings, Stage, State, Weighted, embedders_of
from .models.folders import TURNING
from .telling import tell_finished, tell_uploaded

if TYPE_CHECKING:
    import numpy as np

logger = logging.getLogger(__name__)

Content = bytes | IO[bytes]
INTERRUPTED = "INTERRUPTED"
PROGRESS_SECONDS = 0.5
LOST = {"failure_code": "LOST", "failure": "Its worker was killed."}
NOT_HERE = {
    Mode.KEPT: "It is kept without being ingested, as its ingestion configuration says",
    Mode.ELSEWHERE: "Another program ingests it, as its ingestion configuration says",
}
UNFORESEEN = "Something failed that nobody foresaw; the worker's log tells what."


class Superseded(Exception):
    """The memory was changed or deleted meanwhile; whatever comes next is another job's."""


class Failure(Exception):
    """A try failed: a code for programs, a sentence for people, and whether a later one may do better."""

    def __init__(self, code: str, message: str, *, is_temporary: bool = False, retry_after: float | None = None):
        super().__init__(message)
        self.code, self.message = code, message
        self.is_temporary, self.retry_after = is_temporary, retry_after


# ------------------------------------------------------------------- what users do


def add(by: Actor, space: Space, content: Content, **fields: Any) -> Memory:
    """A new memory of this file, which is ingested soon. ``fields`` are those of Memory.

    Raises TooLarge, ValidationError on a field, Conflict in an archived space, AlreadyExists when the id is taken.
    """
    original = originals.store(space.account_id, content)
    with transaction.atomic():
        memory = Memory.create(by, space, original=original.sha256, byte_size=original.size, **fields)
        jobs.enqueue(memory)
        tell_uploaded(memory)
    return memory


def replace(by: Actor, memory: Memory, content: Content, **fields: Any) -> None:
    """Let this file take the place of the memory's, under the same id; it is ingested soon.

    What somebody brought as a file (into a folder or a chat, or with versions before it) becomes a version. Conflict
    when the memory is not ingested here.
    """
    original = originals.store(memory.account_id, content)
    with transaction.atomic():
        gone = _make_way(by, memory, original.sha256)
        _restart(by, memory, original=original.sha256, byte_size=original.size, **gone, **fields)


def _make_way(by: Actor, memory: Memory, sha256: str) -> dict[str, Any]:
    """Lock the memory and keep what the file of this content replaces; the fields that go with the replaced one."""
    hold_space_of(Memory, memory.account_id, memory.pk)
    rows = Memory.objects.of(memory.account_id).select_for_update(no_key=True, of=("self",))
    present = rows.filter(pk=memory.pk).first()
    if present is None:
        return {}
    if reason := NOT_HERE.get(mode_of(present.configuration, present.mime_type)):
        raise Conflict(f"{reason}.")
    if present.original in ("", sha256):
        return {}
    if present.folder_id or present.chat_id or present.versions.exists():
        archive(by, present, REPLACED)
    previews.close(present)
    return {"preview": "", "preview_name": ""}


def again(by: Actor, memory: Memory, **fields: Any) -> None:
    """Ingest it once more: after a failure, or as its space now cuts and embeds. Until then it is not found.

    Conflict when there is no file to ingest, or it is not ingested here.
    """
    if reason := why_not_again(memory):
        raise Conflict(f"{reason}.")
    _restart(by, memory, **fields)


def why_not_again(memory: Memory) -> str:
    """Why this memory cannot be ingested once more, without a full stop; empty when it can."""
    if not memory.original:
        return "It has no file yet"
    return NOT_HERE.get(mode_of(memory.configuration, memory.mime_type), "")


def _restart(by: Actor, memory: Memory, **fields: Any) -> None:
    with transaction.atomic():
        changed = memory.change(by, **fields)
        Memory.objects.of(memory.account_id).filter(pk=memory.pk).restart()
        memory.refresh_from_db(fields=["state", "generation", "failure_code", "failure"])
        if not changed:  # the entry of the change tells of both
            audit.record(by, "memory.ingest", memory)
        if "original" in fields:
            tell_uploaded(memory)


# ------------------------------------------------------------------- what the job does


@dataclass
class Work:
    """One try, from its claim to its end."""

    memory: Memory
    attempt: Attempt
    tried: int  # times, this one included, without those that only the end of a worker interrupted
    should_stop: Callable[[], bool] = field(default=lambda: False)
    reported: float = 0.0  # when, by a clock that never goes back

    def report(self, stage: Stage, done: int = 0, total: int = 0) -> None:
        """Say where it is. Superseded when the memory moved on, Failure when the worker is asked to end."""
        self.check_end()
        if not attempts.report(self.memory, self.attempt.pk, stage, done, total):
            raise Superseded
        self.attempt.stage, self.attempt.done, self.attempt.total = stage, done, total
        self.reported = time.monotonic()

    def progress(self, stage: Stage, done: int, total: int) -> None:
        """As ``report``, but not more often than people see: between two parts only the end may be asked for."""
        if self.attempt.stage == stage and time.monotonic() - self.reported < PROGRESS_SECONDS:
            self.check_end()
        else:
            self.report(stage, done, total)

    def check_end(self) -> None:
        """Raise Failure when the worker is asked to end."""
        if self.should_stop():
            raise Failure(INTERRUPTED, "The worker was asked to end.", is_temporary=True)


def ingest(account: UUID, memory: UUID, generation: int, should_stop: Callable[[], bool] = lambda: False) -> None:
    """Do one try; another one is enqueued when a later one may do better. Does nothing when it is not due."""
    work = _claim(account, memory, generation)
    if work is None:
        return
    work.should_stop = should_stop
    try:
        _store(work, *_prepared(work))
    except Superseded:
        _end(work, is_ok=False, failure_code="SUPERSEDED", failure="It was changed meanwhile.")
    except Failure as failure:
        _fail(work, failure)
    except Exception:  # whatever it is, the memory must not be "in progress" for ever
        logger.exception("ingesting the memory %s failed", memory)
        _fail(work, Failure("INTERNAL", UNFORESEEN, is_temporary=True))


@transaction.atomic
def _claim(account: UUID, pk: UUID, generation: int) -> Work | None:
    hold_space_of(Memory, account, pk)
    memory = attempts.locked_with_text(account, pk)
    if memory is None or memory.generation != generation or not memory.is_unfinished:
        return None
    number, tried = attempts.begin(memory, lost=LOST, interrupted=INTERRUPTED)
    if tried > limits.INGESTION_ATTEMPTS:  # none of them could say so: it may be what killed them
        rows = Memory.objects.of(account).filter(pk=pk)
        rows.update(state=State.FAILED, updated_at=timezone.now(), **LOST)
        tell_finished(account, pk)
        return None
    made = {"account_id": account, "memory_id": pk, "generation": generation, "number": number, "worker": _worker()}
    attempt = fresh(Attempt, made)
    insert_rows([attempt])
    memory.space = attempts.space_of(memory)
    return Work(memory, attempt, tried)


def _worker() -> str:
    return f"{platform.node()}:{os.getpid()}"[:100]


@dataclass(frozen=True)
class Cut:
    """A text and the chunks of it."""

    document: extraction.Document
    spans: Sequence[chunking.Span]

    @cached_property
    def texts(self) -> list[str]:
        """Of each chunk."""
        return [self.document.text[span.start : span.end] for span in self.spans]


def _prepared(work: Work) -> tuple[Cut, list[tuple[Weighted, np.ndarray]]]:
    """Everything that is to be stored, computed outside of any transaction."""
    memory = work.memory
    try:
        work.report(Stage.EXTRACTING)
        document = _document(memory)
        work.report(Stage.CHUNKING)
        cut = Cut(document, chunking.split(document.text, _plan(memory)))
        return cut, [(each, _embedded(work, each, cut.texts)) for each in embedders_of(memory.space)]
    except extraction.ExtractionFailed as error:
        is_rare = error.code in (extraction.Code.TIMED_OUT, extraction.Code.OUT_OF_MEMORY)
        raise Failure(error.code, error.message, is_temporary=is_rare and work.attempt.number == 1) from error
    except TooLarge as error:
        raise Failure("TOO_LARGE", str(error)) from error
    except EmbeddingFailed as error:
        temporary, after = error.is_temporary, error.retry_after
        raise Failure(error.code, error.message, is_temporary=temporary, retry_after=after) from error
    except CannotUnseal as error:
        raise Failure("EMBEDDER_FAILED", str(error)) from error
    except InvalidInput as error:
        raise Failure("CHUNKING_INVALID", str(error)) from error
    except NotFound as error:
        raise Failure("CONTENT_MISSING", str(error)) from error


def _document(memory: Memory) -> extraction.Document:
    """What the file says. A text that was written here (the row has it already, and the file is made of it) stays as it
    is, and is not brought into the normal form of files: who wrote it reads it again."""
    if memory.text.strip() and hashlib.sha256(memory.text.encode()).hexdigest() == memory.original:
        return extraction.Document(memory.text, memory.mime_type)
    with originals.on_disk(memory.account_id, memory.original) as path:
        return extraction.extract(path, memory.mime_type, memory.key or memory.name)


def _plan(memory: Memory) -> chunking.Chunking:
    return chunking.parse(memory.chunking) if memory.chunking else MemorySettings.of(memory.space).plan


def _embedded(work: Work, weighted: Weighted, texts: Sequence[str]) -> np.ndarray:
    """The vectors of all chunks by one embedder, some at a time, so that progress shows."""
    import numpy as np

    program = weighted.embedder.program()
    found = np.empty((len(texts), program.dimension), dtype=np.float16)
    for start in range(0, len(texts), program.at_once):
        work.progress(Stage.EMBEDDING, start, len(texts))
        part = texts[start : start + program.at_once]
        found[start : start + len(part)] = program.embed(part)
    return found


@transaction.atomic
def _store(work: Work, cut: Cut, vectors: list[tuple[Weighted, np.ndarray]]) -> None:
    """All visible changes, in one transaction; Superseded when the memory is not as it was claimed."""
    from .storing import copy_chunks, copy_vectors

    hold_space_of(Memory, work.memory.account_id, work.memory.pk)
    memory = attempts.locked(work.memory.account_id, work.memory.pk)
    if memory is None or memory.generation != work.memory.generation or memory.state != State.PROCESSING:
        raise Superseded
    # The memory is locked first, then its try: so does who deletes it, and the other way round they would deadlock.
    work.check_end()
    attempts.remove_chunks(memory)
    memory.page_starts, now = list(cut.document.page_starts), timezone.now()
    chunks = copy_chunks(memory, cut.spans, cut.texts, now)
    for weighted, found in vectors:
        copy_vectors(memory, weighted.embedder.pk, chunks, found, now)
    memory.text, memory.notes, memory.completed_at = cut.document.text, list(cut.document.notes), now
    memory.mime_type = memory.mime_type or cut.document.mime_type
    memory.name = memory.name or _title(cut.document)
    memory.chunk_count = len(cut.spans)
    attempts.complete(memory, work.attempt.pk)
    tell_finished(memory.account_id, memory.pk)


def _title(document: extraction.Document) -> str:
    """What the document calls itself, as any memory may be called."""
    return "".join(char for char in document.title if char not in TURNING)[: limits.NAME_CHARS]


def _fail(work: Work, failure: Failure) -> None:
    """End this try, and either have another one made or say that the memory failed, and why."""
    memory = work.memory
    is_last = not failure.is_temporary or (failure.code != INTERRUPTED and work.tried >= limits.INGESTION_ATTEMPTS)
    with transaction.atomic():
        hold_space_of(Memory, memory.account_id, memory.pk)
        rows = Memory.objects.of(memory.account_id).filter(pk=memory.pk, generation=memory.generation)
        rows = rows.filter(state=State.PROCESSING)
        if is_last:
            told = {"failure_code": failure.code, "failure": failure.message}
            due = rows.update(state=State.FAILED, updated_at=timezone.now(), **told)
        else:
            due = rows.update(state=State.PENDING)
        if due and not is_last:
            jobs.enqueue(memory, later=_pause(work, failure))
        if due and is_last:
            tell_finished(memory.account_id, memory.pk)
        _end(work, is_ok=False, failure_code=failure.code, failure=failure.message)


def _pause(work: Work, failure: Failure) -> int:
    """Seconds until the next try: more each time, whatever the server says, and at least what it says."""
    if failure.code == INTERRUPTED:
        return 0
    return round(min(max(failure.retry_after or 0, 3.0**work.tried), limits.INGESTION_PAUSE_SECONDS))


def _end(work: Work, **fields: Any) -> None:
    rows = Attempt.objects.of(work.memory.account_id).filter(pk=work.attempt.pk)
    rows.update(finished_at=timezone.now(), updated_at=timezone.now(), **fields)
