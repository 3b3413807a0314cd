"""The browser of folders: alice made it, bob was let in, ann reads everything, mallory is in another account."""

from __future__ import annotations

import html
import json
import re
from copy import deepcopy
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from memories import ingestion
from memories.files import by_hand
from memories.models import Builtin, Embedder, Folder, FolderAccess, Memory, MemoryVersion
from spaces.models import AuditEntry
from spaces_project.kit import limits
from tests.factories import actor_of
from tests.pages.world import World

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def put(world: World, folder: Folder, name: str, text: str = "Oak is oiled twice a year.", **fields: Any) -> Memory:
    """A file of alice's, ingested."""
    fields.setdefault("mime_type", "text/plain")
    memory = by_hand.add(actor_of(world.alice), folder, name, text.encode(), name=name, **fields)
    ingestion.ingest(memory.account_id, memory.pk, memory.generation)
    return Memory.objects.get(pk=memory.pk)


class Files:
    """/Contracts (a.txt, b.md), /Contracts/2026 (terms.txt), /Contracts/Secret with access of its own, /Sales."""

    def __init__(self, world: World) -> None:
        self.world = world
        Embedder.default_of(world.account)
        Embedder.objects.of(world.account).get(builtin=Builtin.HASHING).make_default(actor_of(world.admin))
        self.contracts, self.sales = self.folder("Contracts"), self.folder("Sales")
        self.year = self.folder("2026", self.contracts)
        self.secret = self.folder("Secret", self.contracts, inherits_access=False)
        put(world, self.contracts, "a.txt")
        put(world, self.contracts, "b.md", "# Beech\n\nBeech is waxed.", mime_type="text/markdown")
        put(world, self.year, "terms.txt", "The frame is covered for five years.")
        put(world, self.secret, "hidden.txt", "Frame contract with the supplier.")

    def folder(self, name: str, parent: Folder | None = None, **fields: Any) -> Folder:
        return Folder.create(actor_of(self.world.alice), self.world.account, parent, name, **fields)

    def let(self, user: Any, folder: Folder, level: str) -> Client:
        FolderAccess.grant(folder, user, level, actor_of(self.world.admin))
        return self.world.client(user)

    def named(self, name: str) -> Memory:
        return Memory.objects.of(self.world.account).get(name=name)


@pytest.fixture(scope="module")
def _kept_files(_kept_world: World, django_db_blocker: Any) -> Any:
    from tests.kept import kept

    with kept(django_db_blocker, lambda: Files(deepcopy(_kept_world))) as files:
        yield files


@pytest.fixture
def files(_kept_files: Files, db: None) -> Files:
    return deepcopy(_kept_files)


def at(name: str, thing: Any = None, *more: Any) -> str:
    return reverse(name, args=[thing.pk, *more] if thing is not None else [])


