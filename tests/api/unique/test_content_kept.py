"""What other files, late addresses and other ways in leave alone: the file that is there, its versions, its PDF."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from memories import bulk
from memories.files import by_hand, restore
from memories.models import Memory
from memories.texts import add_text, replace_text
from spaces.errors import Conflict
from spaces.models import AuditEntry
from tests.api.unique.caller import Caller, refused, told
from tests.api.unique.files import TEXT, bring, ingested, memory_of, put, upsert
from tests.api.world import World
from tests.factories import actor_of
from tests.ingesting import ingest_all

pytestmark = pytest.mark.thorough

OTHER, PDF = b"The bridge is open.", b"%PDF-1.7 the ferry"
NAMED = {"previewPdfFileName": "x_pdfPreview"}


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def with_preview(by: Caller, to: Any, data: bytes = TEXT, pdf: bytes = PDF) -> Any:
    """A file and its PDF, as the vendor's client brings them: the PDF last."""
    first = upsert(by, body=to)
    assert put(first["writeUrl"], data).status_code == 201
    done = upsert(by, body={**to, **NAMED, "fileUrl": first["readUrl"]})
    assert put(done["pdfPreviewWriteUrl"], pdf).status_code == 201
    assert memory_of(done).preview == sha(pdf)
    return done


# ------------------------------------------------------------------- texts written


def test_a_text_that_is_written_over_a_file_keeps_the_file(world: World, alice: Caller, to: Any) -> None:
    memory, by = memory_of(with_preview(alice, to)), actor_of(world.alice)
    replace_text(by, memory, "Written anew.")
    after = memory_of({"id": memory.unique_id})
    assert (after.original, after.preview, after.preview_name) == (sha(b"Written anew."), "", "")
    assert [(each.original, each.reason) for each in after.versions.all()] == [(sha(TEXT), "REPLACED")]
    replace_text(by, after, "Written anew.")
    assert after.versions.count() == 1, "the same text replaces nothing"
    ingest_all(world.account)
    assert memory_of({"id": memory.unique_id}).text == "Written anew."


def test_texts_of_spaces_have_no_versions(world: World, alice: Caller) -> None:
    memory = add_text(actor_of(world.alice), world.space(), "One.")
    replace_text(actor_of(world.alice), memory, "Two.")
    assert not memory.versions.exists()


@pytest.mark.parametrize("mode", ["SKIP_INGESTION", "EXTERNAL_INGESTION"])
@pytest.mark.every_case
def test_what_is_not_ingested_here_takes_no_text(world: World, alice: Caller, to: Any, mode: str) -> None:
    memory = memory_of(bring(alice, body=to, ingestionConfig={"uniqueIngestionMode": mode}))
    with pytest.raises(Conflict, match="ingestion configuration"):
        replace_text(actor_of(world.alice), memory, "Written anew.")
    assert memory_of({"id": memory.unique_id}).original == sha(TEXT)


# ------------------------------------------------------------------- announcements


def test_an_announcement_changes_nothing_of_a_file(world: World, alice: Caller, to: Any) -> None:
    memory = ingested(alice, world.alice, body=to, title="Ferries", metadata={"a": "1"})
    said_anew: Any = {"title": "Bridges", "description": "d", "url": "https://b.example.com", "metadata": {"a": "2"}}
    first = upsert(alice, body={**to, **NAMED}, **said_anew)
    live = memory_of(first)
    assert (live.name, live.description, live.url, live.meta, live.preview_name) == ("Ferries", "", "", {"a": "1"}, "")
    assert live.updated_at == memory.updated_at
    assert AuditEntry.objects.filter(operation="memory.announce").count() == 1
    put(first["writeUrl"], OTHER)
    done = upsert(alice, body={**to, "fileUrl": first["readUrl"], "versioningEnabled": True}, **said_anew)
    assert (done["title"], done["metadata"]["a"]) == ("Bridges", "2")
    assert [(each.name, each.original) for each in live.versions.all()] == [("Ferries", sha(TEXT))]


# ------------------------------------------------------------------------- previews


