"""Telling other systems what happened: what is sent, to whom, and that nothing of it is forgotten.

    emit(Event.ASKED, About(account, answer.pk, space=space.pk, user=user.pk), lambda: {"chatId": …})

A delivery and its job go in with what they tell of, in one transaction. Where nobody wants to be told, that is one
query. Wire facts: reference of Unique, webhooks: POST of one JSON object; ``X-Unique-Signature`` is the lower-case hex
HMAC-SHA256 of the raw body under the secret, and does not cover ``X-Unique-Created-At``.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from spaces import audit
from spaces.actors import Actor
from spaces.errors import Conflict
from spaces_project.kit import ids, limits
from spaces_project.kit.ids import Prefix
from spaces_project.kit.prepared import run

from .jobs import enqueue_delivery
from .models import Webhook, WebhookDelivery
from .models.webhooks import DUE, TEST, DeliveryState, Event

AWAITED = """
SELECT EXISTS (SELECT FROM spaces_webhook WHERE account_id = %s AND is_active AND events @> ARRAY[%s]::varchar[])
"""
VERSION = "1.0.0"
NOBODY = "system"
Payload = Callable[[], dict[str, Any]]


@dataclass(frozen=True)
class About:
    """Whose event it is: the account, what it is about, the space where it happened, and who made it happen.

    ``mark`` tells events about one subject apart that would be the same otherwise.
    """

    account: UUID
    subject: UUID
    space: UUID | None = None
    user: UUID | None = None
    mark: str = ""


def is_awaited(event: Event, account: UUID) -> bool:
    """Whether a webhook of the account is to be told of such events, be it of some space only."""
    ((found,),) = run(AWAITED, [account, event.value])
    return bool(found)


def emit(event: Event, about: About, payload: Payload) -> int:
    """Have all webhooks of the account told that want to be; how many. ``payload`` is asked for only then.

    Must run inside the transaction of what happened.
    """
    assert connection.in_atomic_block, "an event belongs in the transaction of what it tells of"
    if not is_awaited(event, about.account):
        return 0
    webhooks = list(_kept(Webhook.objects.of(about.account).wanting(event, about.space)[: limits.WEBHOOKS]))
    if webhooks:
        content = body(event, about, payload())
        queue([delivery(event, about, content, webhook) for webhook in webhooks])
    return len(webhooks)


def _kept(wanting: Any) -> Any:
    """These rows, which nobody deletes until the transaction ends: else what happened would fail with its delivery.

    FOR KEY SHARE, which Django cannot say: it holds up deletion alone, and not those who tell of other things.
    """
    statement, values = wanting.query.sql_with_params()
    return Webhook.objects.raw(f"{statement} FOR KEY SHARE", values)


def delivery(event: str, about: About, content: str, webhook: Webhook | None = None) -> WebhookDelivery:
    """Unsaved, waiting to be sent; without a webhook to the address that the space itself names."""
    return WebhookDelivery(
        account_id=about.account,
        webhook=webhook,
        space_id=about.space,
        event=event,
        event_id=event_id(event, about),
        subject_id=about.subject,
        user_id=about.user,
        body=content,
    )


def queue(deliveries: Sequence[WebhookDelivery]) -> None:
    """Store them, each with its job."""
    WebhookDelivery.objects.bulk_create(deliveries)
    for each in deliveries:
        enqueue_delivery(each)


def event_id(event: str, about: About) -> str:
    """The same for every try and every subscriber, so that a program can tell repeats."""
    text = " ".join(filter(None, (str(about.subject), event, about.mark)))
    number = hashlib.sha256(text.encode()).digest()[:16]
    return f"evt_{ids.to_base36(UUID(bytes=number))}"


def body(event: str, about: About, payload: dict[str, Any]) -> str:
    """The JSON that is signed and sent, in Unique's words. The SDK wants userId and companyId in it."""
    content = {
        "id": event_id(event, about),
        "version": VERSION,
        "event": str(event),
        "createdAt": str(int(time.time())),
        "userId": user_of(about.user),
        "companyId": str(about.account),
        "payload": payload,
    }
    return json.dumps(content, separators=(",", ":"))


def headers(of: WebhookDelivery, secret: str) -> dict[str, str]:
    """What goes with the body in a try that is made now: the SDK refuses what was created over five minutes ago."""
    return {
        "Content-Type": "application/json",
        "X-Unique-Id": of.event_id,
        "X-Unique-Signature": signature(secret, of.body.encode()),
        "X-Unique-Version": VERSION,
        "X-Unique-Created-At": str(int(time.time())),
        "X-Unique-User-Id": user_of(of.user_id),
        "X-Unique-Company-Id": str(of.account_id),
    }


def user_of(pk: UUID | None) -> str:
    """The wire id of a user; for what nobody did there is a word, as the SDK refuses an empty one."""
    return ids.encode(Prefix.USER, pk) if pk else NOBODY


def signature(secret: str, body: bytes) -> str:
    """Lower-case hex HMAC-SHA256 of the raw body."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


# --------------------------------------------------------------------- by hand


def send_test(by: Actor, webhook: Webhook) -> WebhookDelivery:
    """Have an event delivered that means nothing, also to a webhook that is paused."""
    who = by.user.pk if by.user else None
    about = About(webhook.account_id, webhook.pk, webhook.space_id, who, mark=str(time.time_ns()))
    content = body(TEST, about, {"webhookId": webhook.wire_id, "text": "A test, sent by hand."})
    return _by_hand(by, "webhook.test", delivery(TEST, about, content, webhook))


def redeliver(by: Actor, again: WebhookDelivery) -> WebhookDelivery:
    """Have the same event delivered once more, as a line of its own in the log. Conflict when what it told of is
    deleted."""
    if not again.body:
        raise Conflict("What it told of was deleted: there is nothing to deliver again.")
    names = ("account_id", "webhook_id", "space_id", "event", "event_id", "subject_id", "user_id", "body")
    copy = WebhookDelivery(**{name: getattr(again, name) for name in names})
    return _by_hand(by, "webhook.redeliver", copy)


@transaction.atomic
def _by_hand(by: Actor, operation: str, made: WebhookDelivery) -> WebhookDelivery:
    made.is_by_hand = True
    queue([made])
    given = {"event": [None, made.event], "webhook": [None, made.webhook_id and str(made.webhook_id)]}
    audit.record(by, operation, made, given)
    return made


# ----------------------------------------------------------------- upkeep


def drop(of: WebhookDelivery, why: str) -> DeliveryState:
    """Not to be sent any more; the sentence says why."""
    now = timezone.now()
    rows = WebhookDelivery.objects.of(of.account_id).filter(pk=of.pk, state__in=DUE)
    rows.update(state=DeliveryState.DROPPED, said=why, next_at=None, finished_at=now, updated_at=now)
    return DeliveryState.DROPPED
