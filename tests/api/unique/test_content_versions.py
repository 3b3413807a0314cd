"""Previews and versions of files, and what becomes of them: ingested here, elsewhere, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from memories.models import FolderAccess, FolderLevel, State
from spaces_project.kit import limits
from tests.api.unique.caller import Caller, refused, told
from tests.api.unique.files import body_of, bring, ingested, memory_of, put, read, said, upsert
from tests.api.world import World
from tests.factories import actor_of
from tests.ingesting import ingest_all


def test_a_preview_is_a_pdf(world: World, alice: Caller, to: Any) -> None:
    done = upsert(alice, body={**to, "previewPdfFileName": "x_pdfPreview"})
    assert done["previewPdfFileName"] == "x_pdfPreview"
    for wrong in (b"", b"%PD", b"MZ" * 50):
        assert refused(put(done["pdfPreviewWriteUrl"], wrong)) == (400, "BAD_REQUEST")
    assert put(done["pdfPreviewWriteUrl"], b"%PDF-1.7 ...").status_code == 201
    memory = memory_of(done)
    assert len(memory.preview) == 64
    assert memory.state == State.UPLOADING
    put(done["writeUrl"])
    kept = upsert(alice, body={**to, "fileUrl": done["readUrl"]})
    assert kept["previewPdfFileName"] == "x_pdfPreview"
    gone = bring(alice, data=b"Another text.", body=to)
    assert gone["previewPdfFileName"] is None, "it showed the file before"


def test_what_was_there_before_can_be_brought_back(world: World, alice: Caller, to: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(limits, "VERSIONS_PER_MEMORY", 2)
    versioned = {**to, "versioningEnabled": True}
    ids = {bring(alice, data=text, body=versioned)["id"] for text in (b"one", b"two", b"three", b"four")}
    (content,) = ids
    listed = told(alice.get(f"content/{content}/versions"))["data"]
    assert [(each["versionNumber"], each["byteSize"]) for each in listed] == [(3, 5), (2, 3)]
    assert {each["contentId"] for each in listed} == ids
    assert len(told(alice.get(f"content/{content}/versions?skip=1&take=1"))["data"]) == 1
    two = listed[1]["id"]
    url = told(alice.get(f"content/versions/{two}/download-url"))["url"]
    assert body_of(read(url)) == b"two"
    assert refused(put(url.replace("/read", "/upload")))[0] == 403
    back = told(alice.post(f"content/versions/{two}/restore"), 201)
    assert (back["object"], back["byteSize"], back["ingestionState"]) == ("content_info", 3, "QUEUED")
    assert memory_of(back).original == listed[1]["contentHash"]
    assert [each["reason"] for each in told(alice.get(f"content/{content}/versions"))["data"]] == [
        "RESTORED",
        "REPLACED",
    ]


def test_versions_are_read_and_restored_by_who_may(world: World, alice: Caller, bob: Caller, folder: Any) -> None:
    versioned = {"scopeId": folder.wire_id, "versioningEnabled": True}
    (content,) = {bring(alice, data=text, body=versioned)["id"] for text in (b"one", b"two")}
    (version,) = told(alice.get(f"content/{content}/versions"))["data"]
    for route in (f"content/{content}/versions", f"content/versions/{version['id']}/download-url"):
        assert refused(bob.get(route)) == (404, "NOT_FOUND")
    FolderAccess.grant(folder, world.bob, FolderLevel.READ, actor_of(world.alice))
    told(bob.get(f"content/versions/{version['id']}/download-url"))
    assert refused(bob.post(f"content/versions/{version['id']}/restore")) == (403, "FORBIDDEN")
    assert refused(bob.patch(f"content/{content}/ingestion-state", {"ingestionState": "QUEUED"})) == (403, "FORBIDDEN")
    assert refused(bob.post("content/upsert", {"input": said("x"), "scopeId": "/Docs"})) == (403, "FORBIDDEN")


def test_a_file_that_is_not_to_be_ingested(world: World, alice: Caller, to: Any) -> None:
    skip = {"uniqueIngestionMode": "SKIP_INGESTION", "hideInChat": True}
    done = bring(alice, body=to, ingestionConfig=skip)
    assert (done["ingestionState"], done["ingestionConfig"]) == ("FINISHED", skip)
    memory = memory_of(done)
    assert (memory.state, memory.text, memory.chunk_count) == (State.COMPLETED, "", 0)
    assert state_of(alice, done, "QUEUED") == 409
    assert bring(alice, body=to, ingestionConfig={})["ingestionState"] == "RE_INGESTING"
    ingest_all(world.account)
    assert bring(alice, body=to, ingestionConfig=skip)["ingestionState"] == "FINISHED"
    assert memory_of(done).chunk_count == 0
    assert not memory.chunks.exists()


@pytest.mark.thorough
def test_sheets_alone_are_skipped(world: World, alice: Caller, to: Any) -> None:
    config = {"ingestionConfig": {"uniqueIngestionMode": "SKIP_EXCEL_INGESTION"}}
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert bring(alice, "a.xlsx", body=to, mimeType=kind, **config)["ingestionState"] == "FINISHED"
    assert bring(alice, "a.txt", body=to, **config)["ingestionState"] == "QUEUED"


def state_of(by: Caller, shape: Any, word: str) -> int:
    """The status of asking for this state."""
    return int(by.patch(f"content/{shape['id']}/ingestion-state", {"ingestionState": word}).status_code)


def test_another_program_ingests_and_says_how_it_went(world: World, alice: Caller, to: Any) -> None:
    first = upsert(alice, body=to, ingestionConfig={"uniqueIngestionMode": "EXTERNAL_INGESTION"})
    assert state_of(alice, first, "FINISHED") == 409
    put(first["writeUrl"])
    upsert(alice, body={**to, "fileUrl": first["readUrl"]})
    ingest_all(world.account)
    assert memory_of(first).state == State.UPLOADING
    assert state_of(alice, first, "INGESTION_EMBEDDING") == 200
    assert state_of(alice, first, "FAILED_PARSING") == 200
    assert shown(alice, first) == "FAILED_PARSING"
    assert state_of(alice, first, "FINISHED") == 200
    assert shown(alice, first) == "FINISHED"
    assert state_of(alice, first, "QUEUED") == 200
    assert memory_of(first).state == State.COMPLETED


def shown(by: Caller, shape: Any) -> str:
    body = {"where": {"id": {"equals": shape["id"]}}, "includeFailedContent": True}
    return str(told(by.post("content/search", body))[0]["ingestionState"])


def test_states_of_what_is_ingested_here(world: World, alice: Caller, to: Any) -> None:
    waiting = upsert(alice, body=to)
    assert state_of(alice, waiting, "QUEUED") == 409
    memory = ingested(alice, world.alice, body=to)
    assert state_of(alice, waiting, "FINISHED") == 200
    for word in ("FAILED", "INGESTION_READING", "MALWARE_SCANNING"):
        assert state_of(alice, waiting, word) == 409
    for word in ("", "DONE", "FAILED_BADLY", "x" * 1000):
        assert state_of(alice, waiting, word) == 400
    assert state_of(alice, waiting, "RE_EMBEDDING") == 200
    again = memory_of(waiting)
    assert (again.state, again.generation) == (State.PENDING, memory.generation + 1)


@pytest.mark.thorough
def test_chunks_as_large_as_they_are_asked_for(world: World, alice: Caller, folder: Any, to: Any) -> None:
    text = " ".join(f"Sentence number {n} says that the ferry leaves." for n in range(40)).encode()
    few = ingested(alice, world.alice, "few.txt", text, body=to)
    many = ingested(alice, world.alice, "many.txt", text, body=to, ingestionConfig={"chunkMaxTokens": 20})
    assert many.chunk_count > few.chunk_count
    assert max(many.chunks.values_list("tokens", flat=True)) <= 20
    folder.change(actor_of(world.alice), ingestion={"chunkMaxTokens": 20})
    for number, config in enumerate((None, {"hideInChat": True}, {"chunkMaxTokens": 20})):
        made = ingested(alice, world.alice, f"{number}.txt", text, body=to, ingestionConfig=config)
        assert made.chunk_count == many.chunk_count
    own = ingested(alice, world.alice, "own.txt", text, body=to, ingestionConfig={"chunkMaxTokens": 500})
    assert own.chunk_count == 1, "sentences are together as long as they fit"
