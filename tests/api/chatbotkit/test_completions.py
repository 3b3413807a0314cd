"""Asking for answers: stored ones, watched while they are written, and those of which nothing is kept."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from chats import watching
from chats.answering import answer_chat
from chats.models import Chat, Message
from chats.replies import ask
from spaces_project.api.chatbotkit import completions
from spaces_project.kit import limits
from tests.api.world import Caller, World, make_world, said
from tests.factories import actor_of, make_chat, make_contact, say

TYPED = {
    "error", "token", "reasoningToken", "message", "abort", "completeBegin", "completeEnd",
    "waitForChannelMessageBegin", "waitForChannelMessageEnd", "usage", "result",
}  # fmt: skip
Act = Callable[[Message], None]


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world()


@pytest.fixture
def chat(world: World) -> Chat:
    return make_chat(world.space(), world.alice)


@pytest.fixture
def worker() -> Iterator[Callable[..., None]]:
    """``worker(act, …)`` does these things, one after another, to the answers that get asked for, in another thread."""
    ends = threading.Event()
    threads: list[threading.Thread] = []

    def work(*acts: Act) -> None:
        try:
            for act in acts:
                while not ends.wait(0.02):
                    if answer := Message.objects.filter(state="queued").select_related("chat").first():
                        act(answer)
                        break
        finally:
            connection.close()

    def start(*acts: Act) -> None:
        threads.append(threading.Thread(target=work, args=acts))
        threads[-1].start()

    yield start
    ends.set()
    for thread in threads:
        thread.join()


def whole(answer: Message) -> None:
    """As the worker does it."""
    answer_chat(Chat.objects.select_related("space", "space__account").get(pk=answer.chat_id))


def write(answer: Message, state: str, text: str = "", **values: Any) -> None:
    now = timezone.now()
    Message.objects.filter(pk=answer.pk).update(state=state, text=text, updated_at=now, **values)


def in_pieces(answer: Message) -> None:
    """A model thinks, says something, is begun anew, and comes to an end."""
    pause = threading.Event()
    for text in ("Good", "Good day, ", "", "Good day, größe 😀"):
        write(answer, "answering", text)
        pause.wait(0.25)
    call = {"modelName": "gpt-5", "tokenUsage": {"promptTokens": 7, "completionTokens": 3, "totalTokens": 10}}
    debug = {
        "llm_invocations": [call, call],
        "llm_invocations_complete": True,
        "reasoning": "Hm.",
        "finishReason": "length",
    }
    Message.objects.filter(pk=answer.answers_id).update(debug_info=debug)
    write(answer, "done", "Good day, größe 😀!")


def events(answer: Any) -> list[tuple[str, Any]]:
    """The events of a streamed answer; checks what holds for all of them."""
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/jsonl")
    body = b"".join(answer.streaming_content)
    answer.close()
    assert body.isascii()
    lines = body.split(b"\n")
    assert lines.pop() == b""
    read = [json.loads(line) for line in lines]
    assert {each["type"] for each in read} <= TYPED
    assert all(set(each) == {"type", "data"} for each in read)
    return [(each["type"], each["data"]) for each in read]


def stream(caller: Caller, operation: str, body: Any = None) -> list[tuple[str, Any]]:
    return events(caller.post(operation, body, Accept="application/jsonl"))


# ----------------------------------------------------------------- complete


def test_complete_stores_both_sides_and_answers(alice: Caller, chat: Chat, worker: Any) -> None:
    worker(whole)
    answer = alice.post(f"conversation/{chat.wire_id}/complete", {"text": "  What is covered? ", "functions": []})
    assert answer.status_code == 200, answer.content
    question, reply = Message.objects.order_by("created_at")
    assert answer.json() == {
        "id": reply.wire_id,
        "text": reply.text,
        "usage": {"token": 0},
        "end": {"reason": "stop"},
    }
    assert (question.role, question.text, reply.role, reply.state) == ("user", "What is covered?", "assistant", "done")
    assert "not a language model" in reply.text
    assert not watching.hub._watched
    assert watching.hub._taken == 0


def test_complete_streams_the_text_as_it_grows(alice: Caller, chat: Chat, worker: Any) -> None:
    worker(in_pieces)
    told = stream(alice, f"conversation/{chat.wire_id}/complete", {"text": "Hello"})
    assert told[0] == ("completeBegin", {})
    tokens = [data["token"] for type, data in told if type == "token"]
    assert "".join(tokens) == "Good day, größe 😀!"
    assert len([token for token in tokens if token]) >= 2
    (reply,) = Message.objects.filter(role="assistant")
    assert told[-5:] == [
        ("reasoningToken", {"token": "Hm."}),
        ("message", {"type": "bot", "text": "Good day, größe 😀!"}),
        ("completeEnd", {}),
        ("usage", {"model": "gpt-5", "inputTokensUsed": 14, "outputTokensUsed": 6}),
        (
            "result",
            {"id": reply.wire_id, "text": "Good day, größe 😀!", "usage": {"token": 20}, "end": {"reason": "length"}},
        ),
    ]
    assert watching.hub._taken == 0


def test_a_failure_is_told_and_not_repeated(alice: Caller, chat: Chat, worker: Any) -> None:
    def fail(answer: Message) -> None:
        write(answer, "failed", error="The language model is away.")

    operation = f"conversation/{chat.wire_id}/complete"
    worker(fail, fail)
    answer = alice.post(operation, {"text": "Hello"})
    assert said(answer) == (422, "UNPROCESSABLE_ENTITY")
    assert answer.json()["message"] == "The language model is away."
    told = stream(alice, operation, {"text": "Hello"})
    assert told[-1] == ("error", answer.json())
    assert "result" not in dict(told)


@pytest.mark.thorough
def test_a_stopped_answer_ends_with_abort(alice: Caller, chat: Chat, worker: Any) -> None:
    worker(lambda answer: write(answer, "stopped", "Good"))
    answer = alice.post(f"conversation/{chat.wire_id}/complete", {"text": "Hello"}).json()
    assert (answer["text"], answer["end"]) == ("Good", {"reason": "abort"})


@pytest.mark.thorough
def test_a_deleted_answer_is_not_found(alice: Caller, chat: Chat, worker: Any) -> None:
    worker(
        lambda answer: answer.chat.delete(),
    )
    assert said(alice.post(f"conversation/{chat.wire_id}/complete", {"text": "Hello"})) == (404, "NOT_FOUND")


def test_waiting_has_an_end(alice: Caller, chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COMPLETE_SECONDS", "COMPLETE_STREAM_SECONDS"):
        monkeypatch.setattr(limits, name, 0)
    operation = f"conversation/{chat.wire_id}/complete"
    answer = alice.post(operation, {"text": "Hello"})
    assert said(answer) == (408, "TIMEOUT")
    assert stream(alice, operation, {"text": "Again"})[-1] == ("error", answer.json())
    assert Message.objects.filter(state="queued").count() == 2


@pytest.mark.thorough
def test_silence_is_broken_by_empty_tokens(alice: Caller, chat: Chat, world: World) -> None:
    answer = ask(actor_of(world.alice), chat, "Hello?").answer
    told = completions.followed(answer, watching.watch(answer, heartbeat=0.05))
    assert [json.loads(next(told)) for _ in range(2)] == [{"type": "token", "data": {"token": ""}}] * 2
    write(answer, "done", "Good day")
    rest = [json.loads(line) for line in told]
    assert "".join(each["data"]["token"] for each in rest if each["type"] == "token") == "Good day"


@pytest.mark.thorough
def test_a_full_process_stores_no_question(alice: Caller, chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching.hub, "_most", 0)
    body = {"text": "Hello", "messages": [{"type": "user", "text": "Hello"}]}
    for operation in (f"conversation/{chat.wire_id}/complete", "conversation/complete"):
        answer = alice.post(operation, body)
        assert said(answer) == (503, "SERVICE_UNAVAILABLE")
        assert answer["Retry-After"]
    assert not Message.objects.exists()


def test_a_client_that_leaves_lets_go_of_everything(alice: Caller, chat: Chat) -> None:
    for began in (False, True):
        answer = alice.post(f"conversation/{chat.wire_id}/complete", {"text": "Hello"}, Accept="application/jsonl")
        if began:
            next(iter(answer.streaming_content))
        answer.close()
        assert watching.hub._taken == 0
        assert not watching.hub._watched
    assert Message.objects.filter(state="queued").count() == 2


# --------------------------------------------------------- send and receive


def test_send_then_receive(alice: Caller, chat: Chat, worker: Any) -> None:
    sent = alice.post(f"conversation/{chat.wire_id}/send", {"text": " Hello "}).json()
    assert sent == {"id": Message.objects.get().wire_id, "entities": []}
    assert Message.objects.get().text == "Hello"
    worker(whole, whole)
    received = alice.post(f"conversation/{chat.wire_id}/receive", {}).json()
    question, reply = Message.objects.order_by("created_at")
    assert (received["id"], received["text"], reply.answers) == (reply.wire_id, reply.text, question)
    told = stream(alice, f"conversation/{chat.wire_id}/receive")
    assert told[-1][0] == "result"
    assert stream(alice, f"conversation/{chat.wire_id}/send", {"text": "Bye"})[0][1]["entities"] == []
    assert Message.objects.count() == 4


@pytest.mark.thorough
def test_complete_without_a_text_goes_on(alice: Caller, chat: Chat, worker: Any) -> None:
    say(chat, "Hello")
    worker(whole, whole)
    for body in ({}, {"text": None}):
        assert alice.post(f"conversation/{chat.wire_id}/complete", body).status_code == 200
    assert list(Message.objects.order_by("created_at").values_list("role", flat=True)) == [
        "user",
        "assistant",
        "assistant",
    ]


@pytest.mark.thorough
def test_what_cannot_be_asked(alice: Caller, chat: Chat) -> None:
    base = f"conversation/{chat.wire_id}"
    too_long = "x" * (limits.MESSAGE_CHARS + 1)
    for operation, body in (
        ("complete", {"text": " \n"}), ("complete", {"text": 7}), ("complete", {"text": too_long}),
        ("send", {}), ("send", {"text": ""}), ("send", {"text": None}), ("send", {"text": ["x"]}),
        ("send", {"text": too_long}),
    ):  # fmt: skip
        answer = alice.post(f"{base}/{operation}", body)
        assert said(answer) == (400, "BAD_REQUEST"), (operation, str(body)[:50])
        assert answer.json()["message"].startswith("text: ")
    for operation in ("complete", "send", "receive"):
        answer = alice.post(f"{base}/{operation}", {"text": "Hello"}, Accept="text/html")
        assert said(answer) == (400, "BAD_REQUEST")
    assert not Message.objects.exists()
    assert watching.hub._taken == 0


@pytest.mark.thorough
def test_a_limited_key_says_so_with_the_question(chat: Chat, world: World, worker: Any) -> None:
    limited = world.caller(world.alice, spaces=[chat.space])
    worker(whole, whole)
    limited.post(f"conversation/{chat.wire_id}/complete", {"text": "Hello"})
    limited.post(f"conversation/{chat.wire_id}/receive")
    question, _, again = Message.objects.order_by("created_at")
    assert (question.request, again.request) == ({"limited": True}, {"limited": True})


# ---------------------------------------------------------------- stateless


def rows() -> dict[str, int]:
    """How many rows each table of ours has."""
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if not name.startswith("django_")]
        counts = {}
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            counts[table] = cursor.fetchone()[0]
    return counts


TALK = [
    {"type": "backstory", "text": "You are kind."},
    {"type": "user", "text": "Hello"},
    {"type": "bot", "text": "Good day"},
    {"type": "user", "text": "What is covered?"},
]


def test_a_stateless_answer_stores_nothing(alice: Caller, world: World) -> None:
    contact = make_contact(world.account, world.alice)
    body = {"messages": TALK, "model": "gpt-5/temperature=0.7", "contactId": {"fingerprint": "visitor-0123456789"}}
    for given in (body, {**body, "contactId": contact.wire_id, "spaceId": world.space().wire_id}):
        before = rows()
        answer = alice.post("conversation/complete", given)
        assert answer.status_code == 200, answer.content
        assert set(answer.json()) == {"text", "usage", "end"}
        assert "not a language model" in answer.json()["text"]
        told = stream(alice, "conversation/complete", given)
        assert [type for type, _ in told] == ["completeBegin", "token", "message", "completeEnd", "usage", "result"]
        assert told[-1][1] == answer.json()
        assert rows() == before
    assert watching.hub._taken == 0


def test_what_a_responder_is_asked(world: World) -> None:
    actor = actor_of(world.alice)
    asked = completions.dialogue(
        actor, world.space(), {"messages": TALK, "backstory": "Be brief.", "model": "a/b/temperature=1"}
    )
    assert [(turn.role, turn.text) for turn in asked.turns] == [
        ("user", "Hello"),
        ("assistant", "Good day"),
        ("user", "What is covered?"),
    ]
    assert (asked.question, asked.instructions, asked.model) == (
        "What is covered?",
        ("Be brief.", "You are kind."),
        "a/b/temperature=1",
    )
    many = [{"type": "user", "text": "x" * 20_000}] * 300
    asked = completions.dialogue(actor, world.space(), {"messages": many})
    assert len(asked.turns) == 2


@pytest.mark.thorough
def test_what_cannot_be_answered_without_a_conversation(alice: Caller, world: World) -> None:
    theirs = make_contact(world.other, world.mallory)
    for body, code in (
        ({}, "BAD_REQUEST"),
        ({"messages": []}, "BAD_REQUEST"),
        ({"messages": [{"type": "bot", "text": "x"}]}, "BAD_REQUEST"),
        ({"messages": [{"type": "user", "text": ""}]}, "BAD_REQUEST"),
        ({"messages": TALK, "contactId": theirs.wire_id}, "NOT_FOUND"),
        ({"messages": TALK, "spaceId": world.other.default_space.wire_id}, "NOT_FOUND"),
    ):
        assert said(alice.post("conversation/complete", body))[1] == code, body
    limited = world.caller(world.alice, spaces=[world.space()])
    assert said(limited.post("conversation/complete", {"messages": TALK})) == (403, "NOT_AUTHORIZED")
