"""Answers from outside: programs that write, change and end messages of a chat through the API.

What they say about an answer of ours that is not finished takes it over: the ``generation`` goes up, so that a worker
that still writes it finds nothing to write to. After a person stopped an answer, its text and times stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from spaces.actors import Actor
from spaces.errors import InvalidInput
from spaces_project.kit import limits

from .models import Chat, Message, Reference
from .models.chats import Role, refuse_archived
from .models.messages import PENDING, State
from .replies import finish_turn

TIMES = ("started_at", "stopped_at", "completed_at")  # in the order of a turn
INTERRUPTION = "turnInterruptionReason"
INTERRUPTED = "The answer was interrupted by the system. Please ask again."


@dataclass(frozen=True)
class Revision:
    """What a program says about one message; None is "as it is". ``references`` are unsaved rows that take the place
    of all there are."""

    text: str | None = None
    original_text: str | None = None
    references: Sequence[Reference] | None = None
    debug_info: Any = None
    gpt_request: Any = None
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    completed_at: datetime | None = None
    segment: dict[str, Any] = field(default_factory=dict)

    @property
    def ends(self) -> bool:
        """Whether nothing more of the text is to come."""
        return self.stopped_at is not None or self.completed_at is not None

    def plain(self) -> dict[str, Any]:
        """The fields that go in as they are."""
        given = {"original_text": self.original_text, "debug_info": self.debug_info, "gpt_request": self.gpt_request}
        return {name: value for name, value in given.items() if value is not None}


@transaction.atomic
def revise(by: Actor, message: Message, revision: Revision) -> Message:
    """Change a message. An answer that was not finished is, with the first time that ends it.

    Raises ValidationError on a field, DoesNotExist when the message is gone.
    """
    rows = Message.objects.of(message.account_id).select_for_update(no_key=True)
    current: Message = rows.get(pk=message.pk)
    current.chat = message.chat
    fields = revision.plain() | {"segment": current.segment | revision.segment}
    if current.state == State.STOPPED:
        fields.pop("original_text", None)
    else:
        fields |= _said(current, revision)
        _refer(current, revision.references)
    was_pending = current.is_pending
    current.change(by, **fields)
    if (was_pending or "error" in fields) and current.state == State.DONE:
        finish_turn(current, failed=False)
    return current


def _said(message: Message, revision: Revision) -> dict[str, Any]:
    """The fields of what is said and when; a user's message has no times."""
    fields: dict[str, Any] = {} if revision.text is None else {"text": revision.text}
    if message.role == Role.USER:
        return fields
    fields |= _times(message, revision)
    if message.state == State.FAILED and revision.text:
        return fields | {"state": State.DONE, "error": ""}
    if message.is_pending and (revision.ends or revision.text is not None):
        state = State.DONE if revision.ends else State.WAITING
        fields |= {"state": state, "generation": message.generation + 1}
    return fields


def _times(message: Message, revision: Revision) -> dict[str, Any]:
    """Times in the order of a turn, whatever the clocks of programs say: begun, stopped, completed."""
    started = revision.started_at or message.started_at
    stopped = revision.stopped_at or message.stopped_at
    completed = revision.completed_at or message.completed_at
    stopped = stopped or completed
    started = started or stopped or (timezone.now() if revision.text else None)
    earliest, times = message.created_at, {}
    for name, moment in zip(TIMES, (started, stopped, completed), strict=True):
        if moment is not None:
            earliest = times[name] = max(moment, earliest)
    return times


def _refer(message: Message, references: Sequence[Reference] | None) -> None:
    if references is None:
        return
    if len(references) > limits.REFERENCES_PER_MESSAGE:
        raise InvalidInput(f"references: at most {limits.REFERENCES_PER_MESSAGE}.", field="references")
    for reference in references:
        reference.account_id, reference.message = message.account_id, message
        reference.clean_fields(exclude={"account", "message"})
    Reference.objects.of(message.account_id).filter(message=message).delete()
    Reference.objects.bulk_create(references)


# ------------------------------------------------------------------- new answers


@transaction.atomic
def contribute(by: Actor, chat: Chat, revision: Revision) -> Message:
    """An answer by a program: it fills the oldest one that waits for an external system, else it is a new message.

    One with a text is whole; one without is open until ``revise`` ends it. Raises ValidationError on a field, Conflict
    for a new message in an archived space.
    """
    if revision.text:
        revision = _whole(revision)
    waiting = Message.objects.of(chat.account_id).filter(chat=chat, state=State.WAITING)
    message = waiting.oldest_first().select_for_update(no_key=True).first()
    if message is None:
        refuse_archived(chat.space)
        return _added(by, chat, revision)
    message.chat = chat
    return revise(by, message, revision)


def _whole(revision: Revision) -> Revision:
    """With the times that end it, unless they are given."""
    stopped = revision.stopped_at or revision.completed_at or timezone.now()
    return replace(revision, stopped_at=stopped, completed_at=revision.completed_at or stopped)


def _added(by: Actor, chat: Chat, revision: Revision) -> Message:
    """A new answer to what the user said last."""
    said = Message.objects.of(chat.account_id).filter(chat=chat, role=Role.USER).talk()
    last = said.order_by("-created_at", "-id").first()
    opened = Message(role=Role.ASSISTANT, state=State.WAITING)
    fields = {"state": State.WAITING, **revision.plain(), **_said(opened, revision), "segment": revision.segment}
    message = Message.create(by, chat, role=Role.ASSISTANT, answers=last, **fields)
    _refer(message, revision.references)
    times = {name: moment for name in TIMES if (moment := getattr(message, name)) and moment < message.created_at}
    if times:  # the chat's clock says when a message came, and nothing of it is earlier
        Message.objects.filter(pk=message.pk).update(**dict.fromkeys(times, message.created_at))
        message.__dict__.update(dict.fromkeys(times, message.created_at))
    return message


# ------------------------------------------------------------------ interruptions


@transaction.atomic
def interrupt(by: Actor, question: Message, reason: str) -> Message:
    """A program gives the turn of this user's message up: unfinished answers to it failed. Again is no change."""
    answers = Message.objects.of(question.account_id).filter(answers=question)
    for answer in answers.select_for_update(no_key=True).filter(state__in=PENDING):
        answer.chat = question.chat
        _give_up(by, answer)
    stopped = answers.filter(state=State.STOPPED).exists()
    if not stopped:
        question.change(by, segment=question.segment | {INTERRUPTION: reason})
    return question


def _give_up(by: Actor, answer: Message) -> None:
    now = timezone.now()
    fields: dict[str, Any] = dict.fromkeys(TIMES, now) | {"started_at": answer.started_at or now}
    fields |= {"state": State.FAILED, "error": INTERRUPTED, "text": "", "generation": answer.generation + 1}
    answer.change(by, **fields)
    finish_turn(answer, failed=True)
