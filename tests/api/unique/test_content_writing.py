"""POST /content/upsert and the addresses it answers: what comes in, what is refused, and what stays as it was."""

from __future__ import annotations

from typing import Any

import pytest

from memories.models import Memory, State, Upload
from spaces.models import AuditEntry
from tests.api.unique.caller import Caller, refused, told
from tests.api.unique.files import TEXT, body_of, bring, ingested, make_folder, memory_of, put, read, upsert
from tests.api.world import World
from tests.ingesting import ingest_all, use_hashing


@pytest.fixture
def folder(world: World) -> Any:
    use_hashing(world.account)
    return make_folder(world.alice)


@pytest.fixture
def to(folder: Any) -> dict[str, Any]:
    return {"scopeId": folder.wire_id}


def test_a_file_comes_in_three_steps(world: World, alice: Caller, folder: Any, to: Any) -> None:
    first = upsert(alice, body={**to, "chatId": None}, ingestionConfig=None, metadata={"year": "2024"})
    assert (first["object"], first["ingestionState"], first["ownerType"]) == ("content", "QUEUED", "SCOPE")
    assert (first["ownerId"], first["byteSize"], first["title"]) == (folder.wire_id, 0, "ferry.txt")
    assert first["metadata"]["year"] == "2024"
    assert first["metadata"]["folderIdPath"] == f"uniquepathid://{folder.wire_id}"
    assert first["writeUrl"].startswith("http://testserver/public/chat-gen2/ingestion/upload?key=")
    assert first["pdfPreviewWriteUrl"] is None
    assert refused(read(first["readUrl"])) == (404, "NOT_FOUND")
    assert put(first["writeUrl"], x_ms_blob_type="BlockBlob").status_code == 201
    assert memory_of(first).state == State.UPLOADING
    done = upsert(alice, body={**to, "fileUrl": first["readUrl"]}, byteSize=len(TEXT), metadata={"year": "2024"})
    assert (done["id"], done["byteSize"], done["ingestionState"]) == (first["id"], len(TEXT), "QUEUED")
    ingest_all(world.account)
    memory = memory_of(first)
    assert (memory.state, memory.text, memory.chunk_count) == (State.COMPLETED, TEXT.decode(), 1)
    assert memory.space.is_default
    assert Memory.objects.count() == 1
    entries = AuditEntry.objects.filter(object_type="memory").order_by("id").values_list("operation", flat=True)
    assert list(entries) == ["memory.create", "memory.update"]


def test_a_file_is_given_back(world: World, alice: Caller, to: Any) -> None:
    memory = ingested(alice, world.alice, body=to)
    answer = alice.get(f"content/{memory.unique_id}/file")
    assert (answer.status_code, body_of(answer)) == (200, TEXT)
    assert answer["Content-Disposition"] == "attachment; filename=\"ferry.txt\"; filename*=UTF-8''ferry.txt"
    assert (answer["X-Content-Type-Options"], answer["Content-Type"]) == ("nosniff", "text/plain")
    part = alice.get(f"content/{memory.unique_id}/file", range="bytes=4-8")
    assert (part.status_code, body_of(part), part["Content-Range"]) == (206, b"ferry", f"bytes 4-8/{len(TEXT)}")
    assert refused(alice.get(f"content/{memory.unique_id}/file", range="bytes=900-")) == (416, "RANGE_NOT_SATISFIABLE")
    assert refused(alice.get(f"content/{memory.unique_id}/file", if_match='"x"')) == (412, "PRECONDITION_FAILED")


def test_the_addresses_of_a_file(world: World, alice: Caller, to: Any) -> None:
    done = bring(alice, body=to)
    got = read(done["readUrl"])
    assert (got.status_code, body_of(got)) == (200, TEXT)
    assert got["Content-Disposition"].startswith("attachment; ")
    assert "sandbox" in got["Content-Security-Policy"]
    assert "no-store" in got["Cache-Control"] or "no-cache" in got["Cache-Control"]
    assert refused(put(done["writeUrl"])) == (409, "CONFLICT")
    assert refused(put(done["readUrl"].replace("/read", "/upload"))) == (403, "FORBIDDEN")
    assert refused(read(done["writeUrl"].replace("/upload", "/read"))) == (403, "FORBIDDEN")
    assert Upload.objects.count() == 1
    told(alice.delete(f"content/{done['id']}"))
    assert refused(read(done["readUrl"])) == (404, "NOT_FOUND")
