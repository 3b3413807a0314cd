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
from chats.models import Assessment, Assistant, Chat, Message, Rating, Reference
from chats.replies import ask
from chats.watching import hub
from spaces.models import AuditEntry, SpaceAccess
from tests.factories import actor_of, make_chat, make_contact, make_space, say

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def chat(world: Any) -> Chat:
    """A chat of bob, who may use alice's space, with one question."""
    SpaceAccess.grant(world.space, world.bob, "USE", actor_of(world.alice))
    chat = make_chat(world.space, world.bob, name="Oak table")
    say(chat, "Is it covered?")
    return chat


def answer(chat: Chat, text: str, *quotes: tuple[str, str], **fields: Any) -> Message:
    """An answer with references to (name, text) under the numbers 1, 2, …"""
    message = say(chat, text, "assistant", **fields)
    for number, (name, quote) in enumerate(quotes, start=1):
        Reference.objects.create(account_id=chat.account_id, message=message, number=number, name=name, text=quote)
    return message


def url(name: str, chat: Chat, *more: Any) -> str:
    return reverse(name, args=[chat.pk, *more])


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


# ------------------------------------------------------------------- writing


def test_sending_without_javascript_leads_to_a_page_that_comes_again(world: Any, chat: Chat) -> None:
    client = world.client(world.bob)
    sent = client.post(url("chat_send", chat), {"text": "And the\r\nreceipt?"})
    assert sent["Location"] == url("chat_detail", chat) + "?wait=1#newest"
    page = client.get(sent["Location"])
    assert page["Refresh"] == f"3; url={url('chat_detail', chat)}?wait=2#newest"
    question = Message.objects.filter(chat=chat, role="user").order_by("-created_at").first()
    assert question is not None
    assert question.text == "And the\nreceipt?"
    answer_chat(chat)
    assert "Refresh" not in client.get(sent["Location"])


def test_sending_with_htmx_answers_with_the_new_pieces(world: Any, chat: Chat) -> None:
    sent = world.client(world.bob, **HTMX).post(url("chat_send", chat), {"text": "And the receipt?"})
    html = sent.content.decode()
    assert sent.status_code == 200
    assert "<html" not in html
    assert "And the receipt?" in html
    assert "data-pending" in html
    assert 'id="composer"' in html


def test_a_double_click_is_one_question(world: Any, chat: Chat) -> None:
    client = world.client(world.bob, **HTMX)
    for _ in range(2):
        client.post(url("chat_send", chat), {"text": "And the receipt?"})
    assert Message.objects.filter(chat=chat, text="And the receipt?").count() == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "required"), ("  \n ", "required"), ("x" * 11, "At most 10 characters"), ("a\x00b", "ull character")],
)
def test_what_cannot_be_sent_is_kept_with_the_reason(world: Any, chat: Chat, text: str, words: str) -> None:
    Assistant.of(world.space).change(actor_of(world.alice), input_limit=10)
    for headers in (HTMX, {}):
        page = world.client(world.bob, **headers).post(url("chat_send", chat), {"text": text})
        assert page.status_code == 422
        assert words in page.content.decode()
        assert text.replace("\x00", "") in page.content.decode().replace("\x00", "")
    assert chat.messages.count() == 1


def test_an_archived_space_takes_nothing_and_says_so(world: Any, chat: Chat) -> None:
    world.space.archive(actor_of(world.alice))
    client = world.client(world.bob)
    assert 'disabled placeholder="The space is archived' in client.get(url("chat_detail", chat)).content.decode()
    refused = client.post(url("chat_send", chat), {"text": "Still there?"})
    assert refused.status_code == 422
    assert b"archived" in refused.content
    assert chat.messages.count() == 1


def test_who_may_read_but_not_write_sees_a_closed_composer(world: Any, chat: Chat) -> None:
    client = world.client(world.ann)
    assert "but not write in it" in client.get(url("chat_detail", chat)).content.decode()
    for name in ("chat_send", "chat_again", "chat_vote_all", "chat_move", "chat_delete"):
        assert client.post(url(name, chat), {"text": "x", "value": "up"}).status_code == 403, name
    assert chat.messages.count() == 1


def test_a_stranger_finds_nothing(world: Any, chat: Chat) -> None:
    message = chat.messages.get()
    client = world.client(world.mallory)
    for name in (
        "chat_detail",
        "chat_contact",
        "chat_raw",
        "chat_raw_json",
        "chat_latest",
        "chat_stream",
        "chat_settings",
    ):
        assert client.get(url(name, chat)).status_code == 404, name
    for name in ("chat_message_text", "chat_message_json"):
        assert client.get(url(name, chat, message.pk)).status_code == 404, name
    for name in ("chat_send", "chat_again", "chat_vote_all", "chat_delete"):
        assert client.post(url(name, chat), {"text": "x"}).status_code == 404, name
    other = make_chat(make_space(world.account, world.bob), world.bob)
    assert world.client(world.bob).get(url("chat_message_text", other, message.pk)).status_code == 404


