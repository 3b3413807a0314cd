"""Answers of language models, on a real socket: what is sent, what is stored, and what a user is told when it fails."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest
from django.db import connection

from chats.answering import answer_chat
from chats.models import Message, Reference
from chats.replies import stop
from memories.completion import ModelFailure, Options, complete
from spaces.models import AuditEntry
from spaces_project.api.chatbotkit import completions
from spaces_project.kit import limits
from spaces_project.kit.egress import Allowed
from tests.chats.models import KEY, answered, asked, make_model, make_talk
from tests.factories import actor_of, say
from tests.openai_server import SECRET_BODY

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk():
    return make_talk()


def model(talk: Any, provider: Any, identifier: str = "echo", **fields: Any) -> Any:
    return make_model(talk.account, provider.url, identifier, is_default=True, **fields)


def answer_of(talk: Any, provider: Any, identifier: str, **fields: Any) -> Message:
    model(talk, provider, identifier, **fields)
    return answered(talk)


# ------------------------------------------------------------------ an answer


def test_the_answer_is_the_models_with_its_tokens_on_the_question(talk, provider) -> None:
    answer = answer_of(talk, provider, "echo", temperature=0.5, max_tokens=50)
    assert (answer.state, answer.text) == ("done", "You said: What is covered? ")
    assert answer.debug_info["responder"] == "openai_compatible"
    assert answer.debug_info["usedModel"] == "echo"
    (call,) = answer.answers.debug_info["llm_invocations"]
    assert call["modelName"] == "echo"
    assert call["tokenUsage"] == {"promptTokens": 7, "completionTokens": 5, "totalTokens": 12}
    (sent,) = provider.requests
    assert sent["headers"]["authorization"] == f"Bearer {KEY}"
    assert (sent["stream"], sent["temperature"], sent["max_tokens"]) == (True, 0.5, 50)
    assert sent["messages"] == [{"role": "user", "content": "What is covered?"}]


def test_a_key_goes_out_as_its_server_wants_it(talk, provider) -> None:
    answer_of(talk, provider, "echo", key_header="x-model-key", key_prefix="Key ")
    headers = provider.requests[0]["headers"]
    assert headers["x-model-key"] == f"Key {KEY}"
    assert "authorization" not in headers


def test_instructions_and_the_talk_so_far_are_sent(provider) -> None:
    talk = make_talk(instructions="Be brief.")
    model(talk, provider)
    say(talk, "Hello")
    say(talk, "Good day", role="assistant")
    say(talk, "The buyer is called Ada.", role="system", kind="context")
    answered(talk)
    (sent,) = provider.requests
    assert [(each["role"], each["content"]) for each in sent["messages"]] == [
        ("system", "Be brief.\n\nThe buyer is called Ada."),
        ("user", "Hello"),
        ("assistant", "Good day"),
        ("user", "What is covered?"),
    ]


def test_a_short_context_leaves_the_oldest_out(talk, provider) -> None:
    model(talk, provider, max_context_length=400, max_tokens=100)
    say(talk, "x" * 5_000)
    answered(talk)
    assert [each["content"] for each in provider.requests[0]["messages"]] == ["What is covered?"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("plain", "You said: What is covered?"),
        ("picky", "You said: What is covered? "),
        ("no-end", "All of it."),
        ("halves", "\U0001f600 nul: lone:\ufffd end"),
        ("status:503:2", "You said: What is covered? "),
        ("status:429:1", "You said: What is covered? "),
    ],
)
def test_servers_differ(talk, provider, kind: str, text: str) -> None:
    answer = answer_of(talk, provider, kind, max_tokens=9)
    assert (answer.state, answer.text) == ("done", text)


def test_thoughts_and_tools_are_kept_beside_the_answer(talk, provider) -> None:
    answer = answer_of(talk, provider, "reasons")
    assert (answer.text, answer.debug_info["reasoning"]) == ("42", "Let me think.")
    make_model(talk.account, provider.url, "tools")
    answer = answered(talk, languageModel="tools")
    assert answer.text == "Looking."
    assert answer.debug_info["toolCalls"] == [{"name": "look_up", "arguments": '{"q":"a"}'}]
    assert answer.debug_info["finishReason"] == "tool_calls"


# --------------------------------------------------------------------- choice


def test_the_message_names_a_model_before_the_chat_and_the_space(provider) -> None:
    talk = make_talk(language_model="echo")
    for name in ("echo", "slow:1", "reasons"):
        make_model(talk.account, provider.url, name, name=f"The {name}")
    assert answered(talk).debug_info["usedModel"] == "The echo"
    talk.change(actor_of(talk.user), model="THE SLOW:1/temperature=0.25/maxTokens=7/interactionMaxMessages=9")
    assert answered(talk).debug_info["usedModel"] == "The slow:1"
    assert (provider.requests[-1]["temperature"], provider.requests[-1]["max_tokens"]) == (0.25, 7)
    assert answered(talk, languageModel="reasons").text == "42"


def test_a_model_that_is_not_configured_falls_back(talk, provider) -> None:
    answer = answered(talk, languageModel="gpt-99")
    assert answer.debug_info["responder"] == "extractive"
    assert (answer.debug_info["requestedModel"], answer.debug_info["usedModel"]) == ("gpt-99", None)
    default = model(talk, provider)
    answer = answered(talk, languageModel="gpt-99")
    assert (answer.debug_info["requestedModel"], answer.debug_info["usedModel"]) == ("gpt-99", "echo")
    default.unmake_default(actor_of(talk.user))
    default.change(actor_of(talk.user), is_active=False)
    assert answered(talk, languageModel="echo").debug_info["responder"] == "extractive"


def test_another_accounts_model_is_not_there(talk, provider) -> None:
    make_model(make_talk().account, provider.url, "echo", is_default=True)
    assert answered(talk, languageModel="echo").debug_info["responder"] == "extractive"
    assert provider.requests == []


# ------------------------------------------------------------------- failures


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "words", "calls"),
    [
        ("status:401", "refused the key", 1),
        ("status:404", "does not know this model", 1),
        ("status:302", "leads elsewhere", 1),
        ("status:418", "refused to answer", 1),
        ("status:500", "failed to answer", 3),
        ("status:429", "too busy", 3),
        ("dies", "broke off in the middle", 1),
        ("garbage", "not understood", 1),
        ("binary", "not understood", 1),
        ("broken-event", "reported an error", 1),
        ("empty", "empty answer", 1),
        ("filtered", "empty answer", 1),
        ("nothing-but-done", "empty answer", 1),
    ],
)
def test_a_failure_is_told_in_a_sentence_without_secrets(talk, provider, kind: str, words: str, calls: int) -> None:
    answer = answer_of(talk, provider, kind)
    assert (answer.state, answer.text) == ("failed", "")
    assert words in answer.error
    assert len(provider.requests) == calls
    kept = json.dumps([answer.error, answer.debug_info, answer.answers.debug_info])
    assert not any(secret in kept for secret in (KEY, SECRET_BODY, provider.url, str(provider.server_port)))
    talk.refresh_from_db()
    assert talk.is_failed
    assert AuditEntry.objects.filter(operation="message.answer", object_id=answer.pk).exists()


def test_half_an_answer_is_kept_for_those_who_look_into_it(talk, provider) -> None:
    assert answer_of(talk, provider, "dies").debug_info["partialText"] == "Half an ans"


@pytest.mark.slow
def test_a_server_that_is_down_is_not_reachable(talk, provider) -> None:
    model(talk, provider)
    provider.shutdown()
    provider.server_close()
    answer = answered(talk)
    assert answer.error == "The language model is not reachable."


def test_the_door_stays_closed_to_private_addresses(talk, provider, settings) -> None:
    settings.EGRESS_ALLOW = Allowed()
    answer = answer_of(talk, provider, "echo")
    assert "may not be called" in answer.error
    assert provider.requests == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["silent", "silent-middle"])
def test_a_model_that_hangs_is_given_up(talk, provider, kind: str) -> None:
    began = time.monotonic()
    answer = answer_of(talk, provider, kind, timeout_seconds=1)
    assert answer.error == "The language model took too long to answer."
    assert time.monotonic() - began < 3


@pytest.mark.thorough
def test_ten_megabytes_are_more_than_a_message(talk, provider) -> None:
    answer = answer_of(talk, provider, "big")
    assert (answer.state, answer.text) == ("failed", "")
    assert "longer than a message" in answer.error
    make_model(talk.account, provider.url, "big:1000000")
    answer = answered(talk, languageModel="big:1000000")
    assert (answer.state, len(answer.text)) == ("done", 1_000_000)


def test_a_key_that_cannot_be_read_any_more_has_to_be_entered_again(talk, provider, settings) -> None:
    model(talk, provider)
    settings.ENCRYPTION_KEYS = ["another key " * 3]
    assert "enter a new one" in answered(talk).error
    assert provider.requests == []


# ------------------------------------------------------------------- stopping


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["silent", "silent-middle", "slow:50"])
def test_a_stop_ends_the_call(provider, kind: str) -> None:
    """Long before the server would: a silent one says nothing for a long time."""
    talk = make_talk()
    model(talk, provider, kind)
    answer = asked(talk)
    worker = working(talk)
    until(lambda: provider.open == 1 and (kind == "silent" or Message.objects.get(pk=answer.pk).text))
    shown = Message.objects.get(pk=answer.pk).text
    assert stop(actor_of(talk.user), answer)
    worker.join(timeout=5)
    assert not worker.is_alive()
    stopped = Message.objects.get(pk=answer.pk)
    assert stopped.state == "stopped"
    assert stopped.text.startswith(shown)
    assert stopped.aborted_at is not None
    assert not Reference.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.thorough
def test_deleting_the_chat_ends_the_call(provider) -> None:
    talk = make_talk()
    model(talk, provider, "silent")
    asked(talk)
    worker = working(talk)
    until(lambda: provider.open == 1)
    talk.remove(actor_of(talk.user))
    worker.join(timeout=3)
    assert not worker.is_alive()
    assert not Message.objects.exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_what_came_is_shown_while_the_model_is_silent(provider) -> None:
    talk = make_talk()
    model(talk, provider, "silent-middle", timeout_seconds=3)
    answer = asked(talk)
    worker = working(talk)
    until(lambda: Message.objects.get(pk=answer.pk).text == "Well then")
    stop(actor_of(talk.user), answer)
    worker.join(timeout=3)
    assert not worker.is_alive()


def test_a_worker_that_is_to_end_puts_the_answer_back(talk, provider) -> None:
    model(talk, provider, "slow:20")
    answer = asked(talk)
    ends = iter([False, False, False])
    assert answer_chat(talk, lambda: next(ends, True)) is True
    answer.refresh_from_db()
    assert (answer.state, answer.text, answer.attempts) == ("queued", "", 0)
    make_model(talk.account, provider.url, "echo").make_default(actor_of(talk.user))
    assert answer_chat(talk) is True
    answer.refresh_from_db()
    assert (answer.state, answer.attempts) == ("done", 1)


def working(talk: Any) -> threading.Thread:
    """A thread that answers."""

    def work() -> None:
        answer_chat(talk)
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    return worker


def until(condition: Any, seconds: float = 5) -> None:
    """Wait until something is so; AssertionError when it never is."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


