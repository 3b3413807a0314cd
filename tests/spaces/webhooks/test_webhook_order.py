"""Whose webhook goes first: people who wait, then what is new, then what failed, of a dead receiver one at a time."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from chats import jobs
from spaces.models import Account, Webhook, WebhookDelivery
from spaces.models.webhooks import Event
from spaces.webhooks import About, emit, send_test
from tests.chats.models import answered, make_talk
from tests.factories import actor_of, admin_of, make_account

from .test_webhooks import NOWHERE, answering, deliver, happened, make_webhook

pytestmark = pytest.mark.django_db


def test_a_dead_receiver_takes_one_thread_and_nobody_waits_behind_it(account: Account) -> None:
    """Eight threads deliver for all accounts, and each try of a dead one takes as long as a call may."""
    dead, _ = make_webhook(account)
    tried = deliver(happened(account))
    with transaction.atomic():
        for number in range(3):
            emit(Event.ASKED, About(account.pk, account.pk, mark=str(number)), dict)
    other = make_account()
    make_webhook(other)
    alive = happened(other)
    by_hand = send_test(actor_of(admin_of(other)), Webhook.objects.of(other).get())
    make_talk_of_an_external_space(other)
    (own,) = WebhookDelivery.objects.filter(webhook=None, event=Event.CHOSEN)
    fetched = [fetch() for _ in range(8)]
    locks = [job["lock"] for job in fetched if job]
    assert locks.count(f"webhook:{dead.pk}") == 1, "its others wait for this one"
    order = [job["args"]["delivery"] for job in fetched if job]
    assert {str(by_hand.pk), str(own.pk)} < set(order[:3])
    assert str(alive.pk) in order
    assert str(tried.pk) not in order


def test_what_was_queued_before_it_failed_gets_in_line(account: Account) -> None:
    """A burst, such as a bulk upload, is queued while all is well."""
    webhook, _ = make_webhook(account)
    with transaction.atomic():
        for number in range(3):
            emit(Event.ASKED, About(account.pk, account.pk, mark=str(number)), dict)
    burst = list(WebhookDelivery.objects.of(account))
    assert [deliver(each).attempts for each in burst] == [1, 0, 0]
    jobs = [job for job in (fetch() for _ in range(3)) if job]
    assert [job["lock"] for job in jobs] == [f"webhook:{webhook.pk}"], "one at a time"
    due = WebhookDelivery.objects.get(pk=jobs[0]["args"]["delivery"])
    assert deliver(due).attempts == due.attempts == 1


def make_talk_of_an_external_space(account: Account) -> None:
    answered(make_talk(account, is_external=True, webhook_url=NOWHERE))


def test_what_a_dead_address_of_a_space_did_not_take_is_tried_again_one_at_a_time(account: Account) -> None:
    """Its first tries go at once: somebody waits for them."""
    for _ in range(2):
        make_talk_of_an_external_space(account)
    first, *_ = WebhookDelivery.objects.of(account).order_by("id")
    mine = WebhookDelivery.objects.filter(space=first.space).order_by("id")
    for delivery in mine:
        ProcrastinateJob.objects.filter(args__delivery=str(delivery.pk))._raw_delete("default")
        jobs.webhook(account=str(account.pk), delivery=str(delivery.pk))
    assert [each.state for each in mine.all()] == ["again", "again"]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE scheduled_at IS NOT NULL")
    fetched = [job for job in (fetch() for _ in range(8)) if job and job["args"].get("delivery")]
    assert [job["lock"] for job in fetched].count(f"webhook:{first.space_id}") == 1
    assert len(fetched) == 3, "one again, and both of the other space"


def fetch() -> dict[str, Any] | None:
    """The job that a worker would take next, taken."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lock, args FROM procrastinate_fetch_job_v2(ARRAY['webhooks']::varchar[], NULL)")
        lock, args = cursor.fetchone()
    return {"lock": lock, "args": args if isinstance(args, dict) else json.loads(args)} if args else None


def test_a_retry_that_is_due_does_not_wait_for_one_that_is_not(account: Account) -> None:
    make_webhook(account)
    late = happened(account)
    with answering("429 X", b"", b"Retry-After: 600") as server:
        Webhook.objects.update(url=server.url)
        deliver(late)
    with transaction.atomic():
        emit(Event.ASKED, About(account.pk, account.pk, mark="soon"), dict)
    with answering("503 X") as server:
        Webhook.objects.update(url=server.url)
        soon = deliver(WebhookDelivery.objects.exclude(pk=late.pk).get())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE priority = -5")
    assert (fetch() or {})["args"]["delivery"] == str(soon.pk)
