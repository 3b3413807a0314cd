"""Files in folders: how they come in, what is done with many, exports, versions, and the page of one."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from memories.models import Folder, Memory, MemoryVersion
from spaces.models import AuditEntry
from tests.factories import actor_of
from tests.pages.folders import Files, at, names, put

pytestmark = pytest.mark.django_db


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


@pytest.mark.thorough
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


@pytest.mark.thorough
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


@pytest.mark.thorough
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


def test_the_navigation_shows_where_a_file_lies(files: Files) -> None:
    """Every page of one in a folder is one of the files; of one in no folder, of the memories."""
    alice, memory = files.world.client(files.world.alice), files.named("a.txt")
    plain = Memory.create(actor_of(files.world.alice), files.world.space, name="Plain")

    def place(name: str, thing: Memory) -> list[str]:
        page = alice.get(at(name, thing)).content.decode()
        menu = page[page.index('<aside class="sidebar"') : page.index("</aside>")]
        return re.findall(r'aria-current="page"><svg.*?</svg> ([^<]+)</a>', menu)

    for name in ("memory_detail", "memory_settings", "memory_versions", "memory_history", "memory_delete_confirm"):
        assert place(name, memory) == ["Files"], name
        assert place(name, plain) == ["Memories"], name
