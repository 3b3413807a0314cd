"""A real worker that is killed while it delivers: the event comes again, with the same id."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest

from spaces.models import Webhook, WebhookDelivery
from spaces.models.webhooks import Event
from spaces.webhooks import send_test
from tests.factories import actor_of, admin_of, make_account
from tests.kit.egress_server import serving, whole

pytestmark = [
    pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("workers"), pytest.mark.thorough
]  # fmt: skip


def until(condition: Any, seconds: float = 30) -> None:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "it did not happen"
        time.sleep(0.05)


def test_a_killed_worker_loses_no_event(live_worker: Any) -> None:
    killed, taken = threading.Event(), whole(b"taken", b"HTTP/1.1 200 OK")

    def answer(connection: socket.socket) -> None:
        if not killed.is_set():
            killed.wait(20)  # the first one is read, and then nothing comes back
        else:
            taken(connection)

    by = actor_of(admin_of(make_account()))
    assert by.account is not None
    with serving(answer) as server:
        webhook, _ = Webhook.create(by, by.account, name="Receiver", url=server.url, events=[Event.ASKED])
        delivery = send_test(by, webhook)
        until(lambda: server.requests)
        live_worker.kill()
        killed.set()
        assert WebhookDelivery.objects.get(pk=delivery.pk).state == "waiting"
        live_worker.start()
        until(lambda: WebhookDelivery.objects.get(pk=delivery.pk).state == "delivered")
        first, second = server.requests
    assert delivery.event_id.encode() in first
    assert delivery.event_id.encode() in second
    assert WebhookDelivery.objects.get(pk=delivery.pk).response == "taken"
