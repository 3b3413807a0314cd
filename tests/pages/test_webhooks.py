"""The pages of webhooks: administrators alone, a secret shown once, a log to look into and to deliver again from."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chats.models import Assistant
from spaces.models import AuditEntry, Webhook, WebhookDelivery
from spaces.models.webhooks import TEST, Event
from spaces.webhooks import About, body, delivery
from spaces_project.kit.sealed import Secret
from tests.factories import actor_of, make_space
from tests.pages.world import World

pytestmark = pytest.mark.django_db
SECRET = re.compile(r'id="secret">([^<]+)<')
ONCE = re.compile(r'name="once" value="([^"]+)"')
GOOD = {"name": "Warehouse", "url": "https://hooks.example.com/in", "events": [Event.ASKED]}


@pytest.fixture
def admin(world: World) -> Client:
    return world.client(world.admin)


@pytest.fixture
def webhook(world: World) -> Webhook:
    return Webhook.create(actor_of(world.admin), world.account, **GOOD)[0]


def found(pattern: re.Pattern[str], page: Any) -> str:
    match = pattern.search(page.content.decode())
    assert match, page.content.decode()[:2000]
    return match[1]


def told(world: World, webhook: Webhook | None = None, **fields: Any) -> WebhookDelivery:
    about = About(world.account.pk, world.space.pk, space=world.space.pk)
    made = delivery(Event.ASKED, about, body(Event.ASKED, about, {"text": "<b>Hi</b>"}), webhook)
    for name, value in fields.items():
        setattr(made, name, value)
    made.save()
    return made


def test_a_webhook_is_made_and_its_secret_shown_once(world: World, admin: Client) -> None:
    empty = admin.get(reverse("webhook_list")).content.decode()
    assert "No webhooks yet" in empty
    assert "construct_event" in empty
    page = admin.get(reverse("webhook_create"))
    data = {**GOOD, "space": world.space.pk, "once": found(ONCE, page)}
    made = admin.post(reverse("webhook_create"), data)
    assert made.status_code == 201
    assert "no-store" in made["Cache-Control"]
    webhook, secret = Webhook.objects.get(), found(SECRET, made)
    assert (webhook.name, webhook.events, webhook.space) == ("Warehouse", [Event.ASKED], world.space)
    assert webhook.secret.reveal() == secret
    again = admin.post(reverse("webhook_create"), data, follow=True).content.decode()
    assert "was made already" in again
    assert Webhook.objects.count() == 1
    for url in (reverse("webhook_list"), reverse("webhook_detail", args=[webhook.pk]), reverse("audit_list")):
        assert secret not in admin.get(url).content.decode()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"url": "https://user:pass@example.com"}, "must not hold a user name"),
        ({"url": "gopher://example.com"}, "must begin with https"),
        ({"url": "https://example.com:22/"}, "Port 22"),
        ({"events": []}, "Tick at least one event"),
        ({"events": ["unique.nothing"]}, "not one of the available choices"),
        ({"name": ""}, "required"),
        ({"once": "old"}, "too old"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(admin: Client, changed: dict[str, Any], said: str) -> None:
    page = admin.get(reverse("webhook_create"))
    refused = admin.post(reverse("webhook_create"), {**GOOD, "once": found(ONCE, page), **changed})
    assert refused.status_code == 422
    assert said in refused.content.decode()
    assert changed.get("url", GOOD["url"]) in refused.content.decode()
    assert Webhook.objects.count() == 0


def test_it_is_changed_paused_and_resumed(world: World, admin: Client, webhook: Webhook) -> None:
    edit = reverse("webhook_edit", args=[webhook.pk])
    assert "hooks.example.com" in admin.get(edit).content.decode()
    assert admin.post(edit, {**GOOD, "name": "Depot"}).status_code == 302
    assert admin.post(edit, {**GOOD, "events": []}).status_code == 422
    for name, badge in (("webhook_pause", "Paused"), ("webhook_resume", "Active")):
        shown = admin.post(reverse(name, args=[webhook.pk]), follow=True).content.decode()
        assert f'">{badge}</span>' in shown
    webhook.refresh_from_db()
    assert (webhook.name, webhook.is_active) == ("Depot", True)
    assert AuditEntry.objects.of(world.account).about(webhook.pk).filter(operation="webhook.update").count() == 3


def test_a_new_secret_is_made_once_per_form(admin: Client, webhook: Webhook) -> None:
    before: Secret = webhook.secret
    note = found(ONCE, admin.get(reverse("webhook_secret_confirm", args=[webhook.pk])))
    url = reverse("webhook_secret", args=[webhook.pk])
    secret = found(SECRET, admin.post(url, {"once": note}))
    webhook.refresh_from_db()
    assert secret == webhook.secret.reveal() != before.reveal()
    again = admin.post(url, {"once": note}, follow=True).content.decode()
    assert "no new secret was made" in again
    assert secret not in again
    assert Webhook.objects.get().secret == webhook.secret


def test_a_test_event_is_sent_and_watched(admin: Client, webhook: Webhook) -> None:
    page = admin.post(reverse("webhook_test", args=[webhook.pk]), follow=True)
    made = webhook.deliveries.get()
    assert page.redirect_chain == [(reverse("webhook_delivery_detail", args=[made.pk]), 302)]
    shown = page.content.decode()
    assert (made.event, made.is_by_hand) == (TEST, True)
    assert 'hx-trigger="every 2s"' in shown
    assert made.event_id in shown


def test_deleting_asks_first_and_says_what_goes(world: World, admin: Client, webhook: Webhook) -> None:
    told(world, webhook)
    asked = admin.get(reverse("webhook_delete_confirm", args=[webhook.pk])).content.decode()
    assert "Webhook delivery" in asked
    assert admin.post(reverse("webhook_delete", args=[webhook.pk])).status_code == 302
    assert (Webhook.objects.count(), WebhookDelivery.objects.count()) == (0, 0)


# ----------------------------------------------------------------------- the log


def test_the_log_is_filtered(world: World, admin: Client, webhook: Webhook) -> None:
    mine, own = told(world, webhook, state="delivered", status=204), told(world, state="given_up", status=410)
    url = reverse("webhook_delivery_list")

    def shown(query: str = "") -> set[Any]:
        page = admin.get(url + query).content.decode()
        return {each for each in (mine, own) if str(each.pk) in page}

    assert shown() == {mine, own}
    assert shown(f"?webhook={webhook.pk}") == shown("?state=delivered") == {mine}
    assert shown("?webhook=space") == {own}
    assert shown(f"?event={Event.CHOSEN}") == shown(f"?space={make_space(world.account).pk}") == set()
    assert shown(f"?space={world.space.pk}&event={Event.ASKED}") == {mine, own}
    assert shown(f"?q={mine.event_id}") == {mine, own}, "the same event, to both"
    assert shown("?created_before=2020-01-01") == set()
    assert "could not be read" in admin.get(url + "?webhook=nonsense&state=x").content.decode()
    assert "<html" not in admin.get(url, headers={"hx-request": "true"}).content.decode()


def test_a_delivery_shows_what_was_sent_and_answered(world: World, admin: Client, webhook: Webhook) -> None:
    line = {"at": "2026-11-20T10:00:00.000+00:00", "status": 500, "milliseconds": 12, "said": "It failed."}
    made = told(
        world, webhook, state="given_up", status=500, response="<i>broken</i>", said="It failed.", tries=[line],
        headers={"X-Unique-Id": "evt_1"}, next_at=None,
    )  # fmt: skip
    page = admin.get(reverse("webhook_delivery_detail", args=[made.pk])).content.decode()
    for text in ("&lt;i&gt;broken&lt;/i&gt;", "&lt;b&gt;Hi&lt;/b&gt;", "X-Unique-Id: evt_1", "12 ms", "Given up"):
        assert text in page
    assert "every 2s" not in page


def test_an_event_is_delivered_again_with_the_same_id(world: World, admin: Client, webhook: Webhook) -> None:
    first = told(world, webhook, state="given_up")
    page = admin.post(reverse("webhook_redeliver", args=[first.pk]), follow=True).content.decode()
    second = WebhookDelivery.objects.exclude(pk=first.pk).get()
    assert (second.event_id, second.body, second.state) == (first.event_id, first.body, "waiting")
    assert "The same event, elsewhere" in page
    entry = AuditEntry.objects.get(operation="webhook.redeliver")
    assert entry.object_id == second.pk
    assert "sent again" in admin.get(reverse("audit_list")).content.decode()


def test_a_very_long_body_is_cut(world: World, admin: Client, webhook: Webhook) -> None:
    made = told(world, webhook, body="{" + "x" * 200_000 + "}")
    page = admin.get(reverse("webhook_delivery_detail", args=[made.pk])).content.decode()
    assert "It is long" in page
    assert len(page) < 120_000


def test_the_tab_of_an_external_space_leads_to_its_deliveries(world: World, admin: Client) -> None:
    url, log = reverse("space_assistant", args=[world.space.pk]), f"{reverse('webhook_delivery_list')}?space="
    assert log not in admin.get(url).content.decode()
    Assistant.of(world.space).change(actor_of(world.admin), webhook_url="https://hooks.example.com", is_external=True)
    assert f"{log}{world.space.pk}" in admin.get(url).content.decode()
    assert log not in world.client(world.alice).get(url).content.decode(), "administrators read the log"
