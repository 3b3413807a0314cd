"""Folders with ten thousand files, and a thousand folders in one: paths, rules and deletion."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.db import connection

from memories.filters.uniqueql import parse
from memories.models import Folder, Memory
from memories.trees import create_paths, remove_tree
from spaces.actors import Actor
from spaces.models import AuditEntry
from tests.api.unique.caller import Caller, told
from tests.api.world import World, make_world

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
FILES, FOLDERS = 10_000, 1_000


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def fill(actor: Actor, folders: list[Folder], count: int) -> None:
    """That many files, dealt out to the folders."""
    account = folders[0].account
    space = account.default_space
    files = (
        Memory(account=account, space=space, folder=folders[n % len(folders)], name=f"File {n}", key=f"{n}.txt",
               mime_type="text/plain", state="completed")
        for n in range(count)
    )  # fmt: skip
    Memory.objects.bulk_create(files, batch_size=2_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE memories_memory")


def below(actor: Actor, folder: Folder) -> int:
    """How many files a rule finds in the folder and below it."""
    value = f"uniquepathid://{folder.wire_id}"
    rule = parse({"path": ["folderIdPath"], "operator": "contains", "value": value})
    return int(Memory.objects.ruled_by(actor.account, rule).count())


def paths_on_the_wire(alice: Caller, folder: Folder) -> set[str]:
    """folderIdPath of all files directly in the folder, as the API tells it."""
    rule = {"path": ["folderId"], "operator": "equals", "value": folder.wire_id}
    found: set[str] = set()
    for skip in range(0, FILES, 100):
        body = {"metadataFilter": rule, "skip": skip, "take": 100}
        infos = told(alice.post("content/infos", body))["contentInfos"]
        found |= {info["metadata"]["folderIdPath"] for info in infos}
        if len(infos) < 100:
            break
    return found


def test_a_folder_of_ten_thousand_files_is_moved_at_once(world: World) -> None:
    actor, alice = Actor(account=world.account, user=world.admin), world.caller(world.admin)
    top, new, year, other = create_paths(actor, ["/Top/New/2026", "/Other"])
    fill(actor, [new, year], FILES)
    assert (below(actor, top), below(actor, other)) == (FILES, 0)
    client = Caller(alice.token)
    told(client.get("folder/infos"))  # the first call of all loads the routes
    begun = time.monotonic()
    moved = told(client.post(f"folder/{new.wire_id}/move", {"newParentId": other.wire_id}))
    assert time.monotonic() - begun < 2, "no file is rewritten"
    assert (moved["asyncMetadataRebuild"], moved["affectedFiles"]) == (False, FILES)
    assert (below(actor, top), below(actor, other), below(actor, year)) == (0, FILES, FILES // 2)
    chain = f"uniquepathid://{other.wire_id}/{new.wire_id}"
    assert paths_on_the_wire(client, new) == {chain}
    assert paths_on_the_wire(client, year) == {f"{chain}/{year.wire_id}"}
    told(client.patch(f"folder/{new.wire_id}", {"parentId": None}))
    assert (below(actor, other), below(actor, new)) == (0, FILES)
    assert paths_on_the_wire(client, year) == {f"uniquepathid://{new.wire_id}/{year.wire_id}"}


def test_a_thousand_folders_go_at_once(world: World) -> None:
    actor = Actor(account=world.account, user=world.admin)
    paths = [f"/Top/{n % 10}/{n % 100}/{n}" for n in range(FOLDERS)]
    made = [*create_paths(actor, paths[: FOLDERS // 2]), *create_paths(actor, paths[FOLDERS // 2 :])]
    assert len(made) == 1 + 10 + 100 + FOLDERS
    fill(actor, made, FOLDERS)
    begun = time.monotonic()
    done = remove_tree(actor, made[0], is_recursive=True)
    assert time.monotonic() - begun < 10
    assert (len(done.removed), done.kept) == (len(made), [])
    assert not Folder.objects.exists()
    assert not Memory.objects.exists()
    entries: Any = AuditEntry.objects.filter(operation__in=("folder.delete", "memory.delete"))
    assert entries.count() == len(made) + FOLDERS
