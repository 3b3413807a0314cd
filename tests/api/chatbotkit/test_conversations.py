"""conversation/…: made, read, changed, listed, rated and deleted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from chats.models import Chat, Message, Rating
from spaces.actors import Actor
from spaces.models import AuditEntry, Contact, SpaceAccess
from spaces.models.users import Role
from spaces_project.kit import limits
from spaces_project.kit.ids import to_base36
from tests.api.world import Caller, World, said
from tests.factories import make_chat, make_contact, make_space, make_user, say

NOBODY = to_base36(UUID(int=7 << 64))
FINGERPRINT = "visitor-0123456789"


def made(answer: Any) -> Chat:
    """The chat that was created."""
    assert answer.status_code == 200, answer.content
    (chat,) = [chat for chat in Chat.objects.all() if chat.wire_id == answer.json()["id"]]
    return chat


def listed(caller: Caller, query: str = "", operation: str = "conversation/list") -> list[str]:
    answer = caller.get(f"{operation}?{query}")
    assert answer.status_code == 200, answer.content
    return [item["id"] for item in answer.json()["items"]]


# ------------------------------------------------------------------- create


def test_an_empty_conversation_lives_in_the_default_space(alice: Caller, world: World) -> None:
    answer = alice.post("conversation/create")
    chat = made(answer)
    assert set(answer.json()) == {"id"}
    assert (chat.space, chat.user, chat.message_count) == (world.account.default_space, world.alice, 0)
    record = alice.record(f"conversation/{chat.wire_id}/fetch")
    nulls = {
        "contactId", "taskId", "spaceId", "botId", "datasetId", "skillsetId", "blueprintId", "model", "privacy",
        "moderation", "expiresAt",
    }  # fmt: skip
    assert {name for name, value in record.items() if value is None} == nulls
    assert set(record) == nulls | {"id", "name", "description", "backstory", "createdAt", "updatedAt", "meta"}
    assert record["createdAt"].endswith("Z")


WHOLE = {
    "name": "Refund",
    "description": "About an order",
    "spaceId": "@desk",
    "model": "gpt-5/temperature=0.7/interactionMaxMessages=10",
    "backstory": "You are kind.\nAnd brief.",
    "botId": "bot_1",
    "datasetId": "dataset_1",
    "skillsetId": "skillset_1",
    "taskId": "task_1",
    "blueprintId": "blueprint_1",
    "privacy": True,
    "moderation": False,
    "expiresAt": 4102444800000,
    "meta": {"order": 7, "gone": None},
    "attachments": [{"ignored": True}],
    "functions": [],
    "messages": [
        {"type": "user", "text": "Hello", "meta": {"k": "v"}},
        {"type": "activity", "text": "", "meta": {"activity": {"type": "request", "function": "f"}}},
        {"type": "bot", "text": "Good day"},
    ],
}


def test_everything_that_is_given_is_kept_and_told(alice: Caller, world: World) -> None:
    space = world.space(alias="desk")
    contact = make_contact(world.account, world.alice)
    body = {**WHOLE, "contactId": contact.wire_id}
    chat = made(alice.post("conversation/create", body))
    record = alice.record(f"conversation/{chat.wire_id}/fetch")
    kept = body.keys() - {"attachments", "functions", "messages", "expiresAt", "meta", "spaceId"}
    assert {name: record[name] for name in kept} == {name: body[name] for name in kept}
    assert (record["spaceId"], record["meta"]) == (space.wire_id, {"order": 7})
    assert record["expiresAt"] == "2100-01-01T00:00:00.000Z"
    assert (chat.message_count, chat.last_role) == (3, "assistant")
    stored = list(chat.messages.order_by("created_at").values_list("role", "kind", "text", "meta"))
    assert stored == [
        ("user", "", "Hello", {"k": "v"}),
        ("system", "activity", "", {"activity": {"type": "request", "function": "f"}}),
        ("assistant", "", "Good day", {}),
    ]
    entries = AuditEntry.objects.filter(operation__in=["chat.create", "message.create"])
    assert entries.count() == 4


@pytest.mark.parametrize("name", ["contactId", "contact"])
def test_a_contact_is_made_with_the_conversation(alice: Caller, world: World, name: str) -> None:
    chat = made(alice.post("conversation/create", {name: {"fingerprint": FINGERPRINT, "name": "Jane"}}))
    again = made(alice.post("conversation/create", {name: {"fingerprint": FINGERPRINT}}))
    assert chat.contact == again.contact == Contact.objects.get(fingerprint=FINGERPRINT)


def test_nothing_is_left_of_a_conversation_that_cannot_be(alice: Caller, world: World) -> None:
    body = {"contact": {"fingerprint": FINGERPRINT}, "messages": [{"type": "user", "text": "x" * 1_048_577}]}
    assert said(alice.post("conversation/create", body)) == (400, "BAD_REQUEST")
    assert not Chat.objects.exists()
    assert not Contact.objects.exists()


def test_foreign_and_unknown_ids_answer_alike(alice: Caller, mallory: Caller, world: World) -> None:
    theirs = make_chat(make_space(world.other, world.mallory), world.mallory)
    contact, message = make_contact(world.other, world.mallory), say(theirs, "Hello")
    pairs = {"spaceId": (theirs.space.wire_id, f"space_{NOBODY}"), "contactId": (contact.wire_id, f"contact_{NOBODY}")}
    for name, pair in pairs.items():
        answers = [alice.post("conversation/create", {name: text}) for text in pair]
        assert [said(answer) for answer in answers] == [(404, "NOT_FOUND")] * 2
        assert answers[0].content == answers[1].content
    ours = make_chat(world.space(), world.alice)
    operations = ["fetch", "update", "delete", "complete", "send", "receive", "upvote", "downvote", "session/create"]
    operations += ["message/create", "message/list", f"message/{message.wire_id}/fetch", "contact/upsert"]
    for operation in operations:
        get = operation.endswith(("list", "fetch"))
        bodies = [
            (alice.get if get else alice.post)(f"conversation/{text}/{operation}")
            for text in (theirs.wire_id, f"conversation_{NOBODY}", "x", theirs.space.wire_id, "@desk")
        ]
        assert {(said(answer), answer.content) for answer in bodies} == {((404, "NOT_FOUND"), bodies[0].content)}
        assert b"Conversation not found" in bodies[0].content
    assert {Chat.objects.count(), Message.objects.count()} == {2, 1}
    assert listed(mallory) == [theirs.wire_id]
    assert listed(alice) == [ours.wire_id]


def test_an_archived_space_takes_no_conversation(alice: Caller, world: World) -> None:
    space = world.space()
    chat = make_chat(space, world.alice)
    space.archive(Actor.system(world.account))
    for operation in (
        "conversation/create",
        f"conversation/{chat.wire_id}/send",
        f"conversation/{chat.wire_id}/complete",
    ):
        answer = alice.post(operation, {"spaceId": space.wire_id, "text": "Hello"})
        assert said(answer) == (409, "CONFLICT")
    create = alice.post(f"conversation/{chat.wire_id}/message/create", {"type": "user", "text": "Hello"})
    assert said(create) == (409, "CONFLICT")
    assert not Message.objects.exists()


# ------------------------------------------------------------------- update


def test_an_update_changes_what_is_given(alice: Caller, world: World) -> None:
    chat = make_chat(world.space(), world.alice, name="Before", meta={"a": 1, "b": 2})
    answer = alice.post(f"conversation/{chat.wire_id}/update", {"name": "After", "meta": {"a": None, "c": 3}})
    assert answer.json() == {"id": chat.wire_id}
    record = alice.record(f"conversation/{chat.wire_id}/fetch")
    assert (record["name"], record["meta"]) == ("After", {"b": 2, "c": 3})
    assert record["spaceId"] == chat.space.wire_id


def test_a_conversation_moves_between_spaces(alice: Caller, world: World) -> None:
    chat, other = make_chat(world.space(), world.alice), world.space()
    contact = make_contact(world.account, world.alice)
    alice.post(f"conversation/{chat.wire_id}/update", {"spaceId": other.wire_id, "contactId": contact.wire_id})
    record = alice.record(f"conversation/{chat.wire_id}/fetch")
    assert (record["spaceId"], record["contactId"]) == (other.wire_id, contact.wire_id)
    alice.post(f"conversation/{chat.wire_id}/update", {"spaceId": None, "contactId": None})
    record = alice.record(f"conversation/{chat.wire_id}/fetch")
    assert (record["spaceId"], record["contactId"]) == (None, None)
    chat.refresh_from_db()
    assert chat.space == world.account.default_space


def test_nobody_moves_a_conversation_where_he_may_not_write(alice: Caller, world: World) -> None:
    chat, theirs = make_chat(world.space(), world.alice), make_space(world.account, world.bob)
    assert said(alice.post(f"conversation/{chat.wire_id}/update", {"spaceId": theirs.wire_id})) == (404, "NOT_FOUND")
    archived = world.space()
    archived.archive(Actor.system(world.account))
    assert said(alice.post(f"conversation/{chat.wire_id}/update", {"spaceId": archived.wire_id})) == (409, "CONFLICT")


def test_delete_takes_the_messages_along(alice: Caller, world: World) -> None:
    chat, kept = make_chat(world.space(), world.alice), make_chat(world.space(), world.alice)
    say(chat, "Hello")
    say(kept, "Hello")
    assert alice.post(f"conversation/{chat.wire_id}/delete", {}).json() == {"id": chat.wire_id}
    assert list(Chat.objects.all()) == [kept]
    assert Message.objects.get().chat == kept
    assert said(alice.get(f"conversation/{chat.wire_id}/fetch")) == (404, "NOT_FOUND")


# --------------------------------------------------------------------- list


def test_a_list_shows_the_conversations_of_all_spaces_that_one_may_read(
    alice: Caller, bob: Caller, world: World
) -> None:
    desk, unfiled = world.space(), world.account.default_space
    SpaceAccess.grant(desk, world.bob, "USE", Actor.system(world.account))
    hers = make_chat(desk, world.alice)
    his = make_chat(desk, world.bob)
    loose = make_chat(unfiled, world.bob)
    secret = make_chat(unfiled, world.alice)
    assert listed(alice) == [secret.wire_id, his.wire_id, hers.wire_id]
    assert listed(bob) == [loose.wire_id, his.wire_id]
    for answer in (bob.get(f"conversation/{hers.wire_id}/fetch"), bob.post(f"conversation/{secret.wire_id}/delete")):
        assert said(answer) == (404, "NOT_FOUND")


def test_filters_take_comma_lists(alice: Caller, world: World) -> None:
    contact = make_contact(world.account, world.alice, alias="jane")
    desk, office = world.space(alias="desk"), world.space()
    one = make_chat(desk, world.alice, bot_id="b1", contact=contact, meta={"k": 1}).wire_id
    two = make_chat(office, world.alice, bot_id="b2", task_id="t", blueprint_id="p").wire_id
    three = make_chat(world.account.default_space, world.alice).wire_id
    for query, expected in {
        "spaceId=@desk": [one],
        f"spaceId={desk.wire_id},{office.wire_id}": [two, one],
        f"spaceId={world.account.default_space.wire_id}": [three],
        "spaceId=@nobody": [],
        f"spaceId=space_{NOBODY}": [],
        "contactId=@jane": [one],
        f"contactId={contact.wire_id}&botId=b1,b9": [one],
        "botId=b1,b2": [two, one],
        "botId=b1&spaceId=@desk&meta.k=1": [one],
        "taskId=t": [two],
        "blueprintId=p": [two],
        "meta.k=2": [],
        "spaceId=": [three, two, one],
        "order=asc&take=2": [one, two],
    }.items():
        assert listed(alice, query) == expected, query
    assert listed(alice, operation=f"contact/{contact.wire_id}/conversation/list") == [one]
    assert listed(alice, "botId=b2", operation="contact/@jane/conversation/list") == []


def test_a_key_limited_to_spaces_reaches_their_conversations_alone(world: World) -> None:
    desk, other = world.space(), world.space()
    inside, outside = make_chat(desk, world.alice), make_chat(other, world.alice)
    loose = make_chat(world.account.default_space, world.alice)
    limited = world.caller(world.alice, spaces=[desk])
    assert listed(limited) == [inside.wire_id]
    for chat in (outside, loose):
        assert said(limited.get(f"conversation/{chat.wire_id}/fetch")) == (404, "NOT_FOUND")
    assert said(limited.post("conversation/create")) == (403, "NOT_AUTHORIZED")
    assert made(limited.post("conversation/create", {"spaceId": desk.wire_id})).space == desk
    assert said(limited.post(f"conversation/{inside.wire_id}/update", {"spaceId": None})) == (403, "NOT_AUTHORIZED")


def test_who_may_only_read_changes_nothing(world: World) -> None:
    analyst = world.caller(make_user(world.account, "ann", Role.ANALYST), ["read", "write"])
    reader = world.caller(world.alice, ["read"])
    chat = make_chat(world.space(), world.alice)
    message = say(chat, "Hello")
    base = f"conversation/{chat.wire_id}"
    for caller in (analyst, reader):
        assert listed(caller) == [chat.wire_id]
        for operation in (
            "conversation/create", "conversation/complete", f"{base}/update", f"{base}/delete", f"{base}/complete",
            f"{base}/send", f"{base}/receive", f"{base}/upvote", f"{base}/session/create", f"{base}/message/create",
            f"{base}/message/{message.wire_id}/update", f"{base}/message/{message.wire_id}/delete",
            f"{base}/message/{message.wire_id}/upvote",
        ):  # fmt: skip
            body = {"text": "x", "type": "user", "messages": [{"type": "user", "text": "x"}]}
            assert said(caller.post(operation, body)) == (403, "NOT_AUTHORIZED"), operation
    assert Message.objects.count() == 1
    assert not Rating.objects.exists()


# -------------------------------------------------------------------- votes


def test_votes(alice: Caller, world: World) -> None:
    chat = make_chat(world.space(), world.alice)
    message = say(chat, "Good day", role="assistant")
    base = f"conversation/{chat.wire_id}"
    assert alice.post(f"{base}/upvote", {}).json() == {"id": chat.wire_id}
    assert alice.post(f"{base}/message/{message.wire_id}/downvote", {}).json() == {"id": message.wire_id}
    assert set(Rating.objects.values_list("message", "value")) == {(None, 100), (message.pk, -100)}
    alice.post(f"{base}/downvote", {"value": -20, "reason": "Slow"})
    alice.post(f"{base}/message/{message.wire_id}/upvote", {"value": 1, "reason": None})
    assert set(Rating.objects.values_list("message", "value", "reason")) == {(None, -20, "Slow"), (message.pk, 1, "")}


@pytest.mark.parametrize("value", [0, -1, 101, 1.5, True, "50", [1]])
def test_an_upvote_is_1_to_100(alice: Caller, world: World, value: Any) -> None:
    base = f"conversation/{make_chat(world.space(), world.alice).wire_id}"
    answer = alice.post(f"{base}/upvote", {"value": value})
    assert said(answer) == (400, "BAD_REQUEST")
    assert answer.json()["message"].startswith("value: Must be ")
    down = alice.post(f"{base}/downvote", {"value": -value if isinstance(value, int) and value is not True else value})
    assert said(down) == (400, "BAD_REQUEST")
    assert not Rating.objects.exists()


def test_bad_members_are_named(alice: Caller, world: World) -> None:
    chat = make_chat(world.space(), world.alice)
    too_many = [{"type": "user", "text": "x"}] * (limits.MESSAGES_PER_CALL + 1)
    for body, sentence in (
        ({"model": 7}, "model: Must be a string."),
        ({"privacy": "yes"}, "privacy: Must be true or false."),
        ({"expiresAt": "soon"}, "expiresAt: Must be a time"),
        ({"contactId": 7}, "contactId: Must be an id or an object."),
        ({"spaceId": 7}, "spaceId: Must be a string."),
        ({"backstory": "x" * 65_536}, "backstory: At most 65,535"),
        ({"botId": "x" * 256}, "botId: "),
        ({"name": "a\nb"}, "name: Control"),
        ({"meta": []}, "meta: Must be a JSON object."),
    ):
        for operation in ("conversation/create", f"conversation/{chat.wire_id}/update"):
            answer = alice.post(operation, body)
            assert said(answer) == (400, "BAD_REQUEST"), (operation, body)
            assert sentence in answer.json()["message"], answer.json()
    for talk, sentence in (
        ("x", "messages: Expected a list"),
        ([1], "messages.0: "),
        ([{"type": "user"}], "messages.0.text: This field is required."),
        ([{"type": "robot", "text": "x"}], "messages.0.type: Must be one of user, bot,"),
        ([{"type": ["user"], "text": "x"}], "messages.0.type: Must be one of user, bot,"),
        ([{"type": "user", "text": None}], "messages.0.text: "),
        ([{"type": "user", "text": 7}], "messages.0.text: Must be a string."),
        ([{"type": "bot", "text": " "}], "text: This field may not be blank."),
        (too_many, "messages: Ensure this field has no more than 100 elements."),
    ):
        answer = alice.post("conversation/create", {"messages": talk})
        assert said(answer) == (400, "BAD_REQUEST"), talk
        assert sentence in answer.json()["message"], answer.json()
    assert Chat.objects.count() == 1
