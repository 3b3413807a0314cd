"""Folders ticked among files: they move, are deleted and exported with everything in them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from memories.models import Folder, Memory
from spaces.models import AuditEntry
from spaces_project.kit import limits
from tests.pages.folders import HTMX, Files, at, names

pytestmark = pytest.mark.django_db


def confirm(client: Client, name: str, **chosen: Any) -> str:
    response = client.post(reverse("file_bulk_confirm", args=[name]), chosen)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def run(client: Client, name: str, **chosen: Any) -> tuple[int, str]:
    response = client.post(reverse("file_bulk_run", args=[name]), chosen, follow=True)
    return response.status_code, response.content.decode()


def ticked(*folders: Folder, files: Any = ()) -> dict[str, Any]:
    return {"folders": [str(folder.pk) for folder in folders], "ids": [str(file.pk) for file in files]}


def test_folders_have_a_box_as_files_have(files: Files) -> None:
    page = files.world.client(files.world.alice).get(at("folder_detail", files.contracts), headers=HTMX)
    boxes = re.findall(r'type="checkbox" name="(\w+)" value="[^"]+" aria-label="([^"]+)"', page.content.decode())
    assert boxes == [
        ("folders", "Select the folder 2026"),
        ("folders", "Select the folder Secret"),
        ("ids", "Select a.txt"),
        ("ids", "Select b.md"),
    ]


def test_a_deletion_counts_what_goes_and_takes_it(files: Files) -> None:
    """A folder inside a ticked one, and a file in it, are not counted twice."""
    alice, account = files.world.client(files.world.alice), files.world.account
    chosen = ticked(files.contracts, files.year, files=[files.named("a.txt"), files.named("terms.txt")])
    asked = confirm(alice, "delete", **chosen)
    assert "Delete 1 folder? " in asked
    assert re.search(r"Folders in them 2 .*Files in them 4 .*Chunks 4 ", asked)
    assert run(alice, "delete", **chosen, expected="3")[0] == 409
    assert Folder.objects.of(account).count() == 4
    status, said = run(alice, "delete", **chosen, expected="7")
    assert (status, "1 of 1 folder done" in said, "Deleted, with everything in it" in said) == (200, True, True)
    assert list(Folder.objects.of(account).values_list("name", flat=True)) == ["Sales"]
    assert not Memory.objects.of(account).filter(folder__isnull=False).exists()
    assert AuditEntry.objects.of(account).filter(operation="folder.delete").count() == 3
    assert AuditEntry.objects.of(account).filter(operation="memory.delete").count() == 4


def test_what_many_go_with_is_typed(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UNTYPED_DELETIONS", 2)
    alice, chosen = files.world.client(files.world.alice), {**ticked(files.contracts), "expected": "7"}
    assert "Type 7, all folders and files together" in confirm(alice, "delete", **chosen)
    status, said = run(alice, "delete", **chosen)
    assert (status, "Type 7 to confirm" in said) == (422, True)
    assert run(alice, "delete", **chosen, typed="7")[0] == 200
    assert not Folder.objects.filter(pk=files.contracts.pk).exists()


def test_folders_and_files_move_together_and_each_says_what_became_of_it(files: Files) -> None:
    alice = files.world.client(files.world.alice)
    chosen = ticked(files.contracts, files.sales, files=[files.named("terms.txt")])
    assert "Move 2 folders?" in confirm(alice, "move", **chosen)
    into = files.folder("Archive")
    files.folder("Sales", into)
    status, said = run(alice, "move", **chosen, folder=str(into.pk), expected="2")
    assert (status, "1 of 2 folders done" in said, "exists" in said) == (200, True, True)
    assert "with everything in it" in said
    assert names(alice, into) == ["Contracts", "Sales"]
    assert Folder.objects.get(pk=files.year.pk).path[0] == into.pk
    assert files.named("terms.txt").folder_id == files.year.pk
    both = ticked(files.sales, files=[files.named("a.txt")])
    status, said = run(alice, "move", **both, folder=str(files.year.pk), expected="2")
    assert (status, "2 of 2 folders and files done" in said) == (200, True)
    assert names(alice, files.year) == ["Sales", "a.txt", "terms.txt"]


def test_a_folder_moves_to_the_top_but_not_into_itself(files: Files) -> None:
    alice = files.world.client(files.world.alice)
    status, said = run(alice, "move", **ticked(files.year), folder="top", expected="1")
    assert (status, "Moved to the top of the tree" in said) == (200, True)
    assert Folder.objects.get(pk=files.year.pk).parent_id is None
    status, said = run(alice, "move", **ticked(files.contracts), folder=str(files.secret.pk), expected="1")
    assert (status, "into itself" in said, Folder.objects.get(pk=files.contracts.pk).parent_id) == (200, True, None)
    form = alice.post(reverse("file_bulk_confirm", args=["move"]), ticked(files.contracts)).content.decode()
    assert re.findall(r"<option[^>]*>([^<]*)</option>", form) == ["Choose…", "The top of the tree", "2026", "Sales"]


def test_nobody_takes_folders_that_are_not_his(files: Files) -> None:
    """Bob manages Contracts, and not Secret in it; mallory is in another account."""
    bob = files.let(files.world.bob, files.contracts, "MANAGE")
    asked = confirm(bob, "delete", **ticked(files.contracts))
    assert "1 of them you may not delete" in asked
    assert "Files in them" not in asked
    status, said = run(bob, "delete", **ticked(files.contracts), expected="1")
    assert (status, "0 of 1 folder done" in said, "It holds folders that you may not delete" in said) == (
        200,
        True,
        True,
    )
    ann, bob = files.world.client(files.world.ann), files.let(files.world.bob, files.sales, "READ")
    for name, words in (("delete", "You may not delete this folder"), ("move", "You may not move this folder")):
        given = {**ticked(files.sales), "expected": "1", "folder": str(files.contracts.pk)}
        assert words in run(bob, name, **given)[1]
    assert run(ann, "delete", **ticked(files.sales), expected="1")[1].count("You may not") == 1
    mallory = files.world.client(files.world.mallory)
    assert (
        "Nothing is selected"
        in mallory.post(reverse("file_bulk_confirm", args=["delete"]), ticked(files.sales)).content.decode()
    )
    assert Folder.objects.of(files.world.account).count() == 4


def test_an_export_of_folders_has_all_files_under_them(files: Files) -> None:
    alice = files.world.client(files.world.alice)

    def exported(client: Client, **chosen: Any) -> list[str]:
        back = client.post(reverse("file_bulk_export"), {**chosen, "format": "json"})
        sent: Any = client.get(back["Location"])
        found = json.loads(b"".join(sent.streaming_content))["items"]
        return sorted(row["name"] for row in found)

    assert exported(alice, **ticked(files.contracts)) == ["a.txt", "b.md", "hidden.txt", "terms.txt"]
    assert exported(alice, **ticked(files.year, files=[files.named("b.md")])) == ["b.md", "terms.txt"]
    assert exported(alice, **ticked(files.year), all="1", query=f"folder={files.contracts.pk}&q=beech") == [
        "b.md",
        "terms.txt",
    ]
    bob = files.let(files.world.bob, files.contracts, "READ")
    assert exported(bob, **ticked(files.contracts)) == ["a.txt", "b.md", "terms.txt"]


def generations(files: Files) -> Any:
    return Memory.objects.of(files.world.account).values_list("name", "generation")


def test_files_of_ticked_folders_are_ingested_again(files: Files) -> None:
    alice = files.world.client(files.world.alice)
    chosen, before = ticked(files.year, files=[files.named("b.md")]), dict(generations(files))
    assert "Ingest again 2 files?" in confirm(alice, "again", **chosen)
    status, said = run(alice, "again", **chosen, expected="2")
    assert (status, "2 of 2 files done" in said) == (200, True)
    assert {name for name, _ in set(generations(files)) - set(before.items())} == {"b.md", "terms.txt"}
