"""Answers that an external system writes: telling it by the space's own webhook, and failing what nobody answers.

What is told is in chats/telling.py, how it is sent in spaces/webhook_sending.py; the log of both is the account's.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from spaces import audit
from spaces.actors import Actor
from spaces.models import WebhookDelivery
from spaces.models.webhooks import DUE, DeliveryState
from spaces.webhook_sending import Address, attempt
from spaces.webhooks import drop
from spaces_project.kit import limits
from spaces_project.kit.egress import Allowed

from .models import Assistant, Message
from .models.messages import State
from .replies import finish_turn

BATCH = 1_000
TIMES = ("started_at", "stopped_at", "completed_at")
NOT_TAKEN = "The external system that answers here did not take the question. Please ask again later."
TOO_LATE = "The external system that answers here did not answer in time."
ANSWERED = "The question was answered or stopped before."
NO_ADDRESS = "The space has no address to be told at any more."


def deliver(account: UUID, pk: UUID) -> None:
    """One try to tell a space's own address of a waiting answer, unless it waits no more.

    When nobody takes any event of it the answer has failed. What is delivered by hand is sent and changes no answer.
    """
    due = WebhookDelivery.objects.of(account).due().select_related("space").filter(pk=pk).first()
    if due is None:
        return
    assistant, answer = Assistant.of(due.space), Message.objects.of(account).filter(pk=due.subject_id)
    waits = answer.filter(state=State.WAITING).exists()
    if not waits and not due.is_by_hand:
        drop(due, ANSWERED)
    elif not assistant.webhook_url:
        drop(due, NO_ADDRESS)
    else:
        attempt(due, _address(assistant), partial(_given_up, due))


def _address(assistant: Assistant) -> Address:
    """What the operator opened within his network is open only to an address that an administrator named."""
    confined = None if assistant.webhook_by_admin else Allowed()
    return Address(assistant.webhook_url, assistant.webhook_secret, confined)


def _given_up(delivery: WebhookDelivery) -> None:
    """Nobody took this event; but of the events of a question a system may take one and refuse another."""
    if not delivery.subject_id or delivery.is_by_hand:
        return
    # of two that are refused at once, each would see the other under way
    _waiting(delivery.account_id, delivery.subject_id)
    others = WebhookDelivery.objects.of(delivery.account_id).filter(webhook=None, subject_id=delivery.subject_id)
    taken = Q(state=DeliveryState.DELIVERED) | Q(state__in=DUE, is_by_hand=False)
    if not others.filter(taken).exclude(pk=delivery.pk).exists():
        give_up(delivery.account_id, delivery.subject_id)


def give_up(account: UUID, answer_id: UUID) -> bool:
    """The question was not taken: fail its answer if it still waits."""
    return _fail(account, answer_id, NOT_TAKEN)


def _waiting(account: UUID, pk: UUID) -> Message | None:
    """The answer, locked, if it still waits."""
    rows = Message.objects.of(account).filter(pk=pk, state=State.WAITING).select_for_update(no_key=True)
    return rows.first()  # type: ignore[no-any-return]


@transaction.atomic
def _fail(account: UUID, pk: UUID, sentence: str) -> bool:
    """What there was of a text is kept for those who look into it."""
    if (answer := _waiting(account, pk)) is None:
        return False
    now = timezone.now()
    partial = {"partialText": answer.text[: limits.REASONING_CHARS]} if answer.text else {}
    known = answer.debug_info if isinstance(answer.debug_info, dict) else {}
    answer.debug_info = {**known, **partial, "error": sentence}
    answer.state, answer.text, answer.error, answer.generation = State.FAILED, "", sentence, answer.generation + 1
    answer.started_at = answer.started_at or now
    answer.stopped_at = answer.completed_at = answer.updated_at = now
    answer.save(
        update_fields=["state", "text", "error", "generation", "debug_info", *TIMES, "updated_at"],
    )
    finish_turn(answer, failed=True)
    system = Actor.system(answer.chat.space.account, "external")
    audit.record(system, "message.answer", answer, {"state": [State.WAITING, State.FAILED], "text": None})
    return True


def fail_overdue() -> int:
    """Fail the answers that external systems had EXTERNAL_ANSWER_SECONDS for, in all accounts; how many."""
    since = timezone.now() - timedelta(seconds=limits.EXTERNAL_ANSWER_SECONDS)
    overdue = Message.objects.filter(state=State.WAITING, updated_at__lt=since).values_list("account", "pk")
    return sum(_fail(account, pk, TOO_LATE) for account, pk in overdue[:BATCH])