# ------------------------------------------------------------------ the client


def test_the_smaller_limit_of_tokens_counts(talk, provider) -> None:
    small = model(talk, provider, max_tokens=10)
    list(complete(small, [{"role": "user", "content": "a"}], options=Options(max_tokens=5)))
    list(complete(small, [{"role": "user", "content": "a"}], options=Options(max_tokens=50)))
    assert [each["max_tokens"] for each in provider.requests] == [5, 10]


def test_a_stop_while_a_busy_server_is_waited_for_ends_it(talk, provider) -> None:
    busy = model(talk, provider, "status:429")
    began = time.monotonic()
    assert list(complete(busy, [], stop=lambda: bool(provider.requests))) == []
    assert time.monotonic() - began < 1
    with pytest.raises(ModelFailure, match="too busy"):
        list(complete(busy, [], retries=0))
    assert len(provider.requests) == 2
    assert limits.MODEL_RETRIES == 2


def test_settings_behind_a_name_reach_an_answer_that_is_not_stored(talk, provider) -> None:
    """ChatBotKit's clients write them into the name of the model, also for a stateless completion."""
    model(talk, provider)
    dialogue = completions.dialogue(
        actor_of(talk.user),
        talk.space,
        {"model": "echo/temperature=0.1", "messages": [{"type": "user", "text": "Hello"}]},
    )
    assert completions.Passing(dialogue).answered().text == "You said: Hello "
    assert provider.requests[0]["temperature"] == 0.1
