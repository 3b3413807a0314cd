"""memory/…: what was written is read at once, found once ingested, and never by somebody else."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from memories.models import Chunk, Memory
from spaces.models import AuditEntry, SpaceAccess
from spaces_project.kit import limits
from tests.api.world import Caller, World, said
from tests.factories import actor_of, make_contact
from tests.ingesting import ingest_all, state_of, use_hashing

COLUMNS = "id,name,description,contactId,botId,text,createdAt,updatedAt,meta"


@pytest.fixture
def desk(world: World) -> World:
    use_hashing(world.account)
    return world


def made(caller: Caller, text: str | None, **fields: Any) -> str:
    answer = caller.post("memory/create", {"text": text, **fields})
    assert answer.status_code == 200, answer.content
    assert set(answer.json()) == {"id"}
    return str(answer.json()["id"])


def fetched(caller: Caller, memory: str) -> Any:
    return caller.record(f"memory/{memory}/fetch")


def row(memory: str) -> Memory:
    return next(each for each in Memory.objects.all() if each.wire_id == memory)


def found(caller: Caller, search: str, operation: str = "memory/search", **fields: Any) -> list[str]:
    answer = caller.post(operation, {"search": search, **fields})
    assert answer.status_code == 200, answer.content
    return [item["text"] for item in answer.json()["items"]]


def listed(caller: Caller, query: str = "", operation: str = "memory/list") -> list[str]:
    answer = caller.get(f"{operation}?{query}")
    assert answer.status_code == 200, answer.content
    return [item["text"] for item in answer.json()["items"]]


# -------------------------------------------------------------------- one memory


def test_what_was_written_is_there_at_once_and_found_later(alice: Caller, desk: World) -> None:
    contact = make_contact(desk.account, desk.alice)
    text = "Ann prefers tea ☕ at four"
    memory = made(alice, text, name="Tea", contactId=contact.wire_id, botId="bot_1", meta={"k": 1, "n": None})
    record = fetched(alice, memory)
    assert set(record) == {*COLUMNS.split(","), "spaceId", "expiresAt"}
    assert (record["text"], record["name"], record["meta"]) == (text, "Tea", {"k": 1})
    assert (record["contactId"], record["botId"]) == (contact.wire_id, "bot_1")
    assert (record["spaceId"], record["expiresAt"]) == (None, None)
    ingest_all(desk.account)
    assert state_of(row(memory)) == "completed"
    assert fetched(alice, memory)["text"] == text
    item = alice.post("memory/search", {"search": "tea"}).json()["items"]
    assert item == [{"id": memory, "text": text, "meta": {"k": 1}}]


def test_a_memory_can_be_in_a_space(alice: Caller, desk: World) -> None:
    space = desk.space(alias="here")
    memory = made(alice, "In a space", spaceId="@here", expiresAt=4_000_000_000_000)
    record = fetched(alice, memory)
    assert (record["spaceId"], record["expiresAt"]) == (space.wire_id, "2096-10-02T07:06:40.000Z")
    alice.post(f"memory/{memory}/update", {"spaceId": None, "expiresAt": None})
    record = fetched(alice, memory)
    assert (record["spaceId"], record["expiresAt"], record["text"]) == (None, None, "In a space")
    assert row(memory).space == desk.account.default_space


def test_a_text_stays_as_it_was_written(alice: Caller, desk: World) -> None:
    text = "Desks are 2 m² (½ of them ﬁxed)\r\n" * 40
    memory = made(alice, text)
    ingest_all(desk.account)
    assert fetched(alice, memory)["text"] == text
    for chunk in row(memory).chunks.all():
        assert text[chunk.start : chunk.end] == chunk.text


@pytest.mark.parametrize("text", ["", None])
def test_an_empty_text_is_kept_as_it_is(alice: Caller, desk: World, text: Any) -> None:
    memory = made(alice, text)
    ingest_all(desk.account)
    assert fetched(alice, memory)["text"] == ""
    assert row(memory).chunk_count == 0


def test_a_new_text_takes_the_place_of_the_old_one(alice: Caller, desk: World) -> None:
    memory = made(alice, "The office has apples", meta={"a": 1})
    ingest_all(desk.account)
    assert alice.post(f"memory/{memory}/update", {"text": "The office has pears", "meta": {"b": 2}}).json() == {
        "id": memory
    }
    assert fetched(alice, memory)["text"] == "The office has pears"
    assert not Chunk.objects.filter(memory=row(memory)).exists()
    assert found(alice, "apples") == []
    ingest_all(desk.account)
    assert found(alice, "pears") == ["The office has pears"]
    assert fetched(alice, memory)["meta"] == {"a": 1, "b": 2}
    assert row(memory).generation == 2


def test_other_changes_ingest_nothing(alice: Caller, desk: World) -> None:
    memory = made(alice, "Same")
    ingest_all(desk.account)
    alice.post(f"memory/{memory}/update", {"text": "Same", "name": "Named", "meta": {"a": 1}})
    assert (row(memory).generation, row(memory).state, row(memory).name) == (1, "completed", "Named")
    operations = AuditEntry.objects.filter(object_id=row(memory).pk).values_list("operation", flat=True)
    assert sorted(operations) == ["memory.create", "memory.update"]


def test_a_deleted_memory_is_gone(alice: Caller, desk: World) -> None:
    memory, other = made(alice, "Gone soon"), made(alice, "Stays")
    ingest_all(desk.account)
    pk = row(memory).pk
    assert alice.post(f"memory/{memory}/delete").json() == {"id": memory}
    assert said(alice.get(f"memory/{memory}/fetch")) == (404, "NOT_FOUND")
    assert not Chunk.objects.filter(memory_id=pk).exists()
    assert fetched(alice, other)["text"] == "Stays"


# ------------------------------------------------------------------------- lists


@pytest.fixture
def several(alice: Caller, desk: World) -> Any:
    contact = make_contact(desk.account, desk.alice, alias="ann")
    space = desk.space()
    made(alice, "First", contactId=contact.wire_id, meta={"n": 1})
    made(alice, "Second", botId="b", spaceId=space.wire_id)
    made(alice, "Third", contactId=contact.wire_id, botId="b")
    return contact, space


def test_lists_are_filtered_and_paged(alice: Caller, several: Any) -> None:
    contact, space = several
    assert listed(alice) == ["Third", "Second", "First"]
    assert listed(alice, "order=asc&take=2") == ["First", "Second"]
    assert listed(alice, f"spaceId={space.wire_id}") == ["Second"]
    assert listed(alice, "contactId=@ann") == ["Third", "First"]
    assert listed(alice, "botId=b&meta.n=1") == []
    assert listed(alice, "meta.n=1") == ["First"]
    page = alice.get("memory/list?take=2").json()
    assert listed(alice, f"cursor={page['cursor']}") == ["First"]
    assert listed(alice, "botId=b", f"contact/{contact.wire_id}/memory/list") == ["Third"]
    assert listed(alice, "", "contact/@ann/memory/list") == ["Third", "First"]


def test_a_page_of_long_texts_is_short(alice: Caller, several: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(limits, "EXPORT_BATCH_CHARS", 11)
    page = alice.get("memory/list").json()
    assert [item["text"] for item in page["items"]] == ["Third", "Second"]
    assert listed(alice, f"cursor={page['cursor']}") == ["First"]
    lines = b"".join(alice.get("memory/export", Accept="application/jsonl").streaming_content).splitlines()
    assert [json.loads(line)["data"]["text"] for line in lines] == ["Third", "Second", "First"]


def test_exports_have_the_vendors_columns(alice: Caller, several: Any) -> None:
    page = json.loads(b"".join(alice.get("memory/export").streaming_content))
    assert [list(item) for item in page["items"]] == [sorted(COLUMNS.split(","), key=list(page["items"][0]).index)] * 3
    assert set(page["items"][0]) == set(COLUMNS.split(","))
    lines = b"".join(alice.get("memory/export?take=2", Accept="application/jsonl").streaming_content).splitlines()
    assert [json.loads(line)["type"] for line in lines] == ["item", "item"]
    text = b"".join(alice.get("memory/export?order=asc", Accept="text/csv").streaming_content).decode()
    assert text.splitlines()[0] == COLUMNS
    assert [each["text"] for each in csv.DictReader(io.StringIO(text))] == ["First", "Second", "Third"]


@pytest.mark.thorough
def test_files_of_chats_are_in_no_list(alice: Caller, several: Any, desk: World) -> None:
    from memories import ingestion
    from tests.factories import make_chat

    chat = make_chat(desk.space(), desk.alice)
    hidden = ingestion.add(actor_of(desk.alice), chat.space, b"Hidden", chat=chat)
    ingest_all(desk.account)
    assert "Hidden" not in listed(alice)
    assert b"Hidden" not in b"".join(alice.get("memory/export").streaming_content)
    assert said(alice.get(f"memory/{hidden.wire_id}/fetch")) == (404, "NOT_FOUND")
    assert "Hidden" not in found(alice, "Hidden")


# ------------------------------------------------------------------------ search


def test_search_gives_the_best_first_and_at_most_ten(alice: Caller, desk: World) -> None:
    for number in range(12):
        made(alice, f"The meeting number {number} is about paint")
    made(alice, "Paint paint paint: the colour of the meeting room")
    made(alice, "Bananas are yellow")
    ingest_all(desk.account)
    texts = found(alice, "yellow bananas")
    assert texts[0] == "Bananas are yellow"
    assert len(texts) == 10
    assert found(alice, "  ") == []


def test_search_stays_where_it_was_asked_to(alice: Caller, several: Any, desk: World) -> None:
    contact, space = several
    ingest_all(desk.account)
    assert set(found(alice, "first second third")) == {"First", "Second", "Third"}
    assert found(alice, "first second third", spaceId=space.wire_id) == ["Second"]
    assert set(found(alice, "first second third", contactId="@ann")) == {"First", "Third"}
    assert found(alice, "first second third", contactId=contact.wire_id, botId="b") == ["Third"]
    assert set(found(alice, "second third", f"contact/{contact.wire_id}/memory/search")) == {"First", "Third"}
    assert set(found(alice, "second third", "bot/b/memory/search")) == {"Second", "Third"}
    assert found(alice, "second third", "bot/other/memory/search") == []


def test_a_long_memory_is_told_by_its_passage(alice: Caller, desk: World) -> None:
    made(alice, "Filler words. " * 1_500 + "The secret ingredient is cardamom. " + "More filler. " * 20)
    ingest_all(desk.account)
    (text,) = found(alice, "secret ingredient cardamom")
    assert "cardamom" in text
    assert len(text) <= 512


# ------------------------------------------------------------------ who may do it


def test_members_share_the_default_space_and_change_what_they_wrote(alice: Caller, bob: Caller, desk: World) -> None:
    memory = made(alice, "Shared")
    assert fetched(bob, memory)["text"] == "Shared"
    assert said(bob.post(f"memory/{memory}/update", {"text": "Bob's"})) == (403, "NOT_AUTHORIZED")
    assert said(bob.post(f"memory/{memory}/delete")) == (403, "NOT_AUTHORIZED")
    made(bob, "Bob's own")
    assert fetched(alice, memory)["text"] == "Shared"


def test_a_space_is_as_open_as_its_grants(alice: Caller, bob: Caller, desk: World) -> None:
    space = desk.space()
    memory = made(alice, "Private", spaceId=space.wire_id)
    ingest_all(desk.account)
    assert said(bob.get(f"memory/{memory}/fetch")) == (404, "NOT_FOUND")
    assert said(bob.post("memory/create", {"text": "x", "spaceId": space.wire_id})) == (404, "NOT_FOUND")
    assert (listed(bob), found(bob, "private")) == ([], [])
    SpaceAccess.grant(space, desk.bob, "USE", actor_of(desk.alice))
    assert found(bob, "private") == ["Private"]
    assert said(bob.post("memory/create", {"text": "x", "spaceId": space.wire_id})) == (403, "NOT_AUTHORIZED")
    SpaceAccess.grant(space, desk.bob, "UPLOAD", actor_of(desk.alice))
    made(bob, "Mine", spaceId=space.wire_id)
    assert said(bob.post(f"memory/{memory}/delete")) == (403, "NOT_AUTHORIZED")


def test_another_account_sees_nothing(alice: Caller, mallory: Caller, desk: World) -> None:
    memory = made(alice, "Ours")
    ingest_all(desk.account)
    for call in (
        mallory.get(f"memory/{memory}/fetch"),
        mallory.post(f"memory/{memory}/update", {"text": "Theirs"}),
        mallory.post(f"memory/{memory}/delete"),
    ):
        assert said(call) == (404, "NOT_FOUND")
    assert (listed(mallory), found(mallory, "ours")) == ([], [])
    assert fetched(alice, memory)["text"] == "Ours"


# --------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 400),
        ({"text": 5}, 400),
        ({"text": "a\u0000b"}, 400),
        ({"text": "x", "contactId": "contact_nobody"}, 404),
        ({"text": "x", "spaceId": "space_nowhere"}, 404),
        ({"text": "x", "name": "n" * 256}, 400),
        ({"text": "x", "meta": []}, 400),
        ({"text": "x", "expiresAt": "tomorrow"}, 400),
    ],
)
def test_bad_memories_are_refused(alice: Caller, desk: World, body: Any, code: int) -> None:
    answer = alice.post("memory/create", body)
    assert answer.status_code == code, answer.content
    said(answer)
    assert not Memory.objects.exists()


def test_an_archived_space_takes_none(alice: Caller, desk: World) -> None:
    space = desk.space()
    space.archive(actor_of(desk.alice))
    assert said(alice.post("memory/create", {"text": "x", "spaceId": space.wire_id})) == (409, "CONFLICT")


def test_bad_searches_are_refused(alice: Caller, desk: World) -> None:
    assert said(alice.post("memory/search", {})) == (400, "BAD_REQUEST")
    assert said(alice.post("memory/search", {"search": "x" * 10_001})) == (400, "BAD_REQUEST")
    assert said(alice.post("memory/search", {"search": "x", "contactId": "contact_x"})) == (404, "NOT_FOUND")
    assert said(alice.post("contact/contact_x/memory/search", {"search": "x"})) == (404, "NOT_FOUND")
    assert said(alice.get("memory/memory_x/fetch")) == (404, "NOT_FOUND")
    assert said(alice.get("memory/list?cursor=nonsense")) == (400, "BAD_REQUEST")
