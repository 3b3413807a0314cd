"""Answers on a real worker: side by side, in order, over a kill, and ended in time."""

from __future__ import annotations

import time
from typing import Any

import pytest

from chats.models import Chat, Message
from chats.replies import stop
from tests.chats.models import asked, make_model, make_talk
from tests.factories import actor_of, make_account, make_chat

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("workers")]
ENDED = {"done", "failed", "stopped"}


def until(condition: Any, seconds: float = 20) -> float:
    """Wait until something is so, and return how long it took; AssertionError when it never is."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "it did not happen"
        time.sleep(0.02)
    return time.monotonic() - began


def states(*answers: Message) -> list[str]:
    found = dict(Message.objects.filter(pk__in=[each.pk for each in answers]).values_list("pk", "state"))
    return [found[each.pk] for each in answers]


def all_ended(*answers: Message) -> Any:
    return lambda: set(states(*answers)) <= ENDED


def a_talk(provider: Any, identifier: str, **assistant: Any) -> Chat:
    account = make_account()
    make_model(account, provider.url, identifier, is_default=True)
    return make_talk(account, **assistant)


@pytest.mark.slow
def test_a_question_is_answered_at_once(live_worker, provider) -> None:
    chat = a_talk(provider, "echo")
    answer = asked(chat)
    until(all_ended(answer))
    began = time.monotonic()
    again = asked(chat, "Once more?")
    took = until(lambda: provider.asked["echo"] == 2)
    until(all_ended(again))
    assert took < 3, "a worker that idles begins at once"
    assert states(answer, again) == ["done", "done"]
    assert time.monotonic() - began < 5


@pytest.mark.thorough
def test_two_questions_in_one_chat_are_answered_in_order(live_worker, provider) -> None:
    chat = a_talk(provider, "slow:3")
    first, second = asked(chat, "One?"), asked(chat, "Two?")
    until(all_ended(first, second))
    assert provider.most_open == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.completed_at < second.started_at
    assert [each["role"] for each in provider.requests[1]["messages"]] == ["user", "assistant", "user"]


@pytest.mark.slow
def test_a_space_writes_no_more_answers_at_once_than_it_may(live_worker, provider) -> None:
    chat = a_talk(provider, "slow:3", concurrency=2)
    chats = [chat, *(make_chat(chat.space, chat.user) for _ in range(4))]
    answers = [asked(each) for each in chats]
    most = 0
    while not all_ended(*answers)():
        most = max(most, states(*answers).count("answering"))
        time.sleep(0.02)
    assert (most, provider.most_open) == (2, 2)
    assert set(states(*answers)) == {"done"}


@pytest.mark.slow
def test_many_answers_are_written_at_once(live_worker, provider) -> None:
    """With eight connections for all, as none is held while a model thinks; Python alone would make six threads."""
    spaces = [a_talk(provider, "slow:15") for _ in range(4)]
    answers = [asked(make_chat(talk.space, talk.user)) for talk in spaces for _ in range(4)]
    until(all_ended(*answers))
    assert set(states(*answers)) == {"done"}
    assert 10 <= provider.most_open <= 16


@pytest.mark.slow
def test_other_spaces_do_not_wait_for_a_busy_one(live_worker, provider) -> None:
    busy = a_talk(provider, "slow:30", concurrency=1)
    waiting = [asked(make_chat(busy.space, busy.user)) for _ in range(3)]
    other = asked(a_talk(provider, "echo"))
    assert until(all_ended(other)) < 4
    assert "done" not in states(*waiting)
    for answer in waiting:
        stop(actor_of(busy.user), answer)
    until(lambda: provider.open == 0, seconds=3)


@pytest.mark.thorough
def test_a_killed_worker_leaves_nothing_stuck(live_worker, provider) -> None:
    chat = a_talk(provider, "slow:8")
    others = [make_chat(chat.space, chat.user) for _ in range(2)]
    answers = [asked(each) for each in (chat, *others)]
    until(lambda: Message.objects.filter(pk=answers[0].pk, text__startswith="word0 word1").exists())
    live_worker.kill()
    half = Message.objects.get(pk=answers[0].pk)
    assert (half.state, half.completed_at, half.stopped_at) == ("answering", None, None)
    live_worker.start()
    assert until(all_ended(*answers), seconds=30) < 20
    assert set(states(*answers)) == {"done"}
    whole = "".join(f"word{number} " for number in range(8))
    assert set(Message.objects.filter(pk__in=[each.pk for each in answers]).values_list("text", flat=True)) == {whole}
    assert Message.objects.get(pk=answers[0].pk).attempts == 2


@pytest.mark.slow
def test_twenty_kills_leave_every_answer_done_or_failed(live_worker, provider) -> None:
    chat = a_talk(provider, "slow:6", concurrency=4)
    answers: list[Message] = []
    for number in range(20):
        fresh = [make_chat(chat.space, chat.user) for _ in range(3)]
        answers += [asked(each, f"Question {number}?") for each in fresh]
        until(lambda: provider.open > 0, seconds=30)
        time.sleep(0.05 * (number % 7))
        live_worker.kill()
        live_worker.start()
    until(all_ended(*answers), seconds=240)
    whole = "".join(f"word{number} " for number in range(6))
    for answer in Message.objects.filter(pk__in=[each.pk for each in answers]):
        assert (answer.state, answer.text) in (("done", whole), ("failed", ""))
    assert not Chat.objects.filter(pk=chat.pk, messages__state__in=("queued", "answering")).exists()


@pytest.mark.slow
def test_a_worker_that_is_asked_to_end_puts_its_answers_back(live_worker, provider) -> None:
    chat = a_talk(provider, "slow:150")
    answer = asked(chat)
    until(lambda: Message.objects.get(pk=answer.pk).text)
    assert live_worker.stop() == 0
    assert states(answer) == ["queued"]
    assert Message.objects.get(pk=answer.pk).attempts == 0
    stop(actor_of(chat.user), answer)