def test_stop_keeps_what_there_is_and_a_finished_answer_as_it_is(world: Any, chat: Chat) -> None:
    asked = ask(actor_of(world.bob), chat, "And the receipt?")
    client = world.client(world.bob, **HTMX)
    stopped = client.post(url("chat_stop", chat, asked.answer.pk)).content.decode()
    assert "Stopped" in stopped
    assert "data-pending" not in stopped
    assert client.post(url("chat_stop", chat, asked.answer.pk)).status_code == 200
    asked.answer.refresh_from_db()
    assert asked.answer.state == "stopped"


def test_a_vote_is_given_explained_turned_and_taken_back(world: Any, chat: Chat) -> None:
    message = answer(chat, "Yes.", state="done")
    client = world.client(world.bob)
    assert client.post(url("chat_vote", chat, message.pk), {"value": "up"}).status_code == 302
    html = client.get(url("chat_detail", chat)).content.decode()
    assert 'aria-pressed="true" aria-label="Helpful"' in html
    client.post(url("chat_vote", chat, message.pk), {"value": "down", "reason": "It is wrong."})
    vote = Rating.objects.get(message=message)
    assert (vote.value, vote.reason, vote.user) == (-100, "It is wrong.", world.bob)
    assert client.post(url("chat_vote", chat, message.pk), {"value": "sideways"}).status_code == 400
    assert client.post(url("chat_vote", chat, message.pk), {"value": "up", "reason": "x" * 70_000}).status_code == 400
    client.post(url("chat_unvote", chat, message.pk))
    assert not Rating.objects.filter(message=message).exists()


# ------------------------------------------------------------ new, edit, end


def test_a_chat_starts_with_its_first_message(world: Any, chat: Chat) -> None:
    client = world.client(world.bob)
    assert f'<option value="{world.space.pk}" selected>' in client.get(
        f"{reverse('chat_create')}?space={world.space.wire_id}"
    ).content.decode().replace("\n", "")
    made = client.post(reverse("chat_create"), {"space": world.space.pk, "text": "Hello there"})
    started = Chat.objects.exclude(pk=chat.pk).get(space=world.space)
    assert made["Location"] == url("chat_detail", started)
    assert (started.user, started.message_count) == (world.bob, 2)
    assert "<h1>Hello there</h1>" in client.get(made["Location"]).content.decode()


def test_a_chat_does_not_start_where_one_may_not_write(world: Any) -> None:
    hidden = make_space(world.account, world.alice)
    closed = make_space(world.account, world.bob)
    closed.archive(actor_of(world.bob))
    client = world.client(world.bob)
    for space in (hidden, closed):
        refused = client.post(reverse("chat_create"), {"space": space.pk, "text": "Hello"})
        assert refused.status_code == 422
        assert b"Hello" in refused.content
    assert not Chat.objects.filter(account=world.account).exists()


def test_settings_are_saved_and_another_change_is_not_overwritten(world: Any, chat: Chat) -> None:
    contact = make_contact(world.account, world.bob, name="Fern Alder")
    client = world.client(world.bob)
    page = client.get(url("chat_settings", chat)).content.decode()
    stamp = re.search(r'name="stamp" value="([^"]+)"', page)
    assert stamp
    form = {"stamp": stamp[1], "name": "Table", "contact": contact.wire_id, "model": "m", "meta": '{"a": 1}'}
    assert client.post(url("chat_settings", chat), {**form, "meta": "{"}).status_code == 422
    assert client.post(url("chat_settings", chat), form).status_code == 302
    chat.refresh_from_db()
    assert (chat.name, chat.contact, chat.model, chat.meta) == ("Table", contact, "m", {"a": 1})
    late = client.post(url("chat_settings", chat), {**form, "name": "Chair"})
    assert late.status_code == 409
    assert b"Chair" in late.content
    chat.refresh_from_db()
    assert chat.name == "Table"
    assert "changed" in client.get(url("chat_history", chat)).content.decode()


def test_a_chat_moves_only_where_one_may_write(world: Any, chat: Chat) -> None:
    own, hidden = make_space(world.account, world.bob), make_space(world.account, world.alice)
    client = world.client(world.bob)
    assert client.post(url("chat_move", chat), {"space": hidden.pk}).status_code == 422
    assert client.post(url("chat_move", chat), {"space": own.pk}).status_code == 302
    chat.refresh_from_db()
    assert chat.space == own


def test_deleting_says_what_goes_and_while_an_answer_is_due(world: Any, chat: Chat) -> None:
    ask(actor_of(world.bob), chat, "And the receipt?")
    client = world.client(world.bob)
    page = client.get(url("chat_delete_confirm", chat)).content.decode()
    assert re.search(r"<dt>Messages</dt><dd>3</dd>", page)
    assert client.post(url("chat_delete", chat)).status_code == 302
    assert not Message.objects.filter(account=world.account).exists()
    assert answer_chat(chat) is True  # the job that comes later finds nothing, and ends
    assert AuditEntry.objects.filter(operation="chat.delete", object_id=chat.pk).exists()


# ---------------------------------------------------------------- other tabs


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


# ---------------------------------------------------------------------- live


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
