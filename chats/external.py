"""Telling an external system that it is asked: Unique's webhooks.

Wire facts: POST of one JSON object; ``X-Unique-Signature`` is the lower-case hex HMAC-SHA256 of the raw body under the
secret, and does not cover ``X-Unique-Created-At``. 2xx is taken; 3xx, 408, 425, 429, 5xx and no connection are tried
again with growing pauses; any other status is given up.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from spaces import audit
from spaces.actors import Actor
from spaces_project.kit import egress, ids, limits
from spaces_project.kit.exports import release_connection
from spaces_project.kit.ids import Prefix
from spaces_project.kit.sealed import CannotUnseal

from .models import Assistant, Message
from .models.messages import State
from .replies import finish_turn

VERSION = "1.0.0"
BATCH = 1_000
TIMES = ("started_at", "stopped_at", "completed_at")
NOT_TAKEN = "The external system that answers here did not take the question. Please ask again later."
TOO_LATE = "The external system that answers here did not answer in time."


class Event(StrEnum):
    """What subscribers are told."""

    CHOSEN = "unique.chat.external-module.chosen"
    ASKED = "unique.chat.user-message.created"


class Outcome(StrEnum):
    """How a delivery ended."""

    TAKEN = "taken"
    AGAIN = "again"
    GIVEN_UP = "given up"


@dataclass(frozen=True)
class Delivery:
    """One webhook on its way: the raw body is what is signed and sent."""

    url: str
    headers: dict[str, str]
    body: bytes


def events_for(assistant: Assistant) -> tuple[Event, ...]:
    """An external space is told of each question too; a space with an external module only that it was chosen."""
    return (Event.ASKED, Event.CHOSEN) if assistant.is_external else (Event.CHOSEN,)


def delivery(assistant: Assistant, answer: Message, event: Event) -> Delivery:
    """What is sent about this waiting answer. Raises CannotUnseal when the secret is lost."""
    question = answer.answers
    identity = event_id(answer, event)
    user = ids.encode(Prefix.USER, answer.created_by) if answer.created_by else ""
    company, created = str(answer.account_id), str(int(time.time()))
    content = {
        "id": identity,
        "version": VERSION,
        "event": event.value,
        "createdAt": created,
        "userId": user,
        "companyId": company,
        "payload": payload(assistant, answer, question, event),
    }
    body = json.dumps(content, separators=(",", ":")).encode()
    headers = {
        "Content-Type": "application/json",
        "X-Unique-Id": identity,
        "X-Unique-Signature": signature(assistant.webhook_secret.reveal(), body),
        "X-Unique-Version": VERSION,
        "X-Unique-Created-At": created,
        "X-Unique-User-Id": user,
        "X-Unique-Company-Id": company,
    }
    return Delivery(assistant.webhook_url, headers, body)


def event_id(answer: Message, event: Event) -> str:
    """The same for every try of one delivery, so that a subscriber can tell repeats."""
    number = hashlib.sha256(f"{answer.pk} {event}".encode()).digest()[:16]
    return f"evt_{ids.to_base36(UUID(bytes=number))}"


def signature(secret: str, body: bytes) -> str:
    """Lower-case hex HMAC-SHA256 of the raw body."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def payload(assistant: Assistant, answer: Message, question: Message | None, event: Event) -> dict[str, Any]:
    """What the event is about, in Unique's words. ``chatid`` is there too, as the documentation once spells it."""
    text = question.text if question else ""
    space = {"chatId": answer.chat.unique_id, "assistantId": ids.encode(Prefix.ASSISTANT, answer.chat.space_id)}
    if event == Event.ASKED:
        return {**space, "text": text}
    module = assistant.modules()[0]
    options = question.request if question else {}
    asked = question or answer
    return {
        "name": module.name,
        "description": module.description,
        "configuration": module.configuration,
        **space,
        "chatid": space["chatId"],
        "userMessage": {
            "id": asked.wire_id,
            "text": text,
            "originalText": asked.original_text or text,
            "createdAt": _moment(asked),
            "language": "",
        },
        "assistantMessage": {"id": answer.wire_id, "createdAt": _moment(answer)},
        "text": text,
        "toolChoices": options.get("toolChoices") or [],
        "rawScopeRules": options.get("scopeRules"),
        "metadataFilter": options.get("scopeRules"),
        "correlation": options.get("correlation"),
        "userMetadata": {},
        "toolParameters": {},
    }


def _moment(message: Message) -> str:
    return message.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def deliver(account: UUID, answer_id: UUID, event: Event) -> Outcome:
    """Send it once, if the answer still waits and the space has an address for it."""
    answers = Message.objects.of(account).filter(pk=answer_id, state=State.WAITING)
    answer = answers.select_related("answers", "chat", "chat__space", "chat__space__account").first()
    if answer is None:
        return Outcome.TAKEN
    assistant = Assistant.of(answer.chat.space)
    if not assistant.webhook_url:
        return Outcome.TAKEN
    try:
        return sent(delivery(assistant, answer, event))
    except CannotUnseal:
        return Outcome.GIVEN_UP


def sent(what: Delivery) -> Outcome:
    """One try, through the door; no connection of the database is held meanwhile."""
    release_connection()
    try:
        egress.post(what.url, headers=what.headers, content=what.body)
    except egress.BadStatus as error:
        again = 300 <= error.status < 400 or error.is_temporary
        return Outcome.AGAIN if again else Outcome.GIVEN_UP
    except egress.TooLarge:
        return Outcome.TAKEN  # it said 2xx, and more than anybody asked
    except egress.EgressError as error:
        return Outcome.AGAIN if error.is_temporary else Outcome.GIVEN_UP
    return Outcome.TAKEN


def give_up(account: UUID, answer_id: UUID) -> bool:
    """The question was not taken: fail its answer if it still waits."""
    return _fail(account, answer_id, NOT_TAKEN)


@transaction.atomic
def _fail(account: UUID, pk: UUID, sentence: str) -> bool:
    """What there was of a text is kept for those who look into it."""
    rows = Message.objects.of(account).filter(pk=pk, state=State.WAITING).select_for_update(no_key=True)
    if (answer := rows.first()) is None:
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
