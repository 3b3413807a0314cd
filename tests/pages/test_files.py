"""The browser of folders: what one sees, makes, moves and deletes, and who may use it."""

from __future__ import annotations

import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from memories.models import Folder, FolderAccess, Memory
from spaces.models import AuditEntry
from spaces_project.kit import limits
from tests.pages.folders import HTMX, Files, at, names, put

pytestmark = pytest.mark.django_db


# --------------------------------------------------------------------- browse


def test_folders_come_before_files_and_searches_go_below(files: Files) -> None:
    alice = files.world.client(files.world.alice)
    assert names(alice) == ["Contracts", "Sales"]
    assert names(alice, files.contracts) == ["2026", "Secret", "a.txt", "b.md"]
    assert names(alice, files.contracts, "sort=-name") == ["2026", "Secret", "b.md", "a.txt"]
    assert names(alice, files.contracts, "q=frame") == ["hidden.txt", "terms.txt"]
    assert names(alice, files.contracts, "q=2026") == ["2026"]
    assert names(alice, files.contracts, "type=markdown") == ["b.md"]
    assert names(alice, files.year, "state=failed") == []
    assert names(alice, None, "q=oak") == ["a.txt"]
    assert names(alice, files.contracts, "below=yes") == ["a.txt", "b.md", "hidden.txt", "terms.txt"]


def test_each_sees_what_he_may_read(files: Files) -> None:
    world = files.world
    assert names(world.client(world.ann), files.contracts) == ["2026", "Secret", "a.txt", "b.md"]
    assert names(world.client(world.bob)) == []
    bob = files.let(world.bob, files.contracts, "READ")
    assert names(bob) == ["Contracts"]
    assert names(bob, files.contracts) == ["2026", "a.txt", "b.md"]
    assert names(bob, None, "q=frame") == ["terms.txt"]
    assert bob.get(at("folder_detail", files.secret)).status_code == 404
    page = bob.get(at("folder_detail", files.contracts)).content.decode()
    assert "Secret" not in page
    assert not re.search(r"data-upload|folder_settings|New folder", page)
    assert world.client(world.mallory).get(at("folder_detail", files.contracts)).status_code == 404


def test_a_folder_inside_a_hidden_one_stands_at_the_top_and_tells_nothing_of_it(files: Files) -> None:
    bob = files.let(files.world.bob, files.year, "READ")
    assert names(bob) == ["2026"]
    page = bob.get(at("folder_detail", files.year)).content.decode()
    assert "terms.txt" in page
    assert "Contracts" not in page


@pytest.mark.thorough
def test_the_tree_opens_on_the_way_and_unfolds(files: Files) -> None:
    alice = files.world.client(files.world.alice)
    page = alice.get(at("folder_detail", files.year)).content.decode()
    tree = page[page.index('aria-label="Folders"') : page.index("</nav>", page.index('aria-label="Folders"'))]
    assert re.findall(r'<span class="cut">([^<]+)', tree) == ["2026", "Secret", "Contracts", "Sales"]
    assert re.search(r'aria-current="page"[^>]*>.*?2026', tree)
    part = alice.get(at("folder_tree", files.contracts), headers=HTMX).content.decode()
    assert re.findall(r'<span class="cut">([^<]+)', part) == ["2026", "Secret"]


@pytest.mark.thorough
def test_the_list_takes_a_fixed_number_of_queries(files: Files) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(f"{at('folder_detail', files.contracts)}?q=e").status_code == 200
        return len(found)

    client = files.world.client(files.world.admin)
    for number in range(4):
        if number == 1:
            queries()
            first = queries()
        put(files.world, files.folder(f"e {number}", files.contracts), f"e {number}.txt", "Every one")
    assert queries() == first


def test_a_folder_of_many_files_turns_its_pages(files: Files) -> None:
    alice = files.world.client(files.world.alice)
    space = files.world.account.default_space
    Memory.objects.bulk_create(
        Memory(
            account=files.world.account, space=space, folder=files.sales, name=f"{n:04}", key=f"{n}", state="completed"
        )
        for n in range(120)
    )
    seen, query = [], ""
    for _ in range(3):
        page = alice.get(f"{at('folder_detail', files.sales)}?{query}", headers=HTMX).content.decode()
        seen += re.findall(r'<th scope="row"><a [^>]*>(\d{4})</a>', page)
        query = html.unescape(link[1]) if (link := re.search(r'href="\?([^"]+)"[^>]*rel="next"', page)) else ""
    assert seen == [f"{n:04}" for n in range(120)]
    assert "101\N{EN DASH}120 of 120 files" in page


# ---------------------------------------------------------------------- change


