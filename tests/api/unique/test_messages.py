"""Message.*: what programs read, write, change and end."""

from __future__ import annotations

from typing import Any

import pytest

from chats.answering import answer_chat, claim, dialogue_of
from chats.models import Assistant, Chat, Message, Reference
from chats.replies import ask, stop
from chats.responders.base import never
from chats.writing import Writer
from spaces.models import AuditEntry, Space, SpaceAccess
from spaces_project.kit.ids import Prefix, encode
from tests.api.unique.caller import Caller, refused, space_id, talk_of, told
from tests.api.world import World
from tests.factories import actor_of, make_chat, say

NOW = "2040-01-01T00:00:00.000Z"
PAST = "2001-01-01T00:00:00Z"
DOC = {"name": "Doc", "url": "unique://content/cont_1", "sequenceNumber": 1, "sourceId": "cont_1_chunk_1"}
# what the vendor's toolkit sends beside what it means to change
TOOLKIT = {"originalText": None, "text": None, "completedAt": None, "stoppedStreamingAt": None, "references": []}


@pytest.fixture
def space(world: World) -> Space:
    return world.space(name="Claims")


@pytest.fixture
def chat(world: World, space: Space) -> Chat:
    return make_chat(space, world.alice)


@pytest.fixture
def asked(world: World, chat: Chat) -> Any:
    return ask(actor_of(world.alice), chat, "What is covered?")


def change(who: Caller, message: Message, **fields: Any) -> Any:
    return who.patch(f"messages/{message.wire_id}", {"chatId": message.chat.unique_id, **fields})


def waiting(answer: Message) -> None:
    """An external system was asked."""
    Message.objects.filter(pk=answer.pk).update(state="waiting")


def post(who: Caller, chat: Chat, **fields: Any) -> Any:
    where = {"chatId": chat.unique_id, "assistantId": space_id(chat.space), "role": "ASSISTANT"}
    return who.post("messages", {**where, **fields})


# ------------------------------------------------------------------ answers of programs


def test_a_program_streams_and_ends_an_answer(world: World, alice: Caller, asked: Any) -> None:
    waiting(asked.answer)
    got = told(change(alice, asked.answer, **{**TOOLKIT, "text": "It "}))
    assert (got["text"], got["stoppedStreamingAt"], got["completedAt"]) == ("It ", None, None)
    assert got["startedStreamingAt"]
    asked.chat.refresh_from_db()
    assert asked.chat.last_role == "user"
    got = told(change(alice, asked.answer, text="It is.", stoppedStreamingAt=NOW, references=[DOC]))
    assert (got["text"], got["stoppedStreamingAt"], got["completedAt"]) == ("It is.", NOW, None)
    answer = Message.objects.get(pk=asked.answer.pk)
    assert answer.state == "done"
    asked.chat.refresh_from_db()
    assert (asked.chat.last_role, asked.chat.is_failed) == ("assistant", False)
    got = told(change(alice, asked.answer, **{**TOOLKIT, "completedAt": NOW}))
    assert got["completedAt"] == NOW
    assert [each["name"] for each in got["references"]] == ["Doc"]


def test_what_a_program_ends_our_worker_does_not_write(world: World, alice: Caller, asked: Any) -> None:
    claimed = claim(asked.chat)
    assert isinstance(claimed, Message)
    told(change(alice, asked.answer, text="By a program.", completedAt=NOW))
    Writer(claimed, never).run(dialogue_of)
    assert answer_chat(asked.chat) is True
    assert talk_of(asked.chat)[1] == ("assistant", "done", "By a program.")


def test_times_keep_the_order_of_a_turn(world: World, alice: Caller, asked: Any) -> None:
    waiting(asked.answer)
    told(change(alice, asked.answer, text="x", completedAt=PAST, startedStreamingAt=PAST))
    answer = Message.objects.get(pk=asked.answer.pk)
    assert answer.created_at == answer.started_at == answer.stopped_at == answer.completed_at


def test_a_users_message_never_gets_times(world: World, alice: Caller, asked: Any) -> None:
    info = {"llm_invocations": [], "llm_invocations_complete": True}
    got = told(
        change(alice, asked.question, debugInfo=info, completedAt=NOW, stoppedStreamingAt=NOW, startedStreamingAt=NOW)
    )
    assert got["stoppedStreamingAt"] is got["completedAt"] is got["startedStreamingAt"] is None
    question = Message.objects.get(pk=asked.question.pk)
    assert (question.stopped_at, question.completed_at, question.debug_info) == (None, None, info)
    assert Message.objects.get(pk=asked.answer.pk).state == "queued"


def test_nulls_and_no_references_are_no_change(world: World, alice: Caller, chat: Chat) -> None:
    message = say(chat, "Yes", "assistant")
    told(change(alice, message, references=[DOC]))
    before = AuditEntry.objects.count()
    got = told(change(alice, message, **TOOLKIT))
    assert (got["text"], len(got["references"])) == ("Yes", 1)
    assert AuditEntry.objects.count() == before
    got = told(change(alice, message, text="No", references=[]))
    assert (got["text"], got["references"]) == ("No", [])


