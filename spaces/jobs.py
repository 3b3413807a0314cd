"""The jobs of webhooks: deliveries that are due, and what keeps them from being forgotten and the log from growing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils import timezone
from procrastinate import Blueprint, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from spaces_project.kit import limits

from .models import Webhook, WebhookDelivery

QUEUE = "webhooks"
UPKEEP = "upkeep"
TO_WEBHOOK = "webhooks:deliver"
TO_SPACE = "chats:webhook"  # who knows a space's own address is above us
FIRST = 1  # a priority; that of most is 0
LOST_SECONDS = 60
EVERY_MINUTE = "* * * * *"
DAILY = "29 3 * * *"
RETRY = RetryStrategy(max_attempts=5, exponential_wait=3)  # when the database failed

tasks = Blueprint()


def enqueue_delivery(delivery: WebhookDelivery, *, later: int = 0) -> None:
    """Have one try made, ``later`` seconds from now; in the transaction of what asks for it."""
    options: dict[str, Any] = {"queue": QUEUE, "priority": _priority(delivery, later)}
    if later:
        options["schedule_in"] = {"seconds": later}
    if later or (delivery.webhook_id and delivery.webhook.failing_since):
        options["lock"] = _lock(delivery)
    job = app.configure_task(TO_WEBHOOK if delivery.webhook_id else TO_SPACE, **options)
    job.defer(account=str(delivery.account_id), delivery=str(delivery.pk))


def _lock(delivery: WebhookDelivery) -> str:
    """What deliveries to one address that fails have in common: a dead receiver holds up one thread, and not all. At a
    space's own address only what is tried again: for the first try somebody waits."""
    return f"webhook:{delivery.webhook_id or delivery.space_id}"


def _priority(delivery: WebhookDelivery, later: int) -> int:
    """Where somebody waits for it, first; tries that follow last, those after long pauses behind the others.

    Of jobs with one lock a waiting one holds up those behind it, also when it waits for a later time: hence the pauses.
    """
    if later:
        return -later
    return FIRST if delivery.is_by_hand or not delivery.webhook_id else 0


@tasks.task(name="deliver", queue=QUEUE, retry=RETRY, pass_context=True)
def deliver(context: Any, account: str, delivery: str) -> None:
    """One try of one delivery to a webhook. A killed worker's is made again: subscribers see the same id twice.

    What was queued before the webhook began to fail gets in line with the others.
    """
    from .webhook_sending import Address, attempt
    from .webhooks import drop

    due = WebhookDelivery.objects.of(UUID(account)).due().select_related("webhook").filter(pk=delivery).first()
    if due is None:
        return
    webhook: Webhook = due.webhook
    if webhook.failing_since and context.job.lock != _lock(due):
        enqueue_delivery(due)
    elif webhook.is_active or due.is_by_hand:
        attempt(due, Address(webhook.url, webhook.secret))
    else:
        drop(due, "The webhook was paused.")


# -------------------------------------------------------------------- upkeep


@tasks.periodic(cron=EVERY_MINUTE)
@tasks.task(name="find_lost_deliveries", queue=UPKEEP, queueing_lock="find_lost_deliveries")
def find_lost_deliveries(timestamp: int) -> None:
    """Deliveries that are due and that no job is going to make (its tries ended with the database down) get one."""
    since = timezone.now() - timedelta(seconds=LOST_SECONDS)
    jobs = ProcrastinateJob.objects.filter(task_name__in=(TO_WEBHOOK, TO_SPACE), status__in=("todo", "doing"))
    mine = jobs.annotate(named=KT("args__delivery")).filter(named=Cast(OuterRef("pk"), TextField()))
    due = WebhookDelivery.objects.due().filter(next_at__lt=since).filter(~Exists(mine))
    for delivery in due.select_related("webhook")[: limits.BULK_ROWS]:
        enqueue_delivery(delivery)


@tasks.periodic(cron=DAILY)
@tasks.task(name="remove_old_deliveries", queueing_lock="remove_old_deliveries")
def remove_old_deliveries(timestamp: int) -> None:
    """Forget after WEBHOOK_DELIVERY_DAYS what was sent and what was answered."""
    since = timezone.now() - timedelta(days=limits.WEBHOOK_DELIVERY_DAYS)
    WebhookDelivery.objects.exclude(state__in=("waiting", "again")).filter(created_at__lt=since).delete()
