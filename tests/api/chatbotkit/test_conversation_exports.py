"""conversation/export and rating/…: the forms, and what is in them."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
import yaml

from chats.models import Rating
from spaces.models import AuditEntry
from tests.api.world import Caller, World, said
from tests.factories import actor_of, make_chat, make_contact, say

COLUMNS = "id,name,description,contactId,taskId,spaceId,botId,datasetId,skillsetId,backstory,model,createdAt,updatedAt,meta,messages"  # noqa: E501


def sent(caller: Caller, operation: str, accept: str = "application/json") -> str:
    answer = caller.get(operation, Accept=accept)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == accept
    return b"".join(answer.streaming_content).decode()


@pytest.fixture
def talk(world: World) -> Any:
    """A conversation with something of everything, and an empty one after it."""
    contact = make_contact(world.account, world.alice)
    chat = make_chat(
        world.space(), world.alice, name='=1+1 "x"', contact=contact, bot_id="b", meta={"a": [1], "z": "ö"}
    )
    say(chat, 'Hello\n"Größe" 日本 😀 {"id":"x"}', meta={"id": "x", "n": {"id": "y"}})
    say(chat, "aside", role="system", kind="context")
    say(chat, "", role="assistant", error="The model is away.", state="failed")
    say(chat, "Good day", role="assistant")
    make_chat(world.account.default_space, world.alice)
    return chat


def test_json_has_what_users_and_bots_said_in_order(alice: Caller, talk: Any) -> None:
    page = json.loads(sent(alice, "conversation/export?order=asc"))
    assert page["cursor"] == ""
    full, empty = page["items"]
    assert set(full) == set(COLUMNS.split(","))
    assert [(each["type"], each["text"]) for each in full["messages"]] == [
        ("user", 'Hello\n"Größe" 日本 😀 {"id":"x"}'),
        ("bot", "The model is away."),
        ("bot", "Good day"),
    ]
    stored = list(talk.messages.filter(kind="").order_by("created_at"))
    assert [each["id"] for each in full["messages"]] == [message.wire_id for message in stored]
    assert set(full["messages"][0]) == {"id", "type", "text", "meta", "createdAt", "updatedAt"}
    assert full["messages"][0]["meta"] == {"id": "x", "n": {"id": "y"}}
    base = f"conversation/{talk.wire_id}/message/{stored[0].wire_id}/fetch"
    assert full["messages"][0]["createdAt"] == alice.record(base)["createdAt"]
    assert (empty["messages"], empty["spaceId"], full["spaceId"]) == ([], None, talk.space.wire_id)
    assert full["name"] == '=1+1 "x"'


def test_jsonl_has_bare_records_in_ascii(alice: Caller, talk: Any) -> None:
    lines = sent(alice, "conversation/export", "application/jsonl")
    assert lines.isascii()
    records = [json.loads(line) for line in lines.splitlines()]
    assert records == json.loads(sent(alice, "conversation/export"))["items"]


def test_csv_has_blocks_of_what_was_said(alice: Caller, talk: Any) -> None:
    text = sent(alice, "conversation/export?order=asc", "text/csv")
    assert text.splitlines()[0] == COLUMNS
    full, empty = csv.DictReader(io.StringIO(text, newline=""))
    assert full["messages"] == 'user: Hello\n"Größe" 日本 😀 {"id":"x"}\n\nbot: The model is away.\n\nbot: Good day'
    assert (empty["messages"], empty["spaceId"], empty["botId"]) == ("", "", "")
    assert full["name"] == '\'=1+1 "x"'
    assert yaml.safe_load(full["meta"]) == {"a": [1], "z": "ö"}
    assert sent(alice, "conversation/export?botId=nobody", "text/csv") == ""


def test_take_cursor_and_many_batches(alice: Caller, world: World) -> None:
    space = world.space()
    chats = [make_chat(space, world.alice, name=f"{number}") for number in range(25)]
    for chat in chats:
        say(chat, f"In {chat.name}")
    page = json.loads(sent(alice, "conversation/export?order=asc&take=12"))
    rest = json.loads(sent(alice, f"conversation/export?order=asc&cursor={page['cursor']}"))
    items = page["items"] + rest["items"]
    assert (len(page["items"]), rest["cursor"]) == (12, "")
    assert [item["messages"][0]["text"] for item in items] == [f"In {number}" for number in range(25)]


def test_only_what_one_may_read_is_exported(bob: Caller, mallory: Caller, talk: Any) -> None:
    for caller in (bob, mallory):
        assert json.loads(sent(caller, "conversation/export"))["items"] == []


# ------------------------------------------------------------------ ratings


def ids(caller: Caller, operation: str) -> list[str]:
    return [item["id"] for item in caller.get(operation).json()["items"]]


def test_ratings_are_listed_by_contact_and_value(alice: Caller, bob: Caller, talk: Any, world: World) -> None:
    message = talk.messages.last()
    up = Rating.vote(actor_of(world.alice), talk, None, 80, "Good")
    down = Rating.vote(actor_of(world.alice), talk, message, -5)
    record = alice.record(f"rating/{up.wire_id}/fetch")
    assert (record["value"], record["reason"], record["conversationId"]) == (80, "Good", talk.wire_id)
    assert (record["contactId"], record["botId"], record["messageId"]) == (talk.contact.wire_id, "b", None)
    both, contact = [down.wire_id, up.wire_id], talk.contact.wire_id
    assert ids(alice, f"contact/{contact}/rating/list") == ids(alice, f"rating/list?contactId={contact}") == both
    for query, expected in {
        "value=upvote": both[1:], "value=downvote": both[:1], "value=>=80": both[1:], "value=>80": [],
        "value=<-4": both[:1], "value=80": both[1:], f"messageId={message.wire_id}": both[:1], "botId=b": both,
        f"conversationId={talk.wire_id}": both, "botId=x": [],
    }.items():  # fmt: skip
        assert ids(alice, f"rating/list?{query}") == expected, query
    assert said(alice.get("rating/list?value=good")) == (400, "BAD_REQUEST")
    assert ids(bob, "rating/list") == []
    for operation in ("fetch", "update", "delete"):
        answer = (bob.get if operation == "fetch" else bob.post)(f"rating/{up.wire_id}/{operation}")
        assert said(answer) == (404, "NOT_FOUND")
    rows = list(csv.DictReader(io.StringIO(sent(alice, "rating/export?order=asc", "text/csv"))))
    assert [(row["value"], row["reason"]) for row in rows] == [("80", "Good"), ("-5", "")]


def test_ratings_are_made_changed_and_deleted(alice: Caller, talk: Any) -> None:
    body = {"conversationId": talk.wire_id, "messageId": talk.messages.last().wire_id, "value": 7, "reason": "R"}
    made = alice.post("rating/create", body).json()["id"]
    assert Rating.objects.get().message == talk.messages.last()
    assert alice.post(f"rating/{made}/update", {"value": -7, "meta": {"k": 1}}).json() == {"id": made}
    record = alice.record(f"rating/{made}/fetch")
    assert (record["value"], record["reason"], record["meta"]) == (-7, "R", {"k": 1})
    for value, sentence in ((0, "value: Must not be 0."), (101, "value: Must be between"), ("7", "value: Must be a")):
        answer = alice.post(f"rating/{made}/update", {"value": value})
        assert said(answer) == (400, "BAD_REQUEST")
        assert sentence in answer.json()["message"]
    assert alice.post(f"rating/{made}/delete", {}).json() == {"id": made}
    assert not Rating.objects.exists()
    operations = AuditEntry.objects.filter(operation__startswith="rating.").order_by("created_at")
    assert [each.operation for each in operations] == ["rating.create", "rating.update", "rating.delete"]
    assert said(alice.post("rating/create", {**body, "messageId": "msg_x"})) == (404, "NOT_FOUND")
