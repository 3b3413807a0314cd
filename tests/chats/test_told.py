"""What webhooks were told of a question goes with it, whichever way its chat or message is deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chats import jobs
from chats.models import Chat, Message
from spaces.errors import Conflict
from spaces.models import Account, Webhook, WebhookDelivery
from spaces.models.webhooks import Event
from spaces.webhooks import About, emit, redeliver
from spaces_project.kit.egress import Allowed
from tests.api.calls import RestCaller
from tests.chats.models import asked, make_talk
from tests.factories import actor_of, admin_of, make_account, make_key

pytestmark = pytest.mark.django_db
QUESTION = "Is the lamp of Fern Alder covered?"
NOWHERE = "http://127.0.0.1:9999/hook"


@pytest.fixture(autouse=True)
def _open_door(settings: Any) -> None:
    settings.EGRESS_ALLOW = Allowed.parse(["127.0.0.1"])


@pytest.fixture
def account() -> Account:
    account = make_account()
    Webhook.create(actor_of(admin_of(account)), account, name="Receiver", url=NOWHERE, events=list(Event))
    return account


def _called(base: str, method: str, route: Callable[[Message], str]) -> Callable[[Message], None]:
    def delete(answer: Message) -> None:
        caller = RestCaller(make_key(answer.chat.user)[1], base)
        assert caller.call(method, route(answer), {} if method == "POST" else None).status_code == 200

    return delete


def _on_a_page(answer: Message) -> None:
    client = Client()
    client.force_login(answer.chat.user)
    client.post(reverse("chat_delete", args=[answer.chat_id]))


def _in_bulk(answer: Message) -> None:
    client = Client()
    client.force_login(answer.chat.user)
    data = {"ids": [str(answer.chat_id)], "expected": "1"}
    assert client.post(reverse("chat_bulk_run", args=["delete"]), data).status_code == 302


def _expired(answer: Message) -> None:
    Chat.objects.filter(pk=answer.chat_id).update(expires_at=timezone.now())
    jobs.remove_expired_chats(0)


UNIQUE, CHATBOTKIT = "/public/chat-gen2/", "/api/v1/"
WAYS: dict[str, Callable[[Message], None]] = {
    "unique, chat": _called(UNIQUE, "DELETE", lambda answer: f"space/chat/{answer.chat.unique_id}"),
    "unique, question": _called(
        UNIQUE, "DELETE", lambda answer: f"messages/{_question(answer).wire_id}?chatId={answer.chat.unique_id}"
    ),
    "unique, answer": _called(
        UNIQUE, "DELETE", lambda answer: f"messages/{answer.wire_id}?chatId={answer.chat.unique_id}"
    ),
    "chatbotkit, chat": _called(CHATBOTKIT, "POST", lambda answer: f"conversation/{answer.chat.wire_id}/delete"),
    "chatbotkit, question": _called(
        CHATBOTKIT,
        "POST",
        lambda answer: f"conversation/{answer.chat.wire_id}/message/{_question(answer).wire_id}/delete",
    ),
    "page": _on_a_page,
    "bulk": _in_bulk,
    "expiry": _expired,
}


def _question(answer: Message) -> Message:
    question: Message | None = answer.answers
    assert question is not None
    return question


def told(account: Account) -> list[WebhookDelivery]:
    return list(WebhookDelivery.objects.of(account).order_by("id"))


@pytest.mark.parametrize("way", WAYS)
def test_the_text_goes_with_the_question(account: Account, way: str) -> None:
    """The line stays; what another chat told, and another account, is left alone."""
    answer, other = asked(make_talk(account), QUESTION), asked(make_talk(account), "Another one?")
    stranger = make_account()
    Webhook.create(actor_of(admin_of(stranger)), stranger, name="Theirs", url=NOWHERE, events=list(Event))
    asked(make_talk(stranger), QUESTION)
    sent, kept = told(account)
    assert QUESTION in sent.body
    WebhookDelivery.objects.filter(pk=sent.pk).update(state="delivered", response=f"Got {QUESTION}", status=200)
    WAYS[way](answer)
    sent.refresh_from_db()
    assert (sent.body, sent.response, sent.state, sent.status) == ("", "", "delivered", 200)
    kept.refresh_from_db()
    assert (kept.subject_id, kept.state, "Another one?" in kept.body) == (other.pk, "waiting", True)
    assert QUESTION in told(stranger)[0].body


def test_what_still_waits_is_not_sent_and_nothing_is_sent_again(account: Account) -> None:
    answer = asked(make_talk(account, is_external=True, webhook_url=NOWHERE), QUESTION)
    with transaction.atomic():
        emit(Event.CHOSEN, About(account.pk, answer.pk), lambda: {"text": QUESTION})
    answer.chat.remove(actor_of(answer.chat.user))
    lines = told(account)
    assert len(lines) >= 2
    assert {(each.state, each.said, each.body, each.next_at) for each in lines} == {
        ("dropped", "Deleted with its chat.", "", None)
    }
    with pytest.raises(Conflict):
        redeliver(actor_of(admin_of(account)), lines[0])
    assert len(told(account)) == len(lines)
    client = Client()
    client.force_login(admin_of(account))
    page = client.get(reverse("webhook_delivery_detail", args=[lines[0].pk])).content.decode()
    assert "Deleted with its chat." in page
    assert "Deliver again" not in page


def test_events_of_other_things_keep_their_text(account: Account) -> None:
    with transaction.atomic():
        emit(Event.FINISHED, About(account.pk, account.pk), lambda: {"title": "Policy"})
    answer = asked(make_talk(account), QUESTION)
    answer.chat.remove(actor_of(answer.chat.user))
    assert "Policy" in told(account)[0].body
