"""An administrator has another system told, looks why it was not, and tells it again: in a browser, to a receiver."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import unique_sdk
from django.utils import timezone
from playwright.sync_api import expect

from spaces.models import Account, Webhook, WebhookDelivery
from spaces.models.webhooks import Event
from spaces.webhooks import About, body, delivery
from tests.factories import actor_of, admin_of, make_account, make_space
from tests.kit.egress_server import Server, serving, whole

Visit = Callable[..., Any]
TEXTS = ("Does the cover include a fall?", "Where is my order 4711?", "May I return a desk after 40 days?")


@pytest.fixture
def account(live: str) -> Account:
    return make_account("harbour")


@pytest.fixture
def receiver() -> Iterator[Server]:
    with serving(whole(b'{"ok": true}')) as server:
        yield server


def log_of(account: Account) -> WebhookDelivery:
    """A webhook that works, one that is paused, one that fails, and a log; returns a delivery that was given up."""
    by, now = actor_of(admin_of(account)), timezone.now()
    space = make_space(account, name="Warranty claims")
    told = {"url": "https://hooks.example.com/spaces", "events": [Event.ASKED, Event.FINISHED]}
    good, _ = Webhook.create(by, account, name="Warehouse", **told)
    Webhook.create(by, account, name="Old reporting", **told)[0].change(by, is_active=False)
    bad, _ = Webhook.create(
        by, account, name="Night desk", space=space, url="https://night.example.com/in?team=1", events=[Event.ASKED]
    )
    Webhook.objects.filter(pk=bad.pk).update(failing_since=now - timedelta(hours=3))
    for number in range(9):
        about = About(account.pk, space.pk, space.pk, admin_of(account).pk, str(number))
        content = body(Event.ASKED, about, {"chatId": "chat_1", "text": TEXTS[number % 3]})
        is_bad = number % 3 == 0
        made = delivery(Event.ASKED, about, content, (bad, good, None)[number % 3])
        made.state, made.status = ("given_up", 503) if is_bad else ("delivered", 204)
        made.created_at, made.finished_at, made.next_at = now - timedelta(minutes=9 * number), now, None
        made.said = "night.example.com failed to answer (503)." if is_bad else ""
        made.response, made.url = ("<h1>Out of order</h1>" if is_bad else ""), bad.url
        line = {"at": now.isoformat(), "status": made.status, "milliseconds": 41, "said": made.said}
        made.tries, made.attempts = [line] * (6 if is_bad else 1), 6 if is_bad else 1
        made.headers = {"X-Unique-Id": made.event_id, "X-Unique-Signature": "b29d9a81" * 8}
        made.save()
    return WebhookDelivery.objects.filter(state="given_up").latest("created_at")


@pytest.mark.slow
def test_a_webhook_is_made_and_hears_a_test(
    account: Account, live_worker: object, receiver: Server, visit: Visit
) -> None:
    visitor = visit()
    page = visitor.page
    visitor.sign_in("admin-harbour")
    page.goto("/settings/webhooks/")
    visitor.look("webhooks-empty")
    page.get_by_role("link", name="New webhook").click()
    page.get_by_label("Name").fill("Warehouse")
    page.get_by_label("Address").fill("ftp://warehouse")
    page.get_by_label("A question was asked").check()
    with visitor.expecting(422):
        page.get_by_role("button", name="Create webhook").click()
        expect(page.locator("#id_url_error")).to_contain_text("must begin with https")
    visitor.look("webhook-new-wrong")
    page.get_by_label("Address").fill(receiver.url)
    page.get_by_role("button", name="Create webhook").click()
    secret = page.locator("#secret").inner_text()
    visitor.look("webhook-made")
    page.get_by_role("button", name="Send a test event").click()
    expect(page.get_by_role("status").filter(has_text="Delivered")).to_be_visible()
    expect(page.locator("#delivery")).to_contain_text('{"ok": true}')
    expect(page.locator("#delivery")).not_to_have_attribute("hx-trigger", re.compile("every"))
    visitor.look("webhook-delivery")
    head, _, sent = receiver.requests[0].partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    unique_sdk.Webhook.construct_event(sent, headers["x-unique-signature"], headers["x-unique-created-at"], secret)


@pytest.mark.slow
def test_the_log_is_looked_into(account: Account, visit: Visit) -> None:
    failed = log_of(account)
    visitor = visit()
    page = visitor.page
    visitor.sign_in("admin-harbour")
    page.goto("/settings/webhooks/")
    visitor.look("webhooks", four=True)
    page.get_by_role("link", name="Night desk").click()
    visitor.look("webhook", four=True)
    page.goto("/settings/webhooks/deliveries/")
    page.locator("#filter-menu summary").click()
    visitor.look("webhook-deliveries-filter")
    page.get_by_label("State").select_option("given_up")
    page.get_by_role("button", name="Apply filters").click()
    expect(page.locator("#chips")).to_contain_text("Given up")
    visitor.look("webhook-deliveries", four=True)
    page.goto(f"/settings/webhooks/deliveries/{failed.pk}/")
    visitor.look("webhook-delivery-failed", four=True)
    page.get_by_role("button", name="Deliver again").click()
    expect(page.get_by_role("heading", name="The same event, elsewhere")).to_be_visible()
    for name in ("edit", "secret", "delete"):
        page.goto(f"/settings/webhooks/{failed.webhook_id}/{name}/")
        visitor.look(f"webhook-{name}")
