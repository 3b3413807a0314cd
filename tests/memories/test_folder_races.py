"""Folders and files that two people change at the same time. Its own module: it commits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from memories import bulk, ingestion
from memories.models import Folder, Memory
from memories.trees import remove_tree
from spaces.actors import Actor
from spaces.bulk import run
from tests.api.world import make_world
from tests.factories import actor_of
from tests.statements import around

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]


def one(file: Memory, by: Actor, folder: Folder) -> bool:
    return file.change(by, folder=folder)


def many(file: Memory, by: Actor, folder: Folder) -> bool:
    (outcome,) = run(by, bulk.move_to_folder(folder), [file.pk], bulk.FILES)
    return outcome.state == "done"


@pytest.mark.parametrize("way", [one, many])
def test_a_file_is_moved_between_folders_that_are_deleted(way: Callable[..., bool]) -> None:
    """Who moves it has the file and wants the folder, who deletes has the folder and wants the file."""
    world = make_world()
    by = actor_of(world.alice)
    top = Folder.create(by, world.account, None, "Top")
    here, there = (Folder.create(by, world.account, top, name) for name in ("Here", "There"))
    file = ingestion.add(by, world.account.default_space, b"text", folder=here, name="a.txt", key="a.txt")
    has_file, has_folders = threading.Event(), threading.Event()

    def wait() -> None:
        has_file.set()
        has_folders.wait(2)

    def move() -> bool:
        with around("FOR NO KEY UPDATE", "memories_memory", after=wait):
            return way(file, by, there)

    def delete() -> int:
        has_file.wait(10)
        with around("FOR UPDATE", "memories_memory", before=has_folders.set):
            return len(remove_tree(by, top, is_recursive=True).removed)

    with ThreadPoolExecutor(2) as threads:
        moved, gone = threads.submit(move), threads.submit(delete)
        assert (moved.result(30), gone.result(30)) == (True, 3)
    assert not Folder.objects.exists()
    assert not Memory.objects.exists()