def names(client: Client, folder: Folder | None = None, query: str = "") -> list[str]:
    """The rows of the list, as they stand."""
    address = at("folder_detail", folder) if folder else at("file_list")
    response = client.get(f"{address}?{query}", headers=HTMX)
    assert response.status_code == 200
    text = response.content.decode()
    return [html.unescape(name) for name in re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', text)]


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


def test_the_tree_opens_on_the_way_and_unfolds(files: Files) -> None:
    alice = files.world.client(files.world.alice)
    page = alice.get(at("folder_detail", files.year)).content.decode()
    tree = page[page.index('aria-label="Folders"') : page.index("</nav>", page.index('aria-label="Folders"'))]
    assert re.findall(r'<span class="cut">([^<]+)', tree) == ["2026", "Secret", "Contracts", "Sales"]
    assert re.search(r'aria-current="page"[^>]*>.*?2026', tree)
    part = alice.get(at("folder_tree", files.contracts), headers=HTMX).content.decode()
    assert re.findall(r'<span class="cut">([^<]+)', part) == ["2026", "Secret"]


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


# ---------------------------------------------------------------------- upload


def upload(client: Client, folder: Folder, *sent: tuple[str, bytes], **headers: str) -> Any:
    data = {"files": [SimpleUploadedFile(name, content) for name, content in sent]}
    return client.post(at("folder_upload", folder), data, headers=headers or None)


def test_files_go_into_the_folder_and_each_says_what_is_wrong_with_it(files: Files) -> None:
    alice = files.world.client(files.world.alice)
    sent = upload(
        alice, files.contracts, ("new.txt", b"Ash"), ("a.txt", b"Again"), ("empty.txt", b""), accept="application/json"
    )
    said = {each["name"]: each.get("error", "added") for each in sent.json()["files"]}
    assert said == {
        "new.txt": "added",
        "a.txt": "A file with this name is in the folder already. Open it there to replace it.",
        "empty.txt": "The file is empty.",
    }
    new = files.named("new.txt")
    assert (new.folder_id, new.key, new.mime_type) == (files.contracts.pk, "new.txt", "text/plain")
    assert new.space == files.world.account.default_space
    again = upload(alice, files.contracts, ("a.txt", b"Again"))
    assert (again.status_code, "already" in again.content.decode()) == (422, True)
    assert upload(alice, files.contracts).status_code == 422
    plain = upload(alice, files.year, ("a.txt", b"Another folder"))
    assert (plain.status_code, plain.url) == (302, at("folder_detail", files.year))


def test_a_folder_may_keep_files_without_ingesting_them(files: Files) -> None:
    Folder.objects.filter(pk=files.sales.pk).update(ingestion={"uniqueIngestionMode": "SKIP_INGESTION"})
    upload(files.world.client(files.world.alice), files.sales, ("kept.txt", b"Ash"))
    kept = files.named("kept.txt")
    assert (kept.state, kept.chunk_count) == ("completed", 0)


# ------------------------------------------------------------------------ bulk


def test_ticked_files_are_moved_and_what_cannot_be_says_why(files: Files) -> None:
    alice = files.world.client(files.world.alice)
    put(files.world, files.year, "a.txt", "Another")
    chosen = {"ids": [str(files.named("b.md").pk), str(Memory.objects.get(folder=files.contracts, key="a.txt").pk)]}
    asked = alice.post(reverse("file_bulk_confirm", args=["move"]), chosen)
    assert "Move 2 files?" in asked.content.decode()
    run = alice.post(
        reverse("file_bulk_run", args=["move"]), {**chosen, "folder": str(files.year.pk), "expected": "2"}, follow=True
    ).content.decode()
    assert "1 of 2 files done" in run
    assert "A file with this key exists in the folder" in run
    moved = files.named("b.md")
    assert moved.folder_id == files.year.pk
    entry = AuditEntry.objects.of(files.world.account).about(moved.pk).newest_first().first()
    assert entry.changes == {"folder": [str(files.contracts.pk), str(files.year.pk)]}


def test_all_that_match_are_deleted_after_asking(files: Files) -> None:
    alice = files.world.client(files.world.alice)
    chosen = {"all": "1", "query": f"folder={files.contracts.pk}&q=frame"}
    asked = alice.post(reverse("file_bulk_confirm", args=["delete"]), chosen).content.decode()
    assert "Delete 2 files?" in asked
    run = alice.post(reverse("file_bulk_run", args=["delete"]), {**chosen, "expected": "2"}, follow=True)
    assert "2 of 2 files done" in run.content.decode()
    assert names(alice, files.contracts) == ["2026", "Secret", "a.txt", "b.md"]
    assert names(alice, files.year) == []


def test_nobody_moves_what_he_may_only_read(files: Files) -> None:
    bob = files.let(files.world.bob, files.contracts, "READ")
    files.let(files.world.bob, files.sales, "WRITE")
    data = {"ids": [str(files.named("b.md").pk)], "folder": str(files.sales.pk), "expected": "1"}
    run = bob.post(reverse("file_bulk_run", args=["move"]), data, follow=True).content.decode()
    assert "You may not change this memory" in run
    assert files.named("b.md").folder_id == files.contracts.pk


def test_exports_have_the_rows_of_the_list_with_their_folders(files: Files) -> None:
    alice = files.world.client(files.world.alice)
    back = alice.post(
        reverse("file_bulk_export"), {"all": "1", "query": f"folder={files.contracts.pk}", "format": "csv"}
    )
    assert back.url == f"/files/export.csv?folder={files.contracts.pk}"

    def rows(client: Client, query: str) -> dict[str, str]:
        sent = client.get(f"/files/export.json?{query}")
        assert sent.status_code == 200
        found = json.loads(b"".join(sent.streaming_content))["items"]
        return {each["name"]: each["folder_path"] for each in found}

    assert rows(alice, f"folder={files.contracts.pk}") == {"a.txt": "/Contracts", "b.md": "/Contracts"}
    assert rows(alice, "q=frame") == {"terms.txt": "/Contracts/2026", "hidden.txt": "/Contracts/Secret"}
    bob = files.let(files.world.bob, files.year, "READ")
    assert rows(bob, "") == {"terms.txt": "/2026"}
    assert rows(files.world.client(files.world.mallory), f"folder={files.contracts.pk}") == {}


def test_a_spreadsheet_reads_a_folder_through_a_link(files: Files) -> None:
    alice = files.world.client(files.world.alice)
    made = alice.post(
        f"/settings/export-links/new/?list=files&folder={files.year.pk}", {"name": "Terms", "days": "9"}, follow=True
    )
    address = min(re.findall(r'http://testserver/links/[^"<\s&]+', made.content.decode()), key=len)
    sent = Client().get(html.unescape(address))
    assert b'"terms.txt"' in b"".join(sent.streaming_content)


# -------------------------------------------------------- the page of one file


def test_the_page_of_a_file_leads_to_its_folder(files: Files) -> None:
    alice = files.world.client(files.world.alice)
    memory = files.named("terms.txt")
    page = alice.get(at("memory_detail", memory)).content.decode()
    crumbs = page[page.index('aria-label="Breadcrumb"') : page.index("</nav>", page.index('aria-label="Breadcrumb"'))]
    assert re.findall(r">([^<]+)</a>", crumbs) == ["Files", "Contracts", "2026"]
    moved = alice.post(at("memory_move_to_folder", memory), {"folder": str(files.sales.pk)})
    assert (moved.status_code, files.named("terms.txt").folder_id) == (302, files.sales.pk)
    put(files.world, files.year, "a.txt", "Another")
    taken = alice.post(at("memory_move_to_folder", files.named("b.md")), {"folder": "nonsense"})
    assert taken.status_code == 422
    gone = alice.post(at("memory_delete", memory))
    assert gone.url == at("folder_detail", files.sales)


def test_a_file_is_replaced_and_brought_back(files: Files) -> None:
    alice = files.world.client(files.world.alice)
    memory = files.named("a.txt")
    before = memory.original
    new = SimpleUploadedFile("a2.md", b"# Oak\n\nOnce a year.")
    assert alice.post(at("memory_replace", memory), {"files": [new]}).status_code == 302
    memory.refresh_from_db()
    version = MemoryVersion.objects.of(files.world.account).get(memory=memory)
    assert (version.original, version.number, memory.mime_type) == (before, 1, "text/markdown")
    assert (memory.key, memory.state) == ("a.txt", "pending")
    page = alice.get(at("memory_versions", memory)).content.decode()
    assert re.search(r'<th scope="row">2 <span class="badge accent">Now', page)
    assert (
        b"".join(alice.get(at("memory_version", memory, version.pk)).streaming_content) == b"Oak is oiled twice a year."
    )
    assert "Restore version 1" in alice.get(at("memory_version_restore_confirm", memory, version.pk)).content.decode()
    assert alice.post(at("memory_version_restore", memory, version.pk)).status_code == 302
    assert Memory.objects.get(pk=memory.pk).original == before
    assert MemoryVersion.objects.of(files.world.account).filter(memory=memory).count() == 2
    assert ">3</a>" in alice.get(at("folder_detail", files.contracts)).content.decode()
    bob = files.let(files.world.bob, files.contracts, "READ")
    assert bob.get(at("memory_versions", memory)).status_code == 200
    assert bob.post(at("memory_version_restore", memory, version.pk)).status_code == 403
    assert bob.post(at("memory_replace", memory), {"files": [new]}).status_code == 403
    assert alice.post(at("memory_replace", memory)).status_code == 422


def test_only_a_pdf_is_shown_and_it_may_do_nothing(files: Files) -> None:
    alice = files.world.client(files.world.alice)
    terms = put(files.world, files.sales, "terms.pdf", "%PDF-1.4 not much of one", mime_type="application/pdf")
    fake = put(files.world, files.sales, "fake.pdf", "<script>alert(1)</script>", mime_type="application/pdf")
    shown = alice.get(at("memory_preview", terms))
    assert b"".join(shown.streaming_content) == b"%PDF-1.4 not much of one"
    assert (shown["Content-Type"], shown["Content-Disposition"]) == ("application/pdf", "inline")
    assert "default-src 'none'" in shown["Content-Security-Policy"]
    assert alice.get(at("memory_preview", fake)).status_code == 404
    assert alice.get(at("memory_preview", files.named("a.txt"))).status_code == 404
    assert files.world.client(files.world.bob).get(at("memory_preview", terms)).status_code == 404
