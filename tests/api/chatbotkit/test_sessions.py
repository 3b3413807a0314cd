"""conversation/{id}/session/create: a token that opens one conversation, at a few operations, for a while."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.utils import timezone

from chats.models import Chat, Message, Rating
from spaces.actors import Actor
from spaces.models import ApiKey
from spaces_project.api.auth import SESSION, SESSION_SALT
from spaces_project.api.chatbotkit.urls import implemented
from tests.api.world import CLIENT, Caller, World, said
from tests.factories import make_chat, make_key, say

OPEN = {
    "conversation.fetch", "conversation.complete", "conversation.send", "conversation.receive",
    "conversation.contact.upsert", "message.create", "message.list", "message.fetch", "message.upvote",
    "message.downvote",
}  # fmt: skip


@pytest.fixture
def chat(world: World) -> Chat:
    return make_chat(world.space(), world.alice)


def issued(caller: Caller, chat: Chat, **body: Any) -> Caller:
    answer = caller.post(f"conversation/{chat.wire_id}/session/create", body)
    assert answer.status_code == 200, answer.content
    assert answer.json()["id"] == chat.wire_id
    return Caller(answer.json()["token"])


def test_a_session_lasts_an_hour_unless_it_is_told(alice: Caller, chat: Chat) -> None:
    for body, seconds in (({}, 3600), ({"durationInSeconds": None}, 3600), ({"durationInSeconds": 86_400}, 86_400)):
        answer = alice.post(f"conversation/{chat.wire_id}/session/create", body).json()
        assert answer["token"].startswith("session_")
        assert abs(answer["expiresAt"] / 1000 - time.time() - seconds) < 10
    for value in (0, 1799, 86_401, -1, "3600", 1.5, True, [3600]):
        answer = alice.post(f"conversation/{chat.wire_id}/session/create", {"durationInSeconds": value})
        assert said(answer) == (400, "BAD_REQUEST"), value


def test_a_session_reads_and_writes_its_conversation(alice: Caller, chat: Chat, world: World) -> None:
    visitor, base = issued(alice, chat), f"conversation/{chat.wire_id}"
    assert visitor.record(f"{base}/fetch")["id"] == chat.wire_id
    made = visitor.post(f"{base}/message/create", {"type": "user", "text": "Hello"}).json()["id"]
    assert visitor.post(f"{base}/send", {"text": "Anybody?"}).status_code == 200
    assert [item["text"] for item in visitor.get(f"{base}/message/list").json()["items"]] == ["Hello", "Anybody?"]
    assert visitor.record(f"{base}/message/{made}/fetch")["text"] == "Hello"
    assert visitor.post(f"{base}/message/{made}/upvote").status_code == 200
    contact = visitor.post(f"{base}/contact/upsert", {"fingerprint": "visitor-0123456789"}).json()["id"]
    assert visitor.record(f"{base}/fetch")["contactId"] == contact
    assert {message.created_by for message in Message.objects.all()} == {world.alice.pk}
    assert Rating.objects.get().user == world.alice


def test_a_session_opens_nothing_else(alice: Caller, chat: Chat, world: World) -> None:
    visitor, other = issued(alice, chat), make_chat(chat.space, world.alice)
    message = say(other, "Secret")
    names = {"space_id": chat.space.wire_id, "message_id": message.wire_id}
    for route in implemented:
        path = str(route.pattern).replace("<str:", "{").replace(">", "}")
        ids = {**dict.fromkeys(route.pattern.converters, "what_x"), **names, "conversation_id": chat.wire_id}
        call = visitor.get if "get" in route.callback.actions else visitor.post  # type: ignore[attr-defined]
        if route.name not in OPEN:
            assert said(call(path.format(**ids))) == (401, "NOT_AUTHENTICATED"), route.name
        elif "message_id" not in path:
            body = call(path.format(**{**ids, "conversation_id": other.wire_id}))
            assert said(body) == (404, "NOT_FOUND"), route.name
        else:
            assert said(call(path.format(**ids))) == (404, "NOT_FOUND"), route.name
    assert Message.objects.count() == 1
    headers = {"authorization": f"Bearer {visitor.token}"}
    assert CLIENT.get("/api/v1/bot/list", headers=headers).status_code == 401
    assert said(alice.post(f"conversation/{chat.wire_id}/session/create", **{"x-runas-user-id": "bob"}))[0] == 403


def test_a_session_dies_with_its_key(chat: Chat, world: World) -> None:
    base = f"conversation/{chat.wire_id}/fetch"
    key, token = make_key(world.alice)
    visitor = issued(Caller(token), chat)
    assert visitor.get(base).status_code == 200
    ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert said(visitor.get(base)) == (401, "NOT_AUTHENTICATED")
    ApiKey.objects.filter(pk=key.pk).update(expires_at=None)
    assert visitor.get(base).status_code == 200
    key.revoke(by=Actor.system(world.account))
    assert said(visitor.get(base)) == (401, "NOT_AUTHENTICATED")


def test_a_session_dies_with_its_user_and_his_rights(chat: Chat, world: World) -> None:
    base = f"conversation/{chat.wire_id}/fetch"
    acting = world.caller(world.admin, ["read", "write", "act_as"])
    answer = acting.post(f"conversation/{chat.wire_id}/session/create", **{"x-runas-user-id": "alice"})
    visitor = Caller(answer.json()["token"])
    assert visitor.get(base).status_code == 200
    Chat.objects.filter(pk=chat.pk).update(user=world.bob)
    assert visitor.get(base).status_code == 200, "alice owns the space"
    world.alice.is_active = False
    world.alice.save(update_fields=["is_active"])
    assert said(visitor.get(base)) == (401, "NOT_AUTHENTICATED")


def test_a_session_ends(alice: Caller, chat: Chat, world: World) -> None:
    key, user = make_key(world.alice)[0], world.alice
    for end, status in ((time.time() + 60, 200), (time.time() - 1, 401)):
        claims = [chat.pk.hex, key.pk.hex, user.pk.hex, int(end)]
        visitor = Caller(SESSION + signing.dumps(claims, salt=SESSION_SALT))
        assert visitor.get(f"conversation/{chat.wire_id}/fetch").status_code == status


def test_what_is_no_session_opens_nothing(alice: Caller, chat: Chat, world: World) -> None:
    token = issued(alice, chat).token or ""
    claims = [chat.pk.hex, make_key(world.alice)[0].pk.hex, world.alice.pk.hex, int(time.time()) + 60]
    for wrong in (
        token[:-1], token + "x", token.removeprefix("session_"), "session_", "session_x:y:z",
        SESSION + signing.dumps(claims), SESSION + signing.dumps(claims, salt="spaces.other"),
        SESSION + signing.dumps([*claims, 1], salt=SESSION_SALT), SESSION + signing.dumps({}, salt=SESSION_SALT),
        SESSION + signing.dumps(["x", "y", "z", 1], salt=SESSION_SALT),
        SESSION + signing.dumps([*claims[:3], "soon"], salt=SESSION_SALT), "session_\u00fc",
    ):  # fmt: skip
        answer = Caller(wrong).get(f"conversation/{chat.wire_id}/fetch")
        assert said(answer) == (401, "NOT_AUTHENTICATED"), wrong


def test_a_read_only_key_makes_no_session(chat: Chat, world: World) -> None:
    reader = world.caller(world.alice, ["read"])
    assert said(reader.post(f"conversation/{chat.wire_id}/session/create")) == (403, "NOT_AUTHORIZED")


def test_a_session_of_a_limited_key_stays_limited(chat: Chat, world: World) -> None:
    visitor = issued(world.caller(world.alice, spaces=[chat.space]), chat)
    assert visitor.get(f"conversation/{chat.wire_id}/fetch").status_code == 200
    chat.change(Actor.system(world.account), space=world.account.default_space)
    assert said(visitor.get(f"conversation/{chat.wire_id}/fetch")) == (404, "NOT_FOUND")
