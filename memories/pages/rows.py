"""What a list of memories shows beside the memories themselves: states, progress and where words were found.

A fixed number of statements, however many rows the page has.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.utils.safestring import SafeString

from memories.filtersets import TYPES
from memories.models import Attempt, Chunk, Memory, Stage, State
from spaces.models import Account
from spaces_project.kit.search import Headline, marked

# the state of a memory: the class of its dot, and the word
STATES = {
    State.UPLOADING: ("warn", "Waiting for its file"),
    State.PENDING: ("", "Waiting"),
    State.PROCESSING: ("run", "In progress"),
    State.COMPLETED: ("ok", "Ready"),
    State.FAILED: ("bad", "Failed"),
}
STAGES = {
    Stage.LOADING: "Reading",
    Stage.EXTRACTING: "Reading",
    Stage.CHUNKING: "Cutting",
    Stage.EMBEDDING: "Embedding",
    Stage.STORING: "Storing",
}
NAMES = {mime_type: name for name, mime_type in TYPES.values()}


@dataclass(frozen=True)
class Progress:
    """Where a memory is: the class of its dot, the word, and how much of the stage is done."""

    css: str
    word: str
    done: int = 0
    total: int = 0

    @property
    def percent(self) -> float:
        return round(100 * self.done / self.total, 1) if self.total else 0

    @property
    def words(self) -> str:
        return f"{self.word} {self.done:,} of {self.total:,}" if self.total else self.word


def progress_of(memory: Memory, attempt: Attempt | None) -> Progress:
    css, word = STATES[State(memory.state)]
    if memory.state == State.PENDING and attempt is not None and attempt.finished_at and not attempt.is_ok:
        return Progress("warn", f"Tries again, {attempt.number} failed")
    if memory.state != State.PROCESSING or attempt is None:
        return Progress(css, word)
    stage = Stage(attempt.stage)
    total = attempt.total if stage == Stage.EMBEDDING else 0
    return Progress(css, STAGES[stage], attempt.done, total)


def latest_attempts(account: Account | UUID, memories: Iterable[Memory]) -> dict[UUID, Attempt]:
    """The last try of the present generation of each, in one statement."""
    generations = {memory.pk: memory.generation for memory in memories}
    if not generations:
        return {}
    tries = Attempt.objects.of(account).filter(memory__in=list(generations)).order_by("generation", "number")
    return {each.memory_id: each for each in tries if each.generation == generations[each.memory_id]}


def dress(account: Account, memories: list[Any], words: str = "") -> list[Any]:
    """The memories (of one page) with ``progress``, ``kind`` and, when searched for, ``snippet``."""
    tries = latest_attempts(account, [memory for memory in memories if memory.is_unfinished])
    found = snippets(account, [memory.pk for memory in memories], words)
    for memory in memories:
        memory.progress = progress_of(memory, tries.get(memory.pk))
        memory.kind = type_name(memory.mime_type)
        memory.snippet = found.get(memory.pk, "")
    return memories


def type_name(mime_type: str) -> str:
    """``PDF``, ``Word``, or the media type itself."""
    plain = mime_type.partition(";")[0].strip().lower()
    return NAMES.get(plain, plain or "Not known yet")


def snippets(account: Account, pks: list[UUID], words: str) -> dict[UUID, SafeString]:
    """Of each of these memories the first chunk that has all the words, cut around them, the words marked."""
    if not words.strip() or not pks:
        return {}
    having: Any = Chunk.objects.filter(account=OuterRef("account"), memory=OuterRef("pk")).matching(words)
    first = Subquery(having.order_by("order").values("pk")[:1])
    chosen = [pk for pk in Memory.objects.of(account).filter(pk__in=pks).values_list(first, flat=True) if pk]
    cut = Chunk.objects.of(account).filter(pk__in=chosen).values_list("memory", Headline("text", words))
    return {memory: marked(text) for memory, text in cut}
