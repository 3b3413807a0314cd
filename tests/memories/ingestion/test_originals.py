"""The files of memories: whole or not there, kept while something names them, and wherever a storage keeps them."""

from __future__ import annotations

import contextlib
import io
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db import connection

from memories import ingestion, jobs, originals
from memories.files.versions import archive
from memories.models import Memory, MemoryVersion, Upload
from spaces.actors import Actor
from spaces.errors import InvalidInput, NotFound
from spaces_project.kit.ids import new_id
from tests.factories import make_account

from .world import World, assert_is_whole

DAY = 24 * 3600


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """An empty folder in which all originals are kept."""
    options = {"location": str(tmp_path)}
    here = {"BACKEND": "memories.originals.OriginalsOnDisk", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "originals": here}
    return tmp_path


def age(path: Path, seconds: float = DAY + 60) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_what_no_memory_names_goes_after_a_day(world: World, folder: Path) -> None:
    used, unused, young = (originals.store(world.account.pk, text).sha256 for text in (b"used", b"unused", b"young"))
    memory = world.add(b"used")
    half = folder / str(world.account.pk) / ".new-half"
    half.write_bytes(b"a process was killed here")
    for path in (folder / str(world.account.pk)).iterdir():
        age(path)
    age(folder / str(world.account.pk) / young, DAY - 60)
    jobs.remove_unused_originals(0)
    assert names(folder) == sorted([used, young])
    memory.remove(world.by)
    age(folder / str(world.account.pk) / young)
    jobs.remove_unused_originals(0)
    assert names(folder) == []
    assert unused not in names(folder)


def test_whatever_names_a_file_keeps_it(world: World, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memories.models.versions.NAMED_AT_ONCE", 2)
    memory = world.add(b"the first")
    first = memory.original
    ingestion.replace(world.by, memory, b"the second")
    archive(world.by, memory, "REPLACED")
    MemoryVersion.objects.filter(memory=memory).update(original=first)
    shown, came, unused = (originals.store(world.account.pk, text).sha256 for text in (b"shown", b"came", b"unused"))
    Memory.objects.filter(pk=memory.pk).update(preview=shown)
    Upload.objects.create(account=world.account, memory=memory, original=came)
    for path in (folder / str(world.account.pk)).iterdir():
        age(path)
    jobs.remove_unused_originals(0)
    assert names(folder) == sorted([first, memory.original, shown, came])
    assert unused not in names(folder)


def test_a_version_that_is_brought_back_meanwhile_keeps_its_file(world: World, folder: Path) -> None:
    """Its row goes (it is the oldest of as many as are kept) when the memory has its file again."""
    memory = world.add(b"the second")
    first = originals.store(world.account.pk, b"the first").sha256
    archive(world.by, memory, "REPLACED")
    MemoryVersion.objects.filter(memory=memory).update(original=first)
    age(folder / str(world.account.pk) / first)
    looked: list[str] = []

    def meanwhile(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "memories_memoryversion" in sql and not looked:
            looked.append(sql)
            Memory.objects.filter(pk=memory.pk).update(original=first)
            MemoryVersion.objects.filter(memory=memory).delete()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(meanwhile):
        jobs.remove_unused_originals(0)
    assert looked
    assert first in names(folder)


def test_another_accounts_memory_keeps_nothing_here(world: World, folder: Path) -> None:
    stranger = make_account("stranger")
    kept = originals.store(stranger.pk, b"the same file").sha256
    world.add(b"the same file")
    age(folder / str(stranger.pk) / kept)
    jobs.remove_unused_originals(0)
    assert [path.parent.name for path in folder.rglob(kept)] == [str(world.account.pk)]


def test_files_of_an_account_go_after_it_but_not_those_of_one_that_never_was(world: World, folder: Path) -> None:
    """As in a new database beside the files of an old one."""
    gone = make_account("gone")
    for account in (gone.pk, new_id()):
        name = originals.store(account, b"a file").sha256
        age(folder / str(account) / name)
    gone.remove(Actor.system(None))
    jobs.remove_unused_originals(0)
    assert len(names(folder)) == 1
    assert not list((folder / str(gone.pk)).iterdir())


def test_folders_that_are_not_ours_are_left_alone(world: World, folder: Path) -> None:
    (folder / "a-b-c-d-e").mkdir()
    (folder / "a-b-c-d-e" / "notes").write_text("mine")
    age(folder / "a-b-c-d-e" / "notes")
    gone = originals.store(world.account.pk, b"unused").sha256
    age(folder / str(world.account.pk) / gone)
    jobs.remove_unused_originals(0)
    assert names(folder) == ["notes"]


def test_a_file_that_is_wanted_again_is_as_new(world: World, folder: Path) -> None:
    first = originals.store(world.account.pk, b"again and again").sha256
    age(folder / str(world.account.pk) / first)
    originals.store(world.account.pk, b"again and again")
    jobs.remove_unused_originals(0)
    assert names(folder) == [first]


def test_wanted_again_while_it_goes(world: World, folder: Path) -> None:
    """Between the look at what is used and the deletion."""
    first = originals.store(world.account.pk, b"just now").sha256
    age(folder / str(world.account.pk) / first)

    def used(account: Any, asked: list[str]) -> set[str]:
        originals.store(account, b"just now")
        return set()

    assert originals.remove_unused(used) == 0
    assert names(folder) == [first]


@pytest.mark.slow
def test_wanted_again_at_any_moment(folder: Path) -> None:
    """Two threads, ten seconds: whatever is stored is there, however it meets with the deletion."""
    account, ends, lost = new_id(), time.monotonic() + 10, list[str]()

    def age(path: Path) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.utime(path, (0, 0))

    def keep() -> None:
        while time.monotonic() < ends:
            sha256 = originals.store(account, b"wanted").sha256
            path = folder / str(account) / sha256
            for _ in range(200):  # it may be aside for a moment
                if path.exists():
                    age(path)
                    break
                time.sleep(0.005)
            else:
                lost.append(sha256)

    thread = threading.Thread(target=keep)
    thread.start()
    while thread.is_alive():
        originals.remove_unused(lambda account, asked: set())
    thread.join()
    assert lost == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "..", "", "A" * 64, "a" * 63, "a" * 63 + "/", "a" * 64 + "\n"])
