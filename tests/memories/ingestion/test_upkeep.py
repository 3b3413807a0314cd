"""What keeps memories from being forgotten, and what lets those go whose time is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from memories import jobs
from memories.models import Chunk, Embedding, Memory, State
from spaces.models import AuditEntry
from tests.factories import make_account

from .world import World, assert_is_whole, assert_no_orphans, waiting


def forget(memory: Memory, minutes: int = 2, **fields: Any) -> None:
    """Nobody is going to ingest it any more."""
    ProcrastinateJob.objects.filter(args__memory=str(memory.pk)).delete()
    Memory.objects.filter(pk=memory.pk).update(updated_at=timezone.now() - timedelta(minutes=minutes), **fields)


def test_lost_memories_get_a_job(world: World) -> None:
    waits, works, fresh, done, failed, due = (world.add(name) for name in "abcdef")
    forget(waits)
    forget(works, state=State.PROCESSING)
    forget(fresh, minutes=0)
    world.ingest(done)
    forget(done)
    forget(failed, state=State.FAILED)
    Memory.objects.filter(pk=due.pk).update(updated_at=timezone.now() - timedelta(hours=1))
    jobs.find_lost_memories(0)
    assert [len(waiting_jobs(each)) for each in (waits, works, fresh, done, failed, due)] == [1, 1, 0, 0, 0, 1]
    jobs.find_lost_memories(0)
    assert len(waiting_jobs(waits)) == 1, "one is enough"
    assert_is_whole(world.ingest(works), "b")


def waiting_jobs(memory: Memory) -> list[int]:
    return [generation for generation, _ in waiting(memory)]


def test_what_has_expired_goes_with_its_chunks_and_an_entry(world: World) -> None:
    over, later, always = (
        world.remember(text, expires_at=timezone.now() + timedelta(hours=1))
        if text != "always"
        else world.remember(text)
        for text in ("over", "later", "always")
    )
    Memory.objects.filter(pk=over.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    stranger = make_account("other")
    jobs.remove_expired_memories(0)
    assert set(Memory.objects.of(world.account).values_list("pk", flat=True)) == {later.pk, always.pk}
    assert not Chunk.objects.filter(memory_id=over.pk).exists()
    assert not Embedding.objects.filter(memory_id=over.pk).exists()
    assert_no_orphans()
    entry = AuditEntry.objects.get(operation="memory.delete")
    assert (entry.object_id, entry.actor_id, entry.actor_name) == (over.pk, None, "expiry")
    assert not AuditEntry.objects.filter(account=stranger, operation="memory.delete").exists()
    jobs.remove_expired_memories(0)
    assert AuditEntry.objects.filter(operation="memory.delete").count() == 1
