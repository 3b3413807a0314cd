"""POST /content/upsert and the addresses it answers: what comes in, what is refused, and what stays as it was."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from memories import ingestion
from memories.files import Place
from memories.jobs import remove_expired_memories
from memories.models import Memory, State, Upload
from spaces.models import AuditEntry, SpaceAccess
from tests.api.unique.caller import Caller, refused, space_id, told
from tests.api.unique.files import TEXT, body_of, bring, ingested, make_folder, memory_of, put, read, said, upsert
from tests.api.world import World
from tests.factories import actor_of, make_chat
from tests.ingesting import ingest_all


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
    again = bring(alice, body=to, title="Ferries", description="d", metadata={"a": "3", "b": None})
    assert (again["id"], again["title"], again["description"]) == (first.unique_id, "Ferries", "d")
    assert again["ingestionState"] == "FINISHED", "the file is the same"
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


def test_a_key_is_found_by_an_index_wherever_it_is(world: World, folder: Any) -> None:
    """A program that brings a hundred thousand files asks for the key of each, twice."""
    space = world.space(name="Home")
    places = {
        "memories_memory_key_in_space": Place(space),
        "memories_memory_key_in_folder": Place(world.account.default_space, folder=folder),
        "memories_memory_key_in_chat": Place(space, chat=make_chat(space, user=world.alice)),
    }
    for place in places.values():
        where = {"account": world.account, "space": place.space, **place.link, "state": "completed"}
        Memory.objects.bulk_create(Memory(key=f"{number}.txt", **where) for number in range(500))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE memories_memory")
    for index, place in places.items():
        with CaptureQueriesContext(connection) as asked:
            place.find("a.txt")
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {asked[0]['sql']}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert f"using {index}" in plan or f"on {index}" in plan, plan
