"""POST /content/upsert and the addresses it answers: what comes in, what is refused, and what stays as it was."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any
from urllib.parse import unquote

import pytest
from django.utils import timezone

from memories import ingestion
from memories.jobs import remove_expired_memories
from memories.models import FolderAccess, FolderLevel, Memory, State, Upload
from spaces.models import AuditEntry, SpaceAccess
from spaces_project.kit import limits
from tests.api.unique.caller import Caller, refused, space_id, told
from tests.api.unique.files import TEXT, body_of, bring, ingested, make_folder, memory_of, put, read, said, upsert
from tests.api.world import World
from tests.factories import actor_of, make_key
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
    assert got["Cache-Control"] == "private, no-store"
    assert refused(put(done["writeUrl"])) == (409, "CONFLICT")
    assert refused(put(done["readUrl"].replace("/read", "/upload"))) == (403, "FORBIDDEN")
    assert refused(read(done["writeUrl"].replace("/upload", "/read"))) == (403, "FORBIDDEN")
    assert Upload.objects.count() == 1
    told(alice.delete(f"content/{done['id']}"))
    assert refused(read(done["readUrl"])) == (404, "NOT_FOUND")


# ------------------------------------------------------------------- the same key


def test_the_same_key_in_the_same_place_is_the_same_content(world: World, alice: Caller, folder: Any, to: Any) -> None:
    first = ingested(alice, world.alice, body=to, metadata={"a": "1", "b": "2"})
    again = upsert(alice, body=to, title="Ferries", description="d", metadata={"a": "3", "b": None})
    assert (again["id"], again["title"], again["description"]) == (first.unique_id, "Ferries", "d")
    assert again["ingestionState"] == "FINISHED", "nothing is ingested before the new file has come"
    memory = memory_of(again)
    assert (memory.meta, memory.original, memory.chunk_count) == ({"a": "3"}, first.original, 1)
    elsewhere = upsert(alice, body={"scopeId": make_folder(world.alice, "Other").wire_id})
    assert elsewhere["id"] != first.unique_id


def test_the_same_file_is_not_ingested_again(world: World, alice: Caller, to: Any) -> None:
    first = ingested(alice, world.alice, body=to)
    assert bring(alice, body=to)["ingestionState"] == "FINISHED"
    assert memory_of({"id": first.unique_id}).generation == first.generation
    other = bring(alice, data=b"The ferry leaves at night.", body=to)
    assert other["ingestionState"] == "RE_INGESTING"
    assert memory_of(other).generation == first.generation + 1


def test_a_repeated_last_step_changes_nothing(world: World, alice: Caller, to: Any) -> None:
    """The vendor's client repeats what a lost connection did not answer."""
    first = upsert(alice, body=to)
    put(first["writeUrl"])
    done = [upsert(alice, body={**to, "fileUrl": first["readUrl"]}) for _ in range(2)]
    assert {each["ingestionState"] for each in done} == {"QUEUED"}
    assert memory_of(first).generation == 2
    assert AuditEntry.objects.filter(object_type="memory").count() == 2


def test_what_has_no_file_yet_cannot_be_finished(world: World, alice: Caller, to: Any) -> None:
    first, other = upsert(alice, body=to), upsert(alice, "other.txt", body=to)
    put(other["writeUrl"])

    def finish(url: str) -> Any:
        return alice.post("content/upsert", {"input": said("ferry.txt"), **to, "fileUrl": url})

    assert refused(finish(first["readUrl"])) == (409, "CONFLICT")
    assert refused(finish(other["readUrl"])) == (400, "BAD_REQUEST")
    assert refused(finish(first["writeUrl"])) == (400, "BAD_REQUEST")
    assert refused(finish("https://elsewhere.example.com/file.pdf")) == (400, "BAD_REQUEST")
    assert refused(finish(first["readUrl"][:-2])) == (400, "BAD_REQUEST")
    assert memory_of(first).state == State.UPLOADING
    assert Memory.objects.count() == 2


@pytest.mark.thorough
def test_older_clients_name_places_and_files_otherwise(world: World, alice: Caller, folder: Any) -> None:
    first = upsert(alice, body={}, ownerType="SCOPE", ownerId=folder.wire_id)
    put(first["writeUrl"])
    done = upsert(alice, body={"scopeId": "/Docs", "readUrl": first["readUrl"]})
    assert (done["id"], done["ingestionState"]) == (first["id"], "QUEUED")


