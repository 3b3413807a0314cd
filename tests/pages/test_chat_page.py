"""The page of a chat: alice owns the space, bob may use it, ann reads all, mallory is in another account."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from chats.answering import answer_chat
from chats.models import Assessment, Chat, Message, Rating
from chats.replies import ask
from chats.watching import hub
from tests.factories import actor_of, make_chat, make_contact, say
from tests.pages.chats import answer, chat_of_bob, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def chat(world: Any) -> Chat:
    return chat_of_bob(world)


def test_answers_are_markdown_and_questions_are_the_text_they_are(world: Any, chat: Chat) -> None:
    say(chat, "**not bold** <script>alert(1)</script>")
    answer(chat, "It **is**.\n\n![p](https://evil.example/x.png) <img src=https://evil.example/y.png>")
    html = world.client(world.bob).get(url("chat_detail", chat)).content.decode()
    assert "**not bold** &lt;script&gt;" in html
    assert "It <strong>is</strong>." in html
    assert "<img" not in html
    assert "<script>alert" not in html


def test_a_source_of_two_answers_has_one_number_in_text_and_rail(world: Any, chat: Chat) -> None:
    answer(chat, "Yes <sup>1</sup>, see <sup>2</sup>.", ("Terms.pdf", "Five years."), ("Care.md", "Keep it dry."))
    answer(chat, "Again <sup>1</sup> and <sup>7</sup>.", ("Care.md", "Keep it dry."))
    html = world.client(world.bob).get(url("chat_detail", chat)).content.decode()
    assert re.findall(r'href="#ref-(\d)"', html) == ["1", "2", "2"]
    assert re.findall(r'id="ref-(\d)"', html) == ["1", "2"]
    assert "&lt;sup&gt;7&lt;/sup&gt;" in html  # a mark that no reference stands behind


def test_what_is_not_the_talk_is_folded_and_findings_are_badges(world: Any, chat: Chat) -> None:
    say(chat, "I should look at the terms.", "system", kind="reasoning")
    message = answer(chat, "Yes.")
    Assessment.record(actor_of(world.alice), message, "HALLUCINATION", status="DONE", label="GREEN", title="Grounded")
    Assessment.record(actor_of(world.alice), message, "COMPLIANCE", status="PENDING", is_visible=False)
    client = world.client(world.bob)
    html = client.get(url("chat_detail", chat)).content.decode()
    assert re.search(r"<details[^>]*>\s*<summary>.*?Reasoning, 27 characters</summary>", html)
    assert '<span class="badge ok">Grounded</span>' in html
    assert "Compliance" not in html
    assert "Hidden in the transcript" in client.get(url("chat_assessments", chat)).content.decode()


def test_timings_and_tokens_of_an_answer(world: Any, chat: Chat) -> None:
    ask(actor_of(world.bob), chat, "What is covered?")
    answer_chat(chat)
    calls = [{"modelName": "m", "source": "answer", "tokenUsage": {"promptTokens": 41, "completionTokens": 1204}}]
    Message.objects.filter(chat=chat, role="user").update(debug_info={"llm_invocations": calls})
    html = world.client(world.bob).get(url("chat_detail", chat)).content.decode()
    assert re.search(r"\d\.\d s · 1,204 tokens</small>", html)
    assert re.search(r'title="first text after \d\.\d s, 41 tokens read, 1,204 written"', html)
    assert "41 in, 1,204 out" in html


def test_a_mebibyte_is_shown_in_its_first_part_with_a_link_to_the_whole(world: Any, chat: Chat) -> None:
    message = say(chat, "word " * 209_715)
    client = world.client(world.bob)
    page = client.get(url("chat_detail", chat))
    assert len(page.content) < 80_000
    assert b"more characters" in page.content
    whole = client.get(url("chat_message_text", chat, message.pk))
    assert whole["Content-Type"] == "text/plain; charset=utf-8"
    assert len(whole.content) == 1_048_575


@pytest.mark.thorough
def test_a_page_of_very_long_answers_renders_the_newest(world: Any, chat: Chat) -> None:
    for number in range(18):
        answer(chat, f"Number **{number}** " + "word " * 3_300)
    html = world.client(world.bob).get(url("chat_detail", chat)).content.decode()
    assert "<strong>17</strong>" in html
    assert "**0**" in html
    assert html.count("Shown as plain text") == 2


def test_a_failed_answer_says_why_and_offers_to_ask_again(world: Any, chat: Chat) -> None:
    answer(chat, "", state="failed", error="The model did not answer in time.")
    client = world.client(world.bob)
    html = client.get(url("chat_detail", chat)).content.decode()
    assert "The model did not answer in time." in html
    assert url("chat_again", chat) in html
    client.post(url("chat_again", chat))
    client.post(url("chat_again", chat))
    assert Message.objects.filter(chat=chat, state="queued").count() == 1  # pressed twice, asked once


def test_earlier_messages_are_a_page_away(world: Any, chat: Chat) -> None:
    Message.append(
        actor_of(world.bob),
        chat,
        [Message.draft(actor_of(world.bob), chat, role="user", text=f"number {n}") for n in range(120)],
    )
    client = world.client(world.bob)
    html = client.get(url("chat_detail", chat)).content.decode()
    assert "number 119" in html
    assert "number 70<" in html
    assert "number 69<" not in html
    older = re.search(r'href="(\?after=[^"]+)">.*?Earlier messages', html)
    assert older
    earlier = client.get(url("chat_detail", chat) + older[1].replace("&amp;", "&")).content.decode()
    assert "number 69<" in earlier
    assert "number 70<" not in earlier
    assert 'class="composer"' not in earlier


def queries(client: Any, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.thorough
def test_the_number_of_queries_does_not_grow_with_the_messages(world: Any, chat: Chat) -> None:
    client = world.client(world.bob)
    fill(chat, 5)
    few = queries(client, url("chat_detail", chat))
    fill(chat, 45)
    assert queries(client, url("chat_detail", chat)) == few
    assert few <= 30


def fill(chat: Chat, pairs: int) -> None:
    """Questions and answers with references, votes and assessments."""
    by = actor_of(chat.user)
    for number in range(pairs):
        say(chat, f"Question {number}")
        message = answer(chat, f"Answer **{number}** <sup>1</sup>", (f"Source {number}", "Quote."), state="done")
        Rating.vote(by, chat, message, 100)
        Assessment.record(by, message, "HALLUCINATION", status="DONE", label="GREEN")


def test_the_raw_files_hold_everything(world: Any, chat: Chat) -> None:
    message = answer(chat, "Yes <sup>1</sup>.", ("Terms.pdf", "Five years."), debug_info={"a": 1})
    client = world.client(world.bob)
    whole = json.loads(b"".join(client.get(url("chat_raw_json", chat))))
    assert whole["chat"]["id"] == str(chat.pk)
    assert [each["text"] for each in whole["messages"]] == ["Is it covered?", "Yes <sup>1</sup>."]
    one = client.get(url("chat_message_json", chat, message.pk)).json()
    assert (one["references"][0]["name"], one["debug_info"]) == ("Terms.pdf", {"a": 1})


def test_every_tab_opens_and_shows_the_ids(world: Any, chat: Chat) -> None:
    chat.change(actor_of(world.bob), contact=make_contact(world.account, world.alice, name="Fern Alder"))
    client = world.client(world.bob)
    for name in ("chat_contact", "chat_assessments", "chat_history", "chat_raw", "chat_api"):
        page = client.get(url(name, chat))
        assert page.status_code == 200, name
        assert chat.wire_id in page.content.decode()
        assert chat.unique_id in page.content.decode()
    assert "send_message_and_wait_for_completion" in page.content.decode()


def test_the_page_asks_what_changed_since(world: Any, chat: Chat) -> None:
    client = world.client(world.bob)
    page = client.get(url("chat_detail", chat)).content.decode()
    state = dict(re.findall(r'name="(first|since)" value="(\d+)"', page))
    Message.objects.filter(chat=chat).update(updated_at=timezone.now() - timezone.timedelta(minutes=5))
    assert client.get(url("chat_latest", chat), state).status_code == 204
    say(chat, "And this?")
    html = client.get(url("chat_latest", chat), state).content.decode()
    assert "And this?" in html
    assert "Is it covered?" not in html
    for nonsense in ("x", "9" * 20, "0" * 20, str(uuid4())):
        assert client.get(url("chat_latest", chat), {"first": nonsense, "since": nonsense}).status_code == 200


def test_a_stream_without_a_pending_answer_catches_up_and_ends(world: Any, chat: Chat) -> None:
    answer(chat, "Yes <sup>1</sup>.", ("Terms.pdf", "Five years."), state="done")
    stream = world.client(world.bob).get(url("chat_stream", chat), headers={"Last-Event-ID": "20000101000000000000"})
    body = b"".join(stream).decode()
    assert stream["Content-Type"] == "text/event-stream"
    assert stream["X-Accel-Buffering"] == "no"
    assert "no-store" in stream["Cache-Control"]
    assert "event: pieces" in body
    assert "Five years." in body
    assert body.endswith("event: over\ndata: \n\n")


def test_past_its_allowance_a_process_asks_the_page_to_poll(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    chat = make_chat(world.space)
    ask(actor_of(chat.user), chat, "What is covered?")
    monkeypatch.setattr(hub, "_most", 0)
    busy = world.client(world.alice).get(reverse("chat_stream", args=[chat.pk]))
    assert (busy.status_code, busy["Retry-After"]) == (503, "5")
