"""One account with a space whose memories are embedded by lexical hashing, and what must hold of an ingested memory."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Max
from procrastinate.contrib.django.models import ProcrastinateJob

from memories import chunking, ingestion
from memories.models import Attempt, Chunk, Embedding, Memory, MemorySettings, State, embedders_of
from spaces.actors import Actor
from spaces.models import Account, Space
from tests.factories import admin_of, make_account, make_space
from tests.ingesting import use_hashing

POEM = "\n\n".join(f"Verse {number}: the ferry leaves at {number} past noon and nobody waits." for number in range(40))


class World:
    """Alice's account with the space ``home``."""

    def __init__(self) -> None:
        self.account: Account = make_account("acme")
        self.alice = admin_of(self.account)
        self.by = Actor(account=self.account, user=self.alice)
        self.hashing = use_hashing(self.account)
        self.home: Space = make_space(self.account, name="Home")

    def add(self, content: str | bytes = POEM, space: Space | None = None, **fields: Any) -> Memory:
        """A memory of this content, which waits."""
        content = content.encode() if isinstance(content, str) else content
        return ingestion.add(self.by, space or self.home, content, **fields)

    def remember(self, content: str | bytes = POEM, **fields: Any) -> Memory:
        """A memory of this content, ingested."""
        return self.ingest(self.add(content, **fields))

    def ingest(self, memory: Memory, **options: Any) -> Memory:
        """One try of its present generation; the memory as it is then."""
        ingestion.ingest(memory.account_id, memory.pk, memory.generation, **options)
        return fresh(memory)


def fresh(memory: Memory) -> Memory:
    """As the database has it, text and all."""
    found: Memory = Memory.objects.with_text().get(pk=memory.pk)
    return found


def tries(memory: Memory) -> list[tuple[int, int, bool | None, str]]:
    """Generation, number, whether it went well, and the code of its failure, of every try that there was."""
    rows = Attempt.objects.filter(memory=memory).order_by("generation", "number")
    return list(rows.values_list("generation", "number", "is_ok", "failure_code"))


def waiting(memory: Memory) -> list[tuple[int, float]]:
    """Of every job that is to ingest the memory: the generation, and for how many seconds it waits since the last try
    ended."""
    tried = Attempt.objects.filter(memory=memory).aggregate(last=Max("finished_at"))["last"]
    return [
        (job.args["generation"], round((job.scheduled_at - tried).total_seconds()) if job.scheduled_at else 0)
        for job in jobs_of(memory)
        if job.status == "todo"
    ]


def jobs_of(memory: Memory) -> list[Any]:
    """Every job that is, or was, to ingest the memory."""
    return list(ProcrastinateJob.objects.filter(args__memory=str(memory.pk)).order_by("id"))


def chunks_of(memory: Memory) -> list[tuple[int, int, int, str, UUID]]:
    rows = Chunk.objects.filter(memory=memory).order_by("order")
    return list(rows.values_list("order", "start", "end", "text", "container_id"))


def assert_is_whole(memory: Memory, text: str | None = None) -> None:
    """It is COMPLETED with exactly the chunks that its text has, and one vector of each by every embedder."""
    memory = fresh(memory)
    assert (memory.state, memory.failure_code, memory.failure) == (State.COMPLETED, "", "")
    assert text is None or memory.text == text
    plan = chunking.parse(memory.chunking) if memory.chunking else MemorySettings.of(memory.space).plan
    spans = chunking.split(memory.text, plan)
    expected = [
        (order, span.start, span.end, memory.text[span.start : span.end], memory.container_id)
        for order, span in enumerate(spans)
    ]
    assert chunks_of(memory) == expected
    assert memory.chunk_count == len(expected)
    by = [weighted.embedder.pk for weighted in embedders_of(memory.space)]
    vectors = Embedding.objects.filter(memory_id=memory.pk).values_list("chunk_id", "embedder_id", "container_id")
    every = {(pk, each, memory.container_id) for pk in memory.chunks.values_list("pk", flat=True) for each in by}
    assert sorted(vectors) == sorted(every)


def assert_no_orphans() -> None:
    """No chunk or vector is of a memory that is gone, and no try is without an end that nobody works on."""
    known = Memory.objects.values("pk")
    assert not Chunk.objects.exclude(memory__in=known).exists()
    assert not Embedding.objects.exclude(memory_id__in=known).exists()
    assert not Attempt.objects.filter(finished_at=None).exclude(memory__state=State.PROCESSING).exists()