def test_references_are_replaced(world: World, alice: Caller, chat: Chat) -> None:
    message = say(chat, "Yes", "assistant")
    told(change(alice, message, references=[DOC, {**DOC, "sequenceNumber": 2}]))
    got = told(change(alice, message, references=[{**DOC, "name": "New", "description": None, "originalIndex": [4]}]))
    assert got["references"] == [{**DOC, "name": "New", "description": None, "originalIndex": [4], "source": ""}]
    assert Reference.objects.count() == 1
    many = [{**DOC, "sequenceNumber": number} for number in range(201)]
    for wrong in ([{"name": "no number"}], many, ["x"], [{**DOC, "sequenceNumber": -1}]):
        assert refused(change(alice, message, references=wrong)) == (400, "BAD_REQUEST")
    assert Reference.objects.count() == 1


def test_a_users_stop_wins(world: World, alice: Caller, asked: Any) -> None:
    stop(actor_of(world.alice), asked.answer)
    got = told(change(alice, asked.answer, text="Still talking", completedAt=NOW, debugInfo={"tokens": 4}))
    assert (got["text"], got["debugInfo"]) == (None, {"tokens": 4})
    assert got["userAbortedAt"]
    assert Message.objects.get(pk=asked.answer.pk).state == "stopped"


def test_an_answer_fills_the_one_that_waits(world: World, alice: Caller, space: Space, asked: Any) -> None:
    waiting(asked.answer)
    got = told(post(alice, asked.chat, text="Hello.", references=[DOC], debugInfo=None), 201)
    assert got["id"] == asked.answer.wire_id
    assert got["stoppedStreamingAt"]
    assert got["completedAt"]
    assert [(state, text) for _, state, text in talk_of(asked.chat)] == [("", "What is covered?"), ("done", "Hello.")]


def test_an_external_space_is_answered_by_a_program(world: World, alice: Caller) -> None:
    module = {"name": "Bot", "isExternal": True}
    body = {"name": "Outside", "fallbackModule": "Bot", "modules": [module], "isExternal": True}
    space = told(alice.post("space", body), 201)["id"]
    question = told(alice.post("space/message", {"assistantId": space, "text": "Hello?"}), 201)
    chat = Chat.objects.get()
    answer_chat(chat)
    assert talk_of(chat)[1] == ("assistant", "waiting", "")
    where = {"chatId": question["chatId"], "assistantId": space, "role": "ASSISTANT"}
    told(alice.post("messages", {**where, "text": "Good day.", "references": []}), 201)
    latest = told(alice.get(f"space/{question['chatId']}/messages/latest"))
    assert (latest["text"], latest["previousMessageId"]) == ("Good day.", question["id"])
    assert latest["stoppedStreamingAt"]
    assert Message.objects.count() == 2


def test_a_text_from_outside_takes_an_answer_over(world: World, alice: Caller, asked: Any) -> None:
    told(change(alice, asked.answer, text="I am on it"))
    answer_chat(asked.chat)
    assert talk_of(asked.chat)[1] == ("assistant", "waiting", "I am on it")


def test_an_answer_without_one_that_waits_is_new(world: World, alice: Caller, chat: Chat) -> None:
    question = say(chat, "Anybody?")
    got = told(post(alice, chat, text="Yes.", segmentKind="ANSWER", responseTurnId="t1", segmentIndex=0), 201)
    assert (got["role"], got["text"], got["previousMessageId"]) == ("ASSISTANT", "Yes.", question.wire_id)
    assert (got["segmentKind"], got["responseTurnId"], got["segmentIndex"]) == ("ANSWER", "t1", 0)
    times = [got[f"{name}At"] for name in ("created", "startedStreaming", "stoppedStreaming", "completed")]
    assert times == sorted(times)
    message = Message.objects.get(role="assistant")
    assert message.created_at <= message.started_at <= message.stopped_at <= message.completed_at
    chat.refresh_from_db()
    assert (chat.message_count, chat.last_role) == (2, "assistant")


def test_an_answer_without_text_is_open_until_it_is_ended(world: World, alice: Caller, chat: Chat) -> None:
    say(chat, "Anybody?")
    got = told(post(alice, chat, text="", references=[]), 201)
    assert (got["text"], got["stoppedStreamingAt"]) == (None, None)
    message = Message.objects.get(role="assistant")
    chat.refresh_from_db()
    assert (message.state, chat.last_role) == ("waiting", "user")
    told(change(alice, message, text="Here.", completedAt=NOW))
    chat.refresh_from_db()
    assert (talk_of(chat)[1], chat.last_role) == (("assistant", "done", "Here."), "assistant")


@pytest.mark.parametrize(
    "wrong", [{"role": "USER"}, {"role": "assistant"}, {"role": None}, {"assistantId": None}, {"completedAt": "soon"}]
)
def test_answers_that_make_no_sense(world: World, alice: Caller, chat: Chat, wrong: dict[str, Any]) -> None:
    assert refused(post(alice, chat, text="x", **wrong)) == (400, "BAD_REQUEST")
    assert not Message.objects.exists()


