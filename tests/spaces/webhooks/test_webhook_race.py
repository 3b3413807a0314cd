"""A webhook that is deleted while something happens that it is to be told of."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection, transaction

from spaces.models import Webhook, WebhookDelivery
from spaces.models.webhooks import Event
from spaces.webhooks import About, emit
from tests.factories import actor_of, admin_of, make_account

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