def test_a_folder_is_made_renamed_and_moved(files: Files) -> None:
    alice = files.world.client(files.world.alice)
    made = alice.post(at("folder_create_in", files.contracts), {"name": "2027"})
    folder = Folder.objects.of(files.world.account).get(name="2027")
    assert (made.status_code, made.url, folder.parent_id) == (302, at("folder_detail", folder), files.contracts.pk)
    taken = alice.post(at("folder_create_in", files.contracts), {"name": "2027"})
    assert (taken.status_code, "exists there" in taken.content.decode()) == (422, True)
    assert alice.post(at("folder_rename", folder), {"name": "2028"}).status_code == 302
    assert alice.post(at("folder_rename", folder), {"name": "a/b"}).status_code == 422
    assert alice.post(at("folder_move", folder), {"to": str(files.sales.pk)}).status_code == 302
    folder.refresh_from_db()
    assert (folder.name, folder.parent_id, folder.path) == ("2028", files.sales.pk, [files.sales.pk, folder.pk])
    assert alice.post(at("folder_move", folder), {"to": "top"}).status_code == 302
    assert Folder.objects.get(pk=folder.pk).parent_id is None
    said = AuditEntry.objects.of(files.world.account).about(folder.pk).values_list("operation", flat=True)
    assert sorted(said) == ["folder.create", *["folder.update"] * 3]


def test_a_folder_cannot_be_put_into_itself(files: Files) -> None:
    alice = files.world.client(files.world.alice)
    refused = alice.post(at("folder_move", files.contracts), {"to": str(files.year.pk)})
    assert (refused.status_code, "into itself" in refused.content.decode()) == (422, True)
    assert Folder.objects.get(pk=files.contracts.pk).parent_id is None


def test_who_may_only_read_changes_nothing(files: Files) -> None:
    bob = files.let(files.world.bob, files.contracts, "READ")
    before = AuditEntry.objects.count()
    for name in ("create_in", "rename", "move", "delete", "upload", "grant", "inherit", "separate"):
        assert bob.post(at(f"folder_{name}", files.contracts), {"name": "x"}).status_code == 403, name
    assert bob.get(at("folder_settings", files.contracts)).status_code == 403
    assert AuditEntry.objects.count() == before


@pytest.mark.thorough
def test_who_may_write_adds_and_does_not_manage(files: Files) -> None:
    bob = files.let(files.world.bob, files.contracts, "WRITE")
    assert bob.post(at("folder_create_in", files.contracts), {"name": "Bob's"}).status_code == 302
    assert bob.post(at("folder_rename", files.contracts), {"name": "x"}).status_code == 403
    refused = bob.post(at("memory_move_to_folder", files.named("a.txt")), {"folder": str(files.sales.pk)})
    assert (refused.status_code, "no such folder" in refused.content.decode()) == (422, True)


def test_deleting_says_what_goes_and_many_are_typed(files: Files) -> None:
    alice = files.world.client(files.world.alice)
    page = alice.get(at("folder_delete_confirm", files.contracts)).content.decode()
    assert re.search(r"<dt>Folders in it</dt><dd>2</dd><dt>Files</dt><dd>4</dd>", page)
    space = files.world.account.default_space
    Memory.objects.bulk_create(
        Memory(account=files.world.account, space=space, folder=files.year, key=f"{n}")
        for n in range(limits.UNTYPED_DELETIONS)
    )
    assert alice.post(at("folder_delete", files.contracts)).status_code == 422
    assert Folder.objects.filter(pk=files.contracts.pk).exists()
    gone = alice.post(at("folder_delete", files.contracts), {"typed": "Contracts"})
    assert (gone.status_code, gone.url) == (302, "/files/")
    assert not Memory.objects.filter(folder__isnull=False, account=files.world.account).exists()


def test_nobody_deletes_a_folder_with_one_in_it_that_is_not_his(files: Files) -> None:
    bob = files.let(files.world.bob, files.contracts, "MANAGE")
    page = bob.get(at("folder_delete_confirm", files.contracts)).content.decode()
    assert "1 folder in it is not yours to delete" in page
    assert bob.post(at("folder_delete", files.contracts)).status_code == 403
    assert Folder.objects.filter(pk=files.secret.pk).exists()


def test_access_is_given_taken_and_made_its_own(files: Files) -> None:
    world = files.world
    alice = world.client(world.alice)
    given = alice.post(at("folder_grant", files.contracts), {"holder": f"user:{world.bob.pk}", "level": "WRITE"})
    assert given.status_code == 302
    assert "bob" in alice.get(at("folder_access", files.contracts)).content.decode()
    below = alice.get(at("folder_access", files.year)).content.decode()
    assert re.search(r"From the folders above.*bob", below, re.S)
    bob = world.client(world.bob)
    assert bob.get(at("folder_detail", files.year)).status_code == 200
    assert alice.post(at("folder_separate", files.year)).status_code == 302
    assert bob.get(at("folder_detail", files.year)).status_code == 404
    assert alice.get(at("folder_detail", files.year)).status_code == 200
    assert alice.post(at("folder_inherit", files.year)).status_code == 302
    grant = FolderAccess.objects.of(world.account).get(folder=files.contracts, user=world.bob)
    assert alice.post(at("folder_revoke", files.contracts, grant.pk)).status_code == 302
    assert bob.get(at("folder_detail", files.year)).status_code == 404
    history = alice.get(at("folder_history", files.year)).content.decode()
    assert "took the access from above away from" in history


def test_the_other_tabs_are_there(files: Files) -> None:
    alice = files.world.client(files.world.alice)
    page = alice.get(at("folder_api", files.year)).content.decode()
    assert html.unescape(page).count(files.year.wire_id) >= 4
    assert "parent: Contracts" in alice.get(at("folder_history", files.year)).content.decode()
    assert "created this folder" in re.sub(r"\s+", " ", alice.get(at("folder_history", files.year)).content.decode())
