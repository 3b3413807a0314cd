"""One try to deliver: through the door to the network, with no connection to the database held meanwhile.

2xx is taken; 3xx, 408, 425, 429, 5xx and no connection are tried again with growing pauses; any other status is given
up, and so is an address that the door refuses: nothing was sent there, and nothing of it is in the log.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from spaces_project.kit import egress, limits
from spaces_project.kit.exports import release_connection
from spaces_project.kit.sealed import CannotUnseal, Secret

from .jobs import enqueue_delivery
from .models import Webhook, WebhookDelivery
from .models.webhooks import DUE, DeliveryState
from .webhooks import headers

FIRST_PAUSE_SECONDS = 5
GROWTH = 3


@dataclass(frozen=True)
class Address:
    """Where to, what signs it, and what may be reached beside the public internet (None: SPACES_EGRESS_ALLOW)."""

    url: str
    secret: Secret
    allowed: egress.Allowed | None = None


@dataclass
class Try:
    """What came of one try. ``state`` is DELIVERED, AGAIN or GIVEN_UP; ``status`` None: there was no answer."""

    at: datetime
    headers: dict[str, str]
    state: DeliveryState = DeliveryState.DELIVERED
    status: int | None = None
    response: bytes = b""
    said: str = ""
    retry_after: int = 0
    milliseconds: int = 0

    def failed(self, error: Exception, *, again: bool) -> None:
        self.said, self.state = str(error), DeliveryState.AGAIN if again else DeliveryState.GIVEN_UP

    @property
    def line(self) -> dict[str, Any]:
        """As the log of tries keeps it."""
        at = self.at.isoformat(timespec="milliseconds")
        return {"at": at, "status": self.status, "milliseconds": self.milliseconds, "said": self.said}

    @property
    def text(self) -> str:
        """The beginning of the answer, as far as it is text that can be stored."""
        return self.response[: limits.WEBHOOK_RESPONSE_BYTES].decode("utf-8", "replace").replace("\x00", "\ufffd")


def attempt(delivery: WebhookDelivery, to: Address, given_up: Callable[[], Any] = lambda: None) -> DeliveryState:
    """Try once and write down what came of it; the next try, if there is to be one, is enqueued with that.

    ``given_up`` is called in the transaction that ends a delivery which nobody took. Returns the state it now has.
    """
    release_connection()
    return _settle(delivery, to, _tried(delivery, to), given_up)


def _tried(delivery: WebhookDelivery, to: Address) -> Try:
    made, began = Try(timezone.now(), {}), time.monotonic()
    try:
        made.headers = headers(delivery, to.secret.reveal())
        _send(delivery, to, made)
    except CannotUnseal as error:
        made.failed(error, again=False)
    made.milliseconds = round((time.monotonic() - began) * 1000)
    return made


def _send(delivery: WebhookDelivery, to: Address, made: Try) -> None:
    try:
        content = delivery.body.encode()
        with egress.stream("POST", to.url, headers=made.headers, content=content, allowed=to.allowed) as response:
            made.status = response.status
            made.response = _beginning(response)
    except egress.BadStatus as error:
        made.status, made.response, made.retry_after = error.status, error.body, error.retry_after or 0
        made.failed(error, again=300 <= error.status < 400 or error.is_temporary)
    except egress.EgressError as error:
        if made.status is None:  # else it said 2xx, and broke off behind it or said more than anybody asked
            made.failed(error, again=error.is_temporary)


def _beginning(response: egress.Response) -> bytes:
    """As much of the answer as the log keeps; the rest is not waited for."""
    received = b""
    for piece in response.iter_bytes():
        received += piece
        if len(received) >= limits.WEBHOOK_RESPONSE_BYTES:
            break
    return received


# ------------------------------------------------------------- what came of it


@transaction.atomic
def _settle(delivery: WebhookDelivery, to: Address, made: Try, given_up: Callable[[], Any]) -> DeliveryState:
    tried = delivery.attempts + 1
    is_last = delivery.is_by_hand or tried >= limits.WEBHOOK_ATTEMPTS
    state = DeliveryState.GIVEN_UP if made.state == DeliveryState.AGAIN and is_last else made.state
    pause = _pause(tried, made.retry_after) if state == DeliveryState.AGAIN else 0
    rows = WebhookDelivery.objects.of(delivery.account_id).filter(
        pk=delivery.pk, attempts=delivery.attempts, state__in=DUE
    )
    if state == DeliveryState.GIVEN_UP:
        given_up()  # first: who deletes a chat locks its messages, and then what was told of them
    _note(delivery, made, is_ok=state == DeliveryState.DELIVERED)  # before: so does who deletes a webhook with its log
    if not rows.update(**_written(delivery, to, made, state, pause)):
        transaction.set_rollback(True)
        return DeliveryState(delivery.state)  # another worker's, or deleted meanwhile
    if state == DeliveryState.AGAIN:
        enqueue_delivery(delivery, later=pause)
    return state


def _written(delivery: WebhookDelivery, to: Address, made: Try, state: DeliveryState, pause: int) -> dict[str, Any]:
    now, goes_on = timezone.now(), state == DeliveryState.AGAIN
    return {
        "state": state,
        "attempts": delivery.attempts + 1,
        "next_at": now + timedelta(seconds=pause) if goes_on else None,
        "finished_at": None if goes_on else now,
        "updated_at": now,
        "url": to.url,
        "headers": made.headers,
        "status": made.status,
        "response": made.text,
        "said": made.said,
        "tries": [*delivery.tries, made.line],
    }


def _note(delivery: WebhookDelivery, made: Try, *, is_ok: bool) -> None:
    """Since when the webhook fails; not since the last time, but since the first time after it worked."""
    if delivery.webhook_id is None:
        return
    webhooks = Webhook.objects.of(delivery.account_id).filter(pk=delivery.webhook_id)
    if is_ok:
        webhooks.exclude(failing_since=None).update(failing_since=None)
    else:
        webhooks.update(failing_since=Coalesce("failing_since", made.at))


def _pause(tried: int, retry_after: int) -> int:
    """Seconds until the next try: 5, 15, 45, … and at least what the server asks for, within bounds."""
    grown = FIRST_PAUSE_SECONDS * int(GROWTH ** (tried - 1))
    return min(max(grown, retry_after), limits.WEBHOOK_PAUSE_SECONDS)
