"""Asking and answering without a server: what stands in the database after each step."""

from __future__ import annotations

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from chats.answering import answer_chat
from chats.models import Message
from chats.replies import ask, stop
from spaces.errors import Conflict, InvalidInput
from spaces.models import AuditEntry
from tests.factories import actor_of, make_account, make_chat, make_space, make_user, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def chat():
    account = make_account()
    alice = make_user(account, "alice")
    return make_chat(make_space(account, alice), alice)


def test_a_question_comes_with_the_placeholder_of_its_answer(chat) -> None:
    asked = ask(actor_of(chat.user), chat, "What is covered?")
    chat.refresh_from_db()
    assert (chat.message_count, chat.last_role) == (2, "user")
    assert (asked.answer.role, asked.answer.state, asked.answer.answers) == ("assistant", "queued", asked.question)
    assert asked.question.created_at < asked.answer.created_at == chat.last_message_at
    assert asked.question.stopped_at is asked.question.completed_at is None
    operations = AuditEntry.objects.filter(object_id__in=[asked.question.pk, asked.answer.pk])
    assert [entry.operation for entry in operations] == ["message.create"] * 2
    assert ProcrastinateJob.objects.filter(task_name="chats:answer").count() == 1


def test_the_answer_is_written_in_the_order_of_the_lifecycle(chat) -> None:
    asked = ask(actor_of(chat.user), chat, "What is covered?")
    assert answer_chat(chat) is True
    answer = Message.objects.get(pk=asked.answer.pk)
    assert answer.state == "done"
    assert "not a language model" in answer.text
    assert answer.created_at <= answer.started_at <= answer.stopped_at <= answer.completed_at
    question = Message.objects.get(pk=asked.question.pk)
    assert question.debug_info["llm_invocations_complete"] is True
    assert question.stopped_at is question.completed_at is None
    chat.refresh_from_db()
    assert (chat.last_role, chat.is_failed) == ("assistant", False)


def test_two_questions_at_once_are_both_answered_in_order(chat) -> None:
    first, second = (ask(actor_of(chat.user), chat, text) for text in ("One?", "Two?"))
    answer_chat(chat)
    stamps = [Message.objects.get(pk=asked.answer.pk).completed_at for asked in (first, second)]
    assert None not in stamps
    assert stamps == sorted(stamps)


def test_a_stopped_answer_stays_stopped(chat) -> None:
    asked = ask(actor_of(chat.user), chat, "What is covered?")
    assert stop(actor_of(chat.user), asked.answer) is True
    answer_chat(chat)
    answer = Message.objects.get(pk=asked.answer.pk)
    assert (answer.state, answer.text) == ("stopped", "")
    assert stop(actor_of(chat.user), answer) is False


def test_a_deleted_message_is_counted_out(chat) -> None:
    say(chat, "Hello")
    last = say(chat, "Good day", role="assistant")
    last.remove(actor_of(chat.user))
    chat.refresh_from_db()
    assert (chat.message_count, chat.last_role) == (1, "user")


def test_an_archived_space_takes_no_message(chat) -> None:
    chat.space.archive(actor_of(chat.user))
    with pytest.raises(Conflict):
        ask(actor_of(chat.user), chat, "Hello?")
    assert not Message.objects.exists()


def test_an_empty_text_is_no_question(chat) -> None:
    with pytest.raises(InvalidInput, match="blank"):
        ask(actor_of(chat.user), chat, " \n ")


def test_the_same_request_again_gets_the_first_answer(chat) -> None:
    first, again = (ask(actor_of(chat.user), chat, "Hello?", digest="d" * 64) for _ in range(2))
    assert (first.is_repeated, again.is_repeated) == (False, True)
    assert (again.question, again.answer) == (first.question, first.answer)
    assert Message.objects.count() == 2
