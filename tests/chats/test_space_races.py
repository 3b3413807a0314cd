"""A space that is deleted while a question is asked in it that a webhook is told of. Its own module: it commits."""

from __future__ import annotations

from typing import Any

import pytest

from chats.answering import answer_chat
from chats.models import Chat
from spaces.models import Webhook, WebhookDelivery
from spaces.models.webhooks import Event
from tests.chats.models import asked, make_talk
from tests.factories import actor_of, admin_of, make_account
from tests.statements import delete_meanwhile

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]


def ask(chat: Chat) -> Any:
    return lambda: asked(chat), ("INSERT INTO", "chats_message")


def choose(chat: Chat) -> Any:
    asked(chat)
    return lambda: answer_chat(chat), ('UPDATE "chats_message"', '"debug_info" =')


@pytest.mark.parametrize("way", [ask, choose])
def test_a_space_is_deleted_while_a_question_in_it_is_told_of(way: Any, caplog: pytest.LogCaptureFixture) -> None:
    account = make_account()
    by = actor_of(admin_of(account))
    chat = make_talk(account, is_external=True)
    Webhook.create(by, account, name="R", url="https://hooks.example.com", events=[Event.ASKED, Event.CHOSEN])
    write, parts = way(chat)
    delete_meanwhile(by, chat.space, write, parts)
    assert not [record for record in caplog.records if record.exc_info], "nothing had to be tried again"
    assert not Chat.objects.exists()
    assert not WebhookDelivery.objects.exists()
