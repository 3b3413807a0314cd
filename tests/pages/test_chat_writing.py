"""Writing in a chat, starting, changing and ending one: alice owns the space, bob may use it, ann only reads."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from chats.answering import answer_chat
from chats.models import Assistant, Chat, Message, Rating
from chats.replies import ask
from spaces.models import AuditEntry
from tests.factories import actor_of, make_chat, make_contact, make_space
from tests.pages.chats import HTMX, answer, chat_of_bob, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def chat(world: Any) -> Chat:
    return chat_of_bob(world)


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
    whole = world.client(world.bob).get(url("chat_detail", chat)).content.decode()
    counts = [re.findall(r'id="message-count">(\d+)<', each) for each in (html, whole)]
    assert counts == [[str(Chat.objects.get(pk=chat.pk).message_count)]] * 2  # the tab goes with the messages


def test_the_audit_says_who_answered(world: Any, chat: Chat) -> None:
    ask(actor_of(world.bob), chat, "And the receipt?")
    answer_chat(chat)
    page = world.client(world.admin).get("/audit/?operation=message.answer").content.decode()
    assert "answered with a message" in re.sub("<[^>]+>", "", page)


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
    assert world.client(world.ann).get(reverse("chat_create")).status_code == 403
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