def test_names_that_are_no_digest_are_refused(folder: Path, name: str) -> None:
    with pytest.raises(InvalidInput):
        originals.open_original(new_id(), name)
    with pytest.raises(InvalidInput), originals.on_disk(new_id(), name):
        pass


def test_what_is_not_there(folder: Path) -> None:
    with pytest.raises(NotFound):
        originals.open_original(new_id(), "a" * 64)
    with pytest.raises(NotFound), originals.on_disk(new_id(), "a" * 64):
        pass


def test_it_is_read_in_place(folder: Path) -> None:
    account = new_id()
    kept = originals.store(account, b"in place")
    with originals.on_disk(account, kept.sha256) as path:
        assert (path.parent.parent, path.read_bytes()) == (folder, b"in place")


# ---------------------------------------------------------------- elsewhere

SHELF: dict[str, bytes] = {}


class Elsewhere(Storage):
    """As S3: objects by name, no path, no touch."""

    def _save(self, name: str, content: Any) -> str:
        SHELF[name] = b"".join(content.chunks())
        return name

    def _open(self, name: str, mode: str = "rb") -> Any:
        if name not in SHELF:
            raise FileNotFoundError(name)
        return ContentFile(SHELF[name], name)

    def exists(self, name: str) -> bool:
        return name in SHELF

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name


@pytest.fixture
def elsewhere(settings: Any) -> dict[str, bytes]:
    SHELF.clear()
    settings.STORAGES = {**settings.STORAGES, "originals": {"BACKEND": f"{__name__}.Elsewhere"}}
    return SHELF


def test_a_storage_without_paths(world: World, elsewhere: dict[str, bytes]) -> None:
    memory = world.remember(b"kept in another place")
    assert_is_whole(memory, "kept in another place")
    assert elsewhere == {f"{world.account.pk}/{memory.original}": b"kept in another place"}
    assert world.remember(io.BytesIO(b"kept in another place").read()).original == memory.original
    assert len(elsewhere) == 1
    jobs.remove_unused_originals(0)
    assert len(elsewhere) == 1, "its own rules bind it"


def test_a_copy_of_it_lives_as_long_as_it_is_needed(elsewhere: dict[str, bytes]) -> None:
    account = new_id()
    kept = originals.store(account, b"a copy")
    with originals.on_disk(account, kept.sha256) as path:
        assert path.read_bytes() == b"a copy"
    assert not path.exists()
    with pytest.raises(NotFound), originals.on_disk(account, "a" * 64):
        pass


@pytest.mark.parametrize("where", ["folder", "elsewhere"])
def test_what_goes_wrong_inside_is_not_swallowed(request: Any, where: str) -> None:
    request.getfixturevalue(where)
    account = new_id()
    kept = originals.store(account, b"a copy")
    with pytest.raises(NotImplementedError), originals.on_disk(account, kept.sha256):
        raise NotImplementedError