def test_an_archived_space_takes_the_answer_it_waits_for_and_no_other(
    world: World, alice: Caller, space: Space, asked: Any
) -> None:
    space.archive(actor_of(world.alice))
    assert refused(post(alice, asked.chat, text="x")) == (409, "CONFLICT")
    waiting(asked.answer)
    told(post(alice, asked.chat, text="x"), 201)


# ------------------------------------------------------------------------- the rest


def test_retrieve_and_delete(world: World, alice: Caller, chat: Chat, asked: Any) -> None:
    where = f"messages/{asked.question.wire_id}?chatId={chat.unique_id}"
    assert told(alice.get(where))["text"] == "What is covered?"
    assert told(alice.delete(where))["id"] == asked.question.wire_id
    assert refused(alice.get(where)) == (404, "NOT_FOUND")
    chat.refresh_from_db()
    assert chat.message_count == 0
    assert refused(alice.get(f"messages/{asked.question.wire_id}")) == (400, "BAD_REQUEST")


def test_an_event_is_not_stored(world: World, alice: Caller, asked: Any) -> None:
    body = {"chatId": asked.chat.unique_id, "text": "par"}
    got = told(alice.post(f"messages/{asked.answer.wire_id}/event", body))
    assert (got["id"], got["text"]) == (asked.answer.wire_id, "par")
    assert talk_of(asked.chat)[1] == ("assistant", "queued", "")


def test_an_interrupted_turn_fails_once(world: World, alice: Caller, asked: Any) -> None:
    route = f"messages/{asked.question.wire_id}/turn-interruption"
    body = {"chatId": asked.chat.unique_id, "reason": "SYSTEM_INTERRUPTED"}
    first, again = (told(alice.post(route, body)) for _ in range(2))
    assert first == again
    assert first["turnInterruptionReason"] == "SYSTEM_INTERRUPTED"
    latest = told(alice.get(f"space/{asked.chat.unique_id}/messages/latest"))
    assert "interrupted" in latest["text"]
    assert latest["completedAt"]
    answer_chat(asked.chat)
    assert talk_of(asked.chat)[1][1] == "failed"
    asked.chat.refresh_from_db()
    assert asked.chat.is_failed


def test_a_turn_is_named_by_the_users_message(world: World, alice: Caller, asked: Any) -> None:
    body = {"chatId": asked.chat.unique_id, "reason": "SYSTEM_INTERRUPTED"}
    answer = alice.post(f"messages/{asked.answer.wire_id}/turn-interruption", body)
    assert refused(answer) == (400, "BAD_REQUEST")
    assert talk_of(asked.chat)[1][1] == "queued"


def test_an_interruption_after_a_users_stop_changes_nothing(world: World, alice: Caller, asked: Any) -> None:
    stop(actor_of(world.alice), asked.answer)
    body = {"chatId": asked.chat.unique_id, "reason": "SYSTEM_INTERRUPTED"}
    got = told(alice.post(f"messages/{asked.question.wire_id}/turn-interruption", body))
    assert got["turnInterruptionReason"] is None
    assert talk_of(asked.chat)[1][1] == "stopped"


def test_messages_of_strangers_and_other_chats(
    world: World, alice: Caller, bob: Caller, mallory: Caller, space: Space, asked: Any
) -> None:
    other = make_chat(space, world.alice)
    message, never = asked.question.wire_id, encode(Prefix.MESSAGE, world.alice.pk)
    SpaceAccess.grant(space, world.bob, "USE", actor_of(world.alice))
    for who, chat in ((mallory, asked.chat), (bob, asked.chat), (alice, other)):
        for method, route, body in (
            ("GET", "messages/{}?chatId=" + chat.unique_id, None),
            ("DELETE", "messages/{}?chatId=" + chat.unique_id, None),
            ("PATCH", "messages/{}", {"chatId": chat.unique_id, "text": "mine"}),
            ("POST", "messages/{}/event", {"chatId": chat.unique_id, "text": "mine"}),
            ("POST", "messages/{}/turn-interruption", {"chatId": chat.unique_id, "reason": "SYSTEM_INTERRUPTED"}),
        ):
            theirs, nothing = (who.call(method, route.format(name), body) for name in (message, never))
            assert refused(theirs) == refused(nothing) == (404, "NOT_FOUND")
            assert theirs.content == nothing.content
    assert refused(post(mallory, asked.chat, text="x")) == (404, "NOT_FOUND")
    assert [text for _, _, text in talk_of(asked.chat)] == ["What is covered?", ""]


def test_an_answer_belongs_to_the_space_it_names(world: World, alice: Caller, chat: Chat) -> None:
    where = {"chatId": chat.unique_id, "assistantId": space_id(world.space()), "role": "ASSISTANT", "text": "x"}
    assert refused(alice.post("messages", where)) == (400, "BAD_REQUEST")
    assert not Assistant.objects.exists()
    assert not Message.objects.exists()
