"""MessageAssessment.*, MessageLog.* and ShortTermMemory.*"""

from __future__ import annotations

from typing import Any

import pytest

from chats.models import Assessment, Chat, Message, MessageLog, ShortTermMemory
from spaces.models.api_keys import Scope
from spaces_project.kit.ids import Prefix, encode
from tests.api.unique.caller import Caller, caller, refused, told, user_id
from tests.api.world import World
from tests.factories import make_chat, say

CHECK = {"status": "DONE", "type": "HALLUCINATION", "isVisible": True, "title": "Grounded", "label": "GREEN"}


@pytest.fixture
def chat(world: World) -> Chat:
    return make_chat(world.space(), world.alice)


@pytest.fixture
def message(chat: Chat) -> Message:
    return say(chat, "It is covered.", "assistant")


# ----------------------------------------------------------------------- assessments


def test_an_assessment_is_made_and_changed(world: World, alice: Caller, message: Message) -> None:
    made = told(alice.post("message-assessment", {**CHECK, "messageId": message.wire_id, "explanation": None}), 201)
    assert (made["object"], made["status"], made["label"], made["explanation"]) == (
        "message-assessment", "DONE", "GREEN", None
    )  # fmt: skip
    assert (made["companyId"], made["userId"]) == (str(world.account.pk), user_id(world.alice))
    body = {"messageId": message.wire_id, "type": "HALLUCINATION", "status": None, "label": "RED", "title": None}
    changed = told(alice.patch(f"message-assessment/{message.wire_id}", body))
    assert (changed["id"], changed["label"], changed["title"]) == (made["id"], "RED", "Grounded")
    latest = told(alice.get(f"space/{message.chat.unique_id}/messages/latest"))
    assert latest["assessment"] == [changed]


def test_assessments_that_make_no_sense(world: World, alice: Caller, mallory: Caller, message: Message) -> None:
    good = {**CHECK, "messageId": message.wire_id}
    for wrong in ({"type": "MOOD"}, {"status": None}, {"label": "BLUE"}, {"isVisible": "True"}, {"title": 1}):
        assert refused(alice.post("message-assessment", {**good, **wrong})) == (400, "BAD_REQUEST")
    route = f"message-assessment/{message.wire_id}"
    assert refused(alice.patch(route, {"type": "COMPLIANCE", "label": "RED"})) == (404, "NOT_FOUND")
    assert refused(mallory.post("message-assessment", good)) == (404, "NOT_FOUND")
    assert refused(mallory.patch(route, {"type": "COMPLIANCE"})) == (404, "NOT_FOUND")
    assert not Assessment.objects.exists()


# ------------------------------------------------------------------------------ logs


def test_a_step_is_logged_and_changed(world: World, alice: Caller, mallory: Caller, message: Message) -> None:
    body = {"messageId": message.wire_id, "text": "Searching", "status": "RUNNING", "order": 1, "details": {"q": "x"}}
    made = told(alice.post("message-log", body), 201)
    assert (made["messageId"], made["details"], made["references"]) == (message.wire_id, {"q": "x"}, None)
    route = f"message-log/{made['id']}"
    changed = told(alice.patch(route, {"status": "COMPLETED", "text": None}))
    assert (changed["status"], changed["text"]) == ("COMPLETED", "Searching")
    assert refused(alice.patch(route, {"status": "LATE"})) == (400, "BAD_REQUEST")
    assert refused(mallory.patch(route, {"text": "mine"})) == (404, "NOT_FOUND")
    assert refused(alice.patch("message-log/x", {"text": "mine"})) == (404, "NOT_FOUND")
    assert refused(mallory.post("message-log", body)) == (404, "NOT_FOUND")
    assert MessageLog.objects.get().text == "Searching"


# --------------------------------------------------------------------------- memories


def keep(who: Caller, data: str, **more: Any) -> Any:
    return who.post("short-term-memory", {"memoryName": "facts", "chatId": None, "data": data, **more})


def find(who: Caller, **more: Any) -> Any:
    return told(who.post("short-term-memory/find-latest", {"memoryName": "facts", **more}))


def test_a_memory_is_kept_replaced_and_found(world: World, alice: Caller, chat: Chat, message: Message) -> None:
    assert find(alice) == {}
    first = told(keep(alice, "one"), 201)
    assert (first["memoryName"], first["data"], first["chatId"], first["messageId"]) == ("facts", "one", None, None)
    assert told(keep(alice, "two"), 201)["id"] == first["id"]
    assert find(alice)["data"] == "two"
    told(keep(alice, "of the chat", chatId=chat.unique_id), 201)
    assert find(alice, chatId=chat.unique_id, messageId=None)["data"] == "of the chat"
    of_message = told(keep(alice, "of the message", messageId=message.wire_id), 201)
    assert of_message["chatId"] == chat.unique_id
    assert find(alice, messageId=message.wire_id)["data"] == "of the message"
    assert find(alice, chatId=chat.unique_id)["data"] == "of the message"
    assert find(alice, memoryName="other") == {}
    assert ShortTermMemory.objects.count() == 3


def test_memories_are_ones_own(world: World, alice: Caller, bob: Caller, mallory: Caller, chat: Chat) -> None:
    told(keep(alice, "hers"), 201)
    assert find(bob) == find(mallory) == {}
    for who in (bob, mallory):
        assert refused(keep(who, "x", chatId=chat.unique_id)) == (404, "NOT_FOUND")
    other = make_chat(world.space(), world.alice)
    message = say(other, "x")
    assert refused(keep(alice, "x", chatId=chat.unique_id, messageId=message.wire_id)) == (404, "NOT_FOUND")


def test_memories_that_make_no_sense(world: World, alice: Caller) -> None:
    assert told(keep(alice, "x" * 10_000), 201)
    for wrong in ({"data": "x" * 10_001}, {"memoryName": ""}, {"memoryName": "a\nb"}, {"data": {"a": 1}}):
        assert refused(keep(alice, **{"data": "x", **wrong})) == (400, "BAD_REQUEST")
    never = encode(Prefix.CHAT, world.alice.pk)
    assert refused(keep(alice, "x", chatId=never)) == (404, "NOT_FOUND")


def test_keys_that_reach_less(world: World, alice: Caller, chat: Chat) -> None:
    told(keep(alice, "of nobody's chat"), 201)
    limited = caller(world.alice, spaces=[chat.space])
    assert find(limited) == {}
    assert refused(keep(limited, "x")) == (403, "FORBIDDEN")
    told(keep(limited, "in reach", chatId=chat.unique_id), 201)
    assert find(limited)["data"] == "in reach"
    reader = caller(world.alice, scopes=[Scope.READ])
    assert refused(keep(reader, "x")) == (403, "FORBIDDEN")
    assert find(reader)["data"] == "in reach"
