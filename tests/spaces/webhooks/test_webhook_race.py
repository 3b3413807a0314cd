"""A webhook that is deleted while something happens that it is to be told of."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from spaces.models import Webhook, WebhookDelivery
from spaces.models.webhooks import Event
from spaces.webhook_sending import Address, attempt
from spaces.webhooks import About, emit
from tests.factories import actor_of, admin_of, make_account
from tests.statements import around

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("workers")]


def test_what_happens_is_kept_when_its_webhook_goes_meanwhile() -> None:
    account = make_account()
    by = actor_of(admin_of(account))
    webhook, _ = Webhook.create(by, account, name="R", url="https://hooks.example.com", events=[Event.ASKED])

    def delete() -> None:
        try:
            webhook.remove(by)
        finally:
            connection.close()

    deleting = threading.Thread(target=delete)

    def payload() -> dict[str, Any]:
        deleting.start()
        deleting.join(0.5)
        return {}

    with transaction.atomic():
        assert emit(Event.ASKED, About(account.pk, account.pk), payload) == 1
    deleting.join(10)
    assert not deleting.is_alive()
    assert (Webhook.objects.count(), WebhookDelivery.objects.count()) == (0, 0)


@pytest.mark.thorough
def test_a_webhook_goes_while_a_try_to_deliver_to_it_is_written_down() -> None:
    """Who deletes it has the webhook and wants its deliveries, who wrote one down wants to say that it fails."""
    account = make_account()
    by = actor_of(admin_of(account))
    webhook, _ = Webhook.create(by, account, name="R", url="http://127.0.0.1:9999/hook", events=[Event.ASKED])
    with transaction.atomic():
        emit(Event.ASKED, About(account.pk, account.pk), dict)
    delivery = WebhookDelivery.objects.select_related("webhook").get()
    is_written, deletes = threading.Event(), threading.Event()

    def wait() -> None:
        is_written.set()
        deletes.wait(5)
        threading.Event().wait(0.3)

    def settle() -> None:
        with around('UPDATE "spaces_webhook', after=wait):
            attempt(delivery, Address(webhook.url, webhook.secret))

    def delete() -> None:
        is_written.wait(10)
        with around('DELETE FROM "spaces_webhook"', before=deletes.set):
            webhook.remove(by)

    with ThreadPoolExecutor(2) as threads:
        for each in (threads.submit(settle), threads.submit(delete)):
            each.result(30)
    assert (Webhook.objects.count(), WebhookDelivery.objects.count()) == (0, 0)
