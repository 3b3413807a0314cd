"""conversation/{id}/message/…: eight types, order, counters, and what it costs."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chats.models import Message
from chats.replies import ask
from spaces.models import AuditEntry
from spaces_project.api.chatbotkit.message_types import TYPES
from spaces_project.kit import limits
from tests.api.world import Caller, World, said
from tests.factories import actor_of, make_chat, say


@pytest.fixture
def chat(world: World) -> Any:
    return make_chat(world.space(), world.alice)


@pytest.fixture
def base(chat: Any) -> str:
    return f"conversation/{chat.wire_id}/message"


def texts(caller: Caller, base: str, query: str = "") -> list[str]:
    answer = caller.get(f"{base}/list?{query}")
    assert answer.status_code == 200, answer.content
    return [item["text"] for item in answer.json()["items"]]


@pytest.mark.thorough
def test_each_type_is_kept(alice: Caller, chat: Any, base: str) -> None:
    for type in TYPES:
        answer = alice.post(f"{base}/create", {"type": type, "text": f"A {type}", "meta": {"k": 1, "n": None}})
        assert answer.json() == {"id": answer.json()["id"], "entities": []}
        record = alice.record(f"{base}/{answer.json()['id']}/fetch")
        assert (record["type"], record["text"], record["meta"]) == (type, f"A {type}", {"k": 1})
        assert set(record) == {"id", "name", "description", "type", "text", "createdAt", "updatedAt", "meta"}
    stored = set(Message.objects.values_list("role", "kind"))
    assert stored == {("user", ""), ("assistant", "")} | {("system", type) for type in TYPES[2:]}
    chat.refresh_from_db()
    assert (chat.message_count, chat.last_role) == (8, "assistant")


def test_a_list_begins_with_the_oldest_unless_asked(alice: Caller, chat: Any, base: str) -> None:
    for number in range(3):
        say(chat, str(number), meta={"odd": bool(number % 2)})
    assert texts(alice, base) == ["0", "1", "2"]
    assert texts(alice, base, "order=desc") == ["2", "1", "0"]
    assert texts(alice, base, "order=sideways&take=2") == ["0", "1"]
    assert texts(alice, base, "meta.odd=true") == ["1"]
    page = alice.get(f"{base}/list?take=2").json()
    assert texts(alice, base, f"cursor={page['cursor']}") == ["2"]
    assert texts(alice, base, f"cursor={page['items'][0]['id']}&take=1") == ["1"]
    lines = b"".join(alice.get(f"{base}/list", Accept="application/jsonl").streaming_content).split(b"\n")
    assert len(lines) == 4
    assert lines[0].startswith(b'{"type":"item","data":{"id":"msg_')


def test_a_cursor_of_another_conversation_is_refused(alice: Caller, chat: Any, base: str, world: World) -> None:
    elsewhere = say(make_chat(world.space(), world.alice), "Elsewhere")
    assert said(alice.get(f"{base}/list?cursor={elsewhere.wire_id}")) == (400, "BAD_REQUEST")


def test_a_message_of_another_conversation_is_not_found(alice: Caller, chat: Any, base: str, world: World) -> None:
    elsewhere = say(make_chat(world.space(), world.alice), "Elsewhere")
    before = list(Message.objects.values())
    for operation in ("fetch", "update", "delete", "upvote", "downvote"):
        answer = (alice.get if operation == "fetch" else alice.post)(f"{base}/{elsewhere.wire_id}/{operation}")
        assert said(answer) == (404, "NOT_FOUND")
    assert list(Message.objects.values()) == before


def test_an_update_changes_what_is_given(alice: Caller, chat: Any, base: str) -> None:
    message = say(chat, "Helo", meta={"a": 1, "b": 2})
    answer = alice.post(f"{base}/{message.wire_id}/update", {"text": "Hello", "meta": {"a": None}, "name": "N"})
    assert answer.json() == {"id": message.wire_id, "entities": []}
    record = alice.record(f"{base}/{message.wire_id}/fetch")
    assert (record["text"], record["meta"], record["name"], record["type"]) == ("Hello", {"b": 2}, "N", "user")
    assert AuditEntry.objects.filter(operation="message.update").count() == 1


def test_another_type_counts_again(alice: Caller, chat: Any, base: str) -> None:
    say(chat, "Hello")
    last = say(chat, "Good day")
    for type, role in (("bot", "assistant"), ("context", "user"), ("user", "user")):
        assert alice.post(f"{base}/{last.wire_id}/update", {"type": type}).status_code == 200
        assert alice.record(f"{base}/{last.wire_id}/fetch")["type"] == type
        chat.refresh_from_db()
        assert (chat.message_count, chat.last_role) == (2, role)


def test_delete_counts_again(alice: Caller, chat: Any, base: str) -> None:
    say(chat, "Hello")
    last = say(chat, "Good day", role="assistant")
    assert alice.post(f"{base}/{last.wire_id}/delete", {}).json() == {"id": last.wire_id}
    chat.refresh_from_db()
    assert (chat.message_count, chat.last_role) == (1, "user")


def test_an_answer_that_is_being_written_is_shown_and_not_changed(alice: Caller, chat: Any, base: str) -> None:
    answer = ask(actor_of(chat.user), chat, "Hello?").answer
    Message.objects.filter(pk=answer.pk).update(state="answering", text="Good")
    assert texts(alice, base) == ["Hello?", "Good"]
    assert said(alice.post(f"{base}/{answer.wire_id}/update", {"text": "Bad"})) == (409, "CONFLICT")
    Message.objects.filter(pk=answer.pk).update(state="failed", text="", error="The model is away.")
    assert texts(alice, base) == ["Hello?", "The model is away."]


def test_what_a_message_may_not_be(alice: Caller, chat: Any, base: str) -> None:
    message = say(chat, "Hello")
    for body, sentence in (
        ({}, "type: This field is required. text: This field is required."),
        ({"type": "robot", "text": "x"}, "type: Must be one of user, bot,"),
        ({"type": "user", "text": ""}, "text: This field may not be blank."),
        ({"type": "bot", "text": " \n"}, "text: This field may not be blank."),
        ({"type": "user", "text": None}, "text: "),
        ({"type": "user", "text": 7}, "text: Must be a string."),
        ({"type": "user", "text": "x" * (limits.MESSAGE_CHARS + 1)}, "text: "),
        ({"type": "user", "text": "x", "meta": 7}, "meta: Must be a JSON object."),
    ):
        answer = alice.post(f"{base}/create", body)
        assert said(answer) == (400, "BAD_REQUEST"), body
        assert sentence in answer.json()["message"], answer.json()
        if body:
            assert said(alice.post(f"{base}/{message.wire_id}/update", body)) == (400, "BAD_REQUEST"), body
    assert Message.objects.get().text == "Hello"


@pytest.mark.thorough
def test_a_text_of_one_mebibyte_is_kept(alice: Caller, chat: Any, base: str) -> None:
    text = "größe " * 131_072 + "x" * 100_000
    text = text[: limits.MESSAGE_CHARS - text.count("ö") - text.count("ß")]
    made = alice.post(f"{base}/create", {"type": "user", "text": text})
    assert made.status_code == 200, made.content
    assert alice.record(f"{base}/{made.json()['id']}/fetch")["text"] == text


def test_a_message_its_count_and_its_audit_are_one_statement(alice: Caller, chat: Any, base: str) -> None:
    body = {"type": "user", "text": "Hello", "meta": {"k": "v"}}
    alice.post(f"{base}/create", body)  # notes the use of the key, and prepares what is prepared
    with CaptureQueriesContext(connection) as asked:
        assert alice.post(f"{base}/create", body).status_code == 200
    inside = [each["sql"].strip() for each in asked if "SAVEPOINT" not in each["sql"]]
    assert [sql.split(" ", 1)[0] for sql in inside] == ["SELECT", "SELECT", "WITH"]
    chat.refresh_from_db()
    assert chat.message_count == 2
    noted = AuditEntry.objects.filter(operation="message.create")
    assert set(noted.values_list("object_id", flat=True)) == set(Message.objects.values_list("pk", flat=True))


def test_a_stranger_reads_nothing(mallory: Caller, bob: Caller, chat: Any, base: str) -> None:
    message = say(chat, "Secret")
    for caller in (mallory, bob):
        for answer in (caller.get(f"{base}/list"), caller.get(f"{base}/{message.wire_id}/fetch")):
            assert said(answer) == (404, "NOT_FOUND")
        assert said(caller.post(f"{base}/create", {"type": "user", "text": "x"})) == (404, "NOT_FOUND")
    assert Message.objects.count() == 1
