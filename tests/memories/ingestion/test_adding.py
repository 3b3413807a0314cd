"""Keeping a file: its row, its job and its entry in the audit come together, after it, or not at all."""

from __future__ import annotations

import io
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from procrastinate.contrib.django.models import ProcrastinateJob

from memories import ingestion, originals
from memories.models import Memory, State
from spaces.errors import AlreadyExists, Conflict, TooLarge
from spaces.models import AuditEntry
from spaces_project.kit import limits
from tests.factories import make_space

from .world import World, fresh, waiting


def counts() -> tuple[int, int, int]:
    """Memories, jobs and entries of the audit."""
    return Memory.objects.count(), ProcrastinateJob.objects.count(), AuditEntry.objects.count()


def folder(world: World) -> Path:
    return Path(settings.ORIGINALS_DIR) / str(world.account.pk)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """As on a full disk: a write beyond this fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_its_row_its_job_and_its_entry(world: World) -> None:
    memory = world.add(b"Tables go back within 45 days.", name="Returns", key="returns.txt")
    kept = fresh(memory)
    assert (kept.state, kept.generation, kept.byte_size, kept.text) == (State.PENDING, 1, 30, "")
    with originals.open_original(world.account.pk, kept.original) as file:
        assert file.read() == b"Tables go back within 45 days."
    assert waiting(memory) == [(1, 0)]
    entry = AuditEntry.objects.get(operation="memory.create")
    assert (entry.object_id, entry.actor_id) == (memory.pk, world.alice.pk)


def test_no_room_for_the_file_no_row(world: World) -> None:
    before = counts()
    with files_of_at_most(4096), pytest.raises(OSError, match="File too large"):
        world.add(b"x" * 10_000)
    assert counts() == before
    assert not [path for path in folder(world).glob("*") if path.name.startswith(".new")], "half a file stays"
    assert world.remember(b"x" * 10_000).state == State.COMPLETED, "and later there is room"


def test_a_row_that_is_refused_has_no_job(world: World) -> None:
    memory = world.add(b"first")
    before = counts()
    with pytest.raises(AlreadyExists):
        world.add(b"second", id=memory.pk)
    with pytest.raises(ValidationError):
        world.add(b"third", meta={"key": "x" * limits.META_BYTES})
    archived = make_space(world.account, name="Old")
    archived.archive(world.by)
    with_space = counts()
    with pytest.raises(Conflict):
        world.add(b"fourth", archived)
    assert with_space[:2] == counts()[:2] == before[:2]
    assert not AuditEntry.objects.filter(operation="memory.create").exclude(object_id=memory.pk).exists()


def test_a_file_too_large_is_refused_before_it_is_kept(world: World) -> None:
    before = counts()
    with pytest.raises(TooLarge, match="50 MiB"):
        ingestion.add(world.by, world.home, io.BytesIO(bytes(limits.ORIGINAL_BYTES + 1)))
    assert counts() == before


def test_equal_files_are_kept_once(world: World) -> None:
    first, second = world.add(b"the same"), world.add(b"the same")
    assert first.original == second.original
    assert [path.name for path in folder(world).glob(f"{first.original}*")] == [first.original]
    first.remove(world.by)
    assert world.ingest(second).text == "the same"


def test_of_an_open_file_and_of_pieces(world: World) -> None:
    by_file = ingestion.add(world.by, world.home, io.BytesIO(b"one two three"))
    by_pieces = originals.store(world.account.pk, iter([b"one ", b"two ", b"three"]))
    assert (by_file.original, by_file.byte_size) == (by_pieces.sha256, by_pieces.size)