def test_a_preview_waits_for_its_file(world: World, alice: Caller, to: Any) -> None:
    content = with_preview(alice, to)
    first = upsert(alice, body={**to, **NAMED})
    put(first["writeUrl"], OTHER)
    assert put(first["pdfPreviewWriteUrl"], b"%PDF-1.7 the bridge").status_code == 201
    assert memory_of(content).preview == sha(PDF), "the file that is there is shown until the other one takes its place"
    upsert(alice, body={**to, **NAMED, "fileUrl": first["readUrl"]})
    assert memory_of(content).preview == sha(b"%PDF-1.7 the bridge")


def test_another_file_is_not_shown_as_the_one_before(world: World, alice: Caller, to: Any) -> None:
    content = with_preview(alice, to)
    first = upsert(alice, body=to)
    put(first["writeUrl"], OTHER)
    upsert(alice, body={**to, **NAMED, "fileUrl": first["readUrl"]})
    assert memory_of(content).preview == "", "its own has not come yet"


def replaced_by_program(world: World, alice: Caller, to: Any, memory: Memory) -> None:
    bring(alice, data=OTHER, body=to)


def replaced_by_hand(world: World, alice: Caller, to: Any, memory: Memory) -> None:
    by_hand.replace(actor_of(world.alice), memory, OTHER, "text/plain")


def replaced_by_text(world: World, alice: Caller, to: Any, memory: Memory) -> None:
    replace_text(actor_of(world.alice), memory, "The bridge is open.")


def restored(world: World, alice: Caller, to: Any, memory: Memory) -> None:
    restore(actor_of(world.alice), memory, memory.versions.get())


@pytest.mark.parametrize("replaced", [replaced_by_program, replaced_by_hand, replaced_by_text, restored])
@pytest.mark.every_case
def test_a_late_preview_of_another_file_is_refused(world: World, alice: Caller, to: Any, replaced: Any) -> None:
    bring(alice, data=b"The oldest.", body=to)
    first = upsert(alice, body=to)
    put(first["writeUrl"])
    late = upsert(alice, body={**to, **NAMED, "fileUrl": first["readUrl"], "versioningEnabled": True})
    replaced(world, alice, to, memory_of(late))
    answer = put(late["pdfPreviewWriteUrl"], PDF)
    assert refused(answer) == (403, "FORBIDDEN")
    assert memory_of(late).preview == ""


def test_a_file_that_was_announced_before_keeps_its_place_for_a_preview(world: World, alice: Caller, to: Any) -> None:
    """Two programs at once: what one is told is for its own file."""
    one, two = upsert(alice, body=to), upsert(alice, body=to)
    put(one["writeUrl"])
    put(two["writeUrl"], OTHER)
    shown = upsert(alice, body={**to, **NAMED, "fileUrl": one["readUrl"]})
    upsert(alice, body={**to, "fileUrl": two["readUrl"]})
    assert refused(put(shown["pdfPreviewWriteUrl"], PDF)) == (403, "FORBIDDEN")
    assert memory_of(two).preview == ""


# ---------------------------------------------------------------------------- names


def test_marks_that_turn_the_writing_are_in_no_name_of_a_file(world: World, alice: Caller, folder: Any) -> None:
    turned, by = "exe\u202efdp.pdf", actor_of(world.alice)
    with pytest.raises(ValidationError):
        by_hand.add(by, folder, turned, TEXT, name="x")
    with pytest.raises(ValidationError):
        by_hand.add(by, folder, "x", TEXT, name=turned)
    assert not Memory.objects.exists()
    content = bring(alice, body={"scopeId": folder.wire_id})["id"]
    assert refused(alice.patch(f"content/{content}", {"title": turned})) == (400, "BAD_REQUEST")
    refusal = "Its name has marks that turn the direction of writing"
    plain = add_text(by, world.space(), "One.", name=turned)
    assert refused(alice.patch(f"content/{plain.unique_id}", {"ownerId": folder.wire_id})) == (400, "BAD_REQUEST")
    told(alice.patch(f"content/{plain.unique_id}", {"description": "d"}))
    assert bulk.move_to_folder(folder).plan(memory_of({"id": plain.unique_id})) == refusal


def test_the_title_of_a_document_names_its_file_without_such_marks(world: World, folder: Any) -> None:
    page = "<html><title>exe\u202efdp.pdf</title><body>The ferry leaves.</body></html>".encode()
    by_hand.add(actor_of(world.alice), folder, "x.html", page, mime_type="text/html")
    ingest_all(world.account)
    assert Memory.objects.get().name == "exefdp.pdf"