def test_a_space_takes_files_too(world: World, alice: Caller, bob: Caller) -> None:
    space = world.space()
    done = bring(alice, body={"scopeId": space_id(space)})
    assert (done["ownerType"], done["ownerId"]) == ("COMPANY", space_id(space))
    SpaceAccess.grant(space, world.bob, "UPLOAD", actor_of(world.alice))
    assert bring(bob, "bobs.txt", body={"scopeId": space_id(space)})["ingestionState"] == "QUEUED"
    hers = bob.post("content/upsert", {"input": said("ferry.txt"), "scopeId": space_id(space)})
    assert refused(hers) == (403, "FORBIDDEN")
    space.archive(actor_of(world.alice))
    late = alice.post("content/upsert", {"input": said("late.txt"), "scopeId": space_id(space)})
    assert refused(late) == (409, "CONFLICT")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"scopeId": None, "chatId": None},
        {"scopeId": "", "chatId": ""},
        {"scopeId": "Docs"},
        {"scopeId": "/Nowhere"},
        {"scopeId": "scope_nothing"},
        {"scopeId": "/" + "/".join("x" * 40)},
        {"scopeId": "/Docs", "chatId": "chat_x"},
        {"chatId": "chat_nothing"},
    ],
)
@pytest.mark.thorough
def test_a_place_that_is_none(world: World, alice: Caller, folder: Any, body: Any) -> None:
    assert alice.post("content/upsert", {"input": said("a.txt"), **body}).status_code in (400, 404)
    assert not Memory.objects.exists()


