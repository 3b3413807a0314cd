"""A webhook itself: what it may be, what is written down of it, and what goes with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from spaces.errors import Conflict
from spaces.models import Account, AuditEntry, User, Webhook, WebhookDelivery
from spaces_project.kit import limits
from tests.factories import actor_of, make_account, make_space

from .test_webhooks import happened, make_webhook

pytestmark = pytest.mark.django_db


def test_changes_are_written_down_without_address_and_secret(account: Account, admin: User) -> None:
    webhook, first = make_webhook(account, "https://hooks.example.com/?token=canary")
    by = actor_of(admin)
    assert webhook.change(by, name="Other", url="https://hooks.example.com/?token=canary2") is True
    assert webhook.change(by, name="Other") is False
    second = webhook.rotate(by)
    webhook.remove(by)
    entries = AuditEntry.objects.of(account).about(webhook.pk).order_by("created_at", "id")
    operations = ["webhook.create", "webhook.update", "webhook.update", "webhook.delete"]
    assert [each.operation for each in entries] == operations
    assert entries[1].changes == {"name": ["Receiver", "Other"], "url": None}
    said = json.dumps([each.changes for each in entries])
    assert [text for text in ("canary", first, second) if text in said] == []
    assert first != second
    assert first.startswith("whsec_")


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"url": "ftp://example.com"}, "url"),
        ({"url": "https://user:pass@example.com"}, "url"),
        ({"url": ""}, "url"),
        ({"events": []}, "events"),
        ({"events": ["unique.nothing"]}, "events"),
        ({"name": "two\nlines"}, "name"),
        ({"name": ""}, "name"),
    ],
)
def test_a_webhook_that_cannot_be_is_not_made(account: Account, fields: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ValidationError) as refused:
        make_webhook(account, **fields)
    assert wrong in refused.value.message_dict
    assert Webhook.objects.count() == 0


def test_a_space_of_another_account_cannot_be_named(account: Account) -> None:
    with pytest.raises(ValidationError) as refused:
        make_webhook(account, space=make_space(make_account()))
    assert list(refused.value.message_dict) == ["space"]


def test_there_is_a_limit_of_webhooks(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WEBHOOKS", 1)
    make_webhook(account)
    with pytest.raises(Conflict):
        make_webhook(account)


def test_with_a_webhook_goes_its_log_and_with_a_space_what_was_told_of_it(account: Account, admin: User) -> None:
    space = make_space(account)
    webhook, _ = make_webhook(account)
    happened(account, space=space.pk)
    space.remove(actor_of(admin))
    assert (WebhookDelivery.objects.count(), Webhook.objects.count()) == (0, 1)
    happened(account)
    webhook.remove(actor_of(admin))
    assert WebhookDelivery.objects.count() == 0
