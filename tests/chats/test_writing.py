"""What a responder says is stored whole: references as cited, and nothing that PostgreSQL refuses."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from chats.answering import claim
from chats.external import give_up
from chats.jobs import call_next, find_lost_answers
from chats.models import Message, Reference
from chats.responders import Debug, Original, References, Said, Thought, Turn, Usage
from chats.responders.base import Dialogue
from chats.responders.openai_compatible import Transcriber, prompt
from chats.writing import Overtaken, Writer
from memories.completion import Text
from memories.models import LanguageModel
from memories.retrieval import Passage
from spaces_project.kit import limits
from tests.chats.models import asked, make_talk
from tests.factories import actor_of, make_chat

pytestmark = pytest.mark.django_db


def passage(name: str, text: str) -> Passage:
    return Passage(uuid4(), uuid4(), uuid4(), text, name, 0.5, pages=(3, 4), url="https://example.com/a")


PASSAGES = (passage("Cover.pdf", "Two years."), passage("Repairs.pdf", "Free of charge."))


@pytest.fixture
def talk():
    return make_talk()


def claimed(talk: Any) -> Writer:
    asked(talk)
    answer = claim(talk)
    assert isinstance(answer, Message)
    return Writer(answer)


def test_passages_are_numbered_and_cited_ones_become_references(talk) -> None:
    dialogue = Dialogue(talk.space, actor_of(talk.user), (Turn("user", "How long?"),), instructions=("Be brief.",))
    model = LanguageModel(account=talk.account, name="m", model_identifier="m")
    system, question = prompt(dialogue, PASSAGES, model)
    assert system["role"] == "system"
    assert system["content"].startswith("Be brief.\n\nAnswer from the numbered passages")
    assert "[1] Cover.pdf\nTwo years.\n\n[2] Repairs.pdf\nFree of charge." in system["content"]
    assert question == {"role": "user", "content": "How long?"}
    assert "passages" not in prompt(dialogue, (), model)[0]["content"]

    said, writer = Transcriber("m", len(PASSAGES)), claimed(talk)
    for text in ("Free <su", "p>2</sup>, and again <sup>2</sup>", "<sup>7</sup>."):
        for piece in said.pieces(Text(text)):
            writer.take(piece)
    for piece in said.end(PASSAGES):
        writer.take(piece)
    writer.finish()
    answer = Message.objects.get(pk=writer.answer.pk)
    assert answer.text == "Free <sup>1</sup>, and again <sup>1</sup>."
    assert answer.original_text == "Free <sup>2</sup>, and again <sup>2</sup><sup>7</sup>."
    reference = Reference.objects.get()
    assert (reference.number, reference.name, reference.original_index) == (1, "Repairs.pdf", [2])
    assert (reference.memory_id, reference.pages) == (PASSAGES[1].memory_id, [3, 4])


def test_what_postgresql_cannot_store_does_not_cost_the_answer(talk) -> None:
    writer = claimed(talk)
    for piece in (Said("a\x00b\ud83d"), Thought("t\x00\udfff"), Debug({"k\x00": ["\ud83d", {"n": 1}]})):
        writer.take(piece)
    writer.take(Original("o\x00"))
    writer.take(Usage("m\x00", 1, 2))
    writer.usage = [Usage("m", 1, 2)]
    writer.finish()
    answer = Message.objects.get(pk=writer.answer.pk)
    assert (answer.text, answer.original_text) == ("ab?", "o")
    assert answer.debug_info == {"k": ["?", {"n": 1}], "reasoning": "t?"}


def test_thoughts_are_kept_up_to_a_limit(talk) -> None:
    writer = claimed(talk)
    for _ in range(5):
        writer.take(Thought("x" * 20_000))
    writer.take(References(()))
    writer.finish()
    answer = Message.objects.get(pk=writer.answer.pk)
    assert len(answer.debug_info["reasoning"]) == limits.REASONING_CHARS


def test_a_writer_that_was_overtaken_changes_nothing(talk) -> None:
    old = claimed(talk)
    new = claim(talk)
    assert isinstance(new, Message)
    with pytest.raises(Overtaken):
        old.take(Said("Late."))
    old.fail("Late.")
    answer = Message.objects.get(pk=new.pk)
    assert (answer.state, answer.text, answer.error) == ("answering", "", "")
    assert old.stop()


def test_a_free_place_calls_the_chat_that_waits_longest(talk) -> None:
    waiting = [make_chat(talk.space, talk.user) for _ in range(2)]
    for chat in (*waiting, make_talk()):
        asked(chat)
    ProcrastinateJob.objects.all()._raw_delete("default")
    call_next(talk)
    job = ProcrastinateJob.objects.get()
    assert (job.args["chat"], job.priority, job.lock) == (str(waiting[0].pk), 1, f"chat:{waiting[0].pk}")


def test_only_a_waiting_answer_is_given_up(talk) -> None:
    answer = asked(talk)
    assert give_up(talk.account_id, answer.pk) is False
    assert give_up(make_talk().account_id, answer.pk) is False
    assert Message.objects.get(pk=answer.pk).state == "queued"


def test_an_answer_that_no_job_writes_is_found_again(talk) -> None:
    answer = asked(talk)
    jobs = ProcrastinateJob.objects.filter(args__chat=str(talk.pk))
    jobs._raw_delete("default")
    find_lost_answers(timestamp=0)
    assert not jobs.exists(), "it is younger than a minute"
    Message.objects.filter(pk=answer.pk).update(updated_at="2020-01-01T00:00:00Z")
    for _ in range(2):
        find_lost_answers(timestamp=0)
    assert jobs.count() == 1