WRONG: list[dict[str, Any]] = [
    {"key": ""},
    {"key": " "},
    {"key": "a\x00b"},
    {"key": "a\nb"},
    {"key": "fdp\u202eexe.txt"},
    {"key": "k" * 1025},
    {"title": "t" * 300},
    {"title": "x\u2067y"},
    {"mimeType": None},
    {"mimeType": "t" * 129},
    {"byteSize": -1},
    {"byteSize": "5"},
    {"metadata": {"a": "x" * 70_000}},
    {"metadata": [1]},
    {"url": "u" * 5000},
    {"ingestionConfig": {"uniqueIngestionMode": "SOMETIMES"}},
    {"ingestionConfig": {"chunkMaxTokens": "many"}},
    {"ingestionConfig": {"chunkMaxTokens": 0}},
    {"ingestionConfig": {"chunkMaxTokens": 10, "chunkMinTokens": 20}},
    {"ingestionConfig": {"deep": [[[[[[[[[[[]]]]]]]]]]]}},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_kept_is_refused(world: World, alice: Caller, to: Any, wrong: Any) -> None:
    answer = alice.post("content/upsert", {"input": {**said("ferry.txt"), **wrong}, **to})
    assert refused(answer) == (400, "BAD_REQUEST")
    assert not Memory.objects.exists()


@pytest.mark.parametrize(
    "key", ["../../etc/passwd", "..\\..\\boot.ini", "a" * 1020 + ".txt", 'Q1 "x".txt', "Größe.txt"]
)
def test_a_key_is_no_path(world: World, alice: Caller, to: Any, key: str) -> None:
    done = upsert(alice, key, body=to, title=None)
    put(done["writeUrl"])
    done = upsert(alice, key, body={**to, "fileUrl": done["readUrl"]}, title=None)
    assert done["key"] == key
    answer = alice.get(f"content/{done['id']}/file")
    assert body_of(answer) == TEXT
    saved = answer["Content-Disposition"]
    assert saved.startswith('attachment; filename="')
    name = unquote(saved.partition("filename*=UTF-8''")[2])
    assert not {"/", "\\"} & set(name)
    assert key.endswith(name)
    assert len(name) <= 200


# --------------------------------------------------------------------- addresses


def test_an_address_is_good_once(world: World, alice: Caller, to: Any) -> None:
    first = upsert(alice, body=to, byteSize=4)
    assert refused(put(first["writeUrl"], b"12345")) == (413, "PAYLOAD_TOO_LARGE")
    assert refused(read(first["readUrl"])) == (404, "NOT_FOUND"), "nothing is kept of what was refused"
    assert put(first["writeUrl"], b"1234").status_code == 201
    assert refused(put(first["writeUrl"], b"5678")) == (409, "CONFLICT")
    assert body_of(read(first["readUrl"])) == b"1234"


@pytest.mark.thorough
def test_sizes_that_nobody_knew(world: World, alice: Caller, to: Any) -> None:
    placeholder = upsert(alice, "one.txt", body=to, byteSize=1)
    assert put(placeholder["writeUrl"]).status_code == 201
    empty = upsert(alice, "empty.txt", body=to)
    assert put(empty["writeUrl"], b"").status_code == 201
    done = upsert(alice, "empty.txt", body={**to, "fileUrl": empty["readUrl"]}, byteSize=0)
    assert done["byteSize"] == 0
    ingest_all(world.account)
    assert memory_of(done).failure_code == "EMPTY"
    large = alice.post("content/upsert", {"input": said("l", byteSize=limits.ORIGINAL_BYTES + 1), **to})
    assert refused(large) == (413, "PAYLOAD_TOO_LARGE")


def test_what_is_no_address_opens_nothing(world: World, alice: Caller, to: Any) -> None:
    first = upsert(alice, body=to)
    url, _, key = first["writeUrl"].partition("key=")
    for wrong in ("", "x", key[:-1], key[1:], f"{key}{key}", "%00", "a" * 2000, "%ff"):
        assert refused(put(f"{url}key={wrong}"))[0] == 403
    assert refused(put(url.rstrip("?")))[0] == 403
    assert refused(read(first["writeUrl"]))[0] == 405
    assert memory_of(first).state == State.UPLOADING


def test_an_address_ends_with_its_time(world: World, alice: Caller, to: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UPLOAD_SECONDS", -1)
    first = upsert(alice, body=to)
    answer = put(first["writeUrl"])
    assert refused(answer) == (403, "FORBIDDEN")
    assert "time" in answer.json()["error"]["message"]
    assert refused(read(first["readUrl"])) == (403, "FORBIDDEN")
    finished = alice.post("content/upsert", {"input": said("ferry.txt"), **to, "fileUrl": first["readUrl"]})
    assert "announce the file again" in finished.json()["error"]["message"]


def test_an_address_ends_with_who_it_was_made_for(world: World, bob: Caller, folder: Any, to: Any) -> None:
    grant = FolderAccess.grant(folder, world.bob, FolderLevel.WRITE, actor_of(world.alice))
    kept, lost = bring(bob, body=to), upsert(bob, "later.txt", body=to)
    grant.revoke(actor_of(world.alice))
    assert refused(put(lost["writeUrl"]))[0] in (403, 404)
    assert refused(read(kept["readUrl"])) == (404, "NOT_FOUND")
    FolderAccess.grant(folder, world.bob, FolderLevel.READ, actor_of(world.alice))
    assert body_of(read(kept["readUrl"])) == TEXT
    assert refused(put(lost["writeUrl"])) == (403, "FORBIDDEN")
    world.bob.deactivate(by=actor_of(world.admin))
    assert refused(read(kept["readUrl"])) == (403, "FORBIDDEN")


@pytest.mark.thorough
def test_an_address_ends_with_its_key(world: World, folder: Any, to: Any) -> None:
    key, token = make_key(world.alice)
    first = upsert(Caller(token), body=to)
    key.revoke(by=actor_of(world.alice))
    assert refused(put(first["writeUrl"])) == (403, "FORBIDDEN")


# ------------------------------------------------------- previews, versions, modes


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


# ------------------------------------------------------------ what happens meanwhile


@pytest.mark.parametrize("more", [{}, {"ingestionConfig": {"uniqueIngestionMode": "SKIP_INGESTION"}}])
@pytest.mark.every_case
def test_replaced_while_it_is_ingested(world: World, alice: Caller, to: Any, more: Any) -> None:
    memory = memory_of(bring(alice, body=to))
    calls = count(1)

    def meanwhile() -> bool:
        if next(calls) == 2:
            bring(alice, data=b"The bridge is open.", body=to, **more)
        return False

    ingestion.ingest(world.account.pk, memory.pk, memory.generation, meanwhile)
    assert memory_of({"id": memory.unique_id}).text == "", "the older try stores nothing"
    ingest_all(world.account)
    after = memory_of({"id": memory.unique_id})
    assert (after.state, after.text) == (State.COMPLETED, "" if more else "The bridge is open.")
    assert after.chunks.count() == after.chunk_count == (0 if more else 1)


def test_deleted_while_it_is_ingested(world: World, alice: Caller, to: Any) -> None:
    memory = memory_of(bring(alice, body=to))
    calls = count(1)

    def meanwhile() -> bool:
        if next(calls) == 2:
            told(alice.delete(f"content/{memory.unique_id}"))
        return False

    ingestion.ingest(world.account.pk, memory.pk, memory.generation, meanwhile)
    assert not Memory.objects.exists()
    assert bring(alice, body=to)["id"] != memory.unique_id


@pytest.mark.thorough
def test_deleted_while_it_comes(world: World, alice: Caller, to: Any) -> None:
    first = upsert(alice, body=to)
    told(alice.delete(f"content/{first['id']}"))
    assert refused(put(first["writeUrl"])) == (404, "NOT_FOUND")
    answer = alice.post("content/upsert", {"input": said("ferry.txt"), **to, "fileUrl": first["readUrl"]})
    assert refused(answer) == (404, "NOT_FOUND")
    assert not Memory.objects.exists()


def test_what_never_comes_is_forgotten_after_a_day(world: World, alice: Caller, to: Any) -> None:
    waits, open_still, came = (upsert(alice, key, body=to) for key in ("a", "b", "c"))
    put(came["writeUrl"])
    upsert(
        alice,
        "c",
        body={**to, "fileUrl": came["readUrl"]},
        ingestionConfig={"uniqueIngestionMode": "EXTERNAL_INGESTION"},
    )
    Memory.objects.update(updated_at=timezone.now() - timedelta(days=2))
    Upload.objects.exclude(memory=memory_of(open_still)).update(expires_at=timezone.now() - timedelta(days=1))
    remove_expired_memories(0)
    assert {each.unique_id for each in Memory.objects.all()} == {open_still["id"], came["id"]}
    assert AuditEntry.objects.filter(operation="memory.delete", actor_name="expiry").count() == 1
    told(alice.get(f"content/{open_still['id']}/versions"))
    assert refused(alice.get(f"content/{waits['id']}/versions")) == (404, "NOT_FOUND")
