"""Asking and answering: a user's message and the placeholder of its answer go in together, a job fills it in.

The order of a turn is the one of Unique's reference: user message, empty answer, ``started_at`` with the first text,
``stopped_at`` with the last, ``completed_at`` when references are stored, then usage on the user's message.

Every write of a worker is fenced by the answer's ``generation``: a worker that was overtaken, or whose answer was
stopped or deleted, finds no row and ends. A killed worker's job runs again and begins the answer anew.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from spaces import audit
from spaces.actors import Actor
from spaces.errors import InvalidInput
from spaces_project.kit import limits

from .files import SELECTED
from .jobs import enqueue
from .models import Assistant, Chat, Message
from .models.chats import Role, refuse_archived
from .models.messages import PENDING, State
from .telling import hold_to_tell, tell_asked


@dataclass(frozen=True)
class Asked:
    """A user's message, the placeholder of its answer, and whether both were there already (a repeated request)."""

    chat: Chat
    question: Message
    answer: Message
    is_repeated: bool = False


def ask(
    by: Actor,
    chat: Chat,
    text: str,
    *,
    options: dict[str, Any] | None = None,
    digest: str = "",
    **fields: Any,
) -> Asked:
    """Store the user's message and the placeholder of its answer, and set a responder to work.

    ``options`` is what the message asks for besides its text; its ``scopeRules`` were parsed by the caller. ``digest``
    names the request: the same one within REPEAT_SECONDS gets the first one's answer. Raises Conflict in an archived
    space, InvalidInput for a too long text, or an empty one that selects no files either.
    """
    refuse_archived(chat.space)
    assistant = Assistant.of(chat.space)
    _check(text, assistant, is_about_files=bool((options or {}).get(SELECTED)))
    question = Message.draft(
        by, chat, role=Role.USER, text=text, request=options or {}, request_digest=digest, **fields
    )
    with transaction.atomic():
        if digest and (repeated := _repeated(chat, digest)):
            return repeated
        is_told = hold_to_tell(chat)
        answer = _placeholder(by, chat, question)
        Message.append(by, chat, [question, answer])
        enqueue(chat)
        if is_told:
            tell_asked(answer, question)
    return Asked(chat, question, answer)


def ask_again(by: Actor, chat: Chat, *, options: dict[str, Any] | None = None) -> Message:
    """A placeholder for an answer to what was said last, without a new message of the user; returns it.

    ``options`` are added to those that the message had.
    """
    refuse_archived(chat.space)
    last = Message.objects.of(chat.account_id).filter(chat=chat, role=Role.USER).talk().order_by("-created_at").first()
    with transaction.atomic():
        answer = _placeholder(by, chat, last, options)
        Message.append(by, chat, [answer])
        enqueue(chat)
    return answer


def _check(text: str, assistant: Assistant, *, is_about_files: bool) -> None:
    if not text.strip() and not is_about_files:
        raise InvalidInput("text: This field may not be blank.", field="text")
    if assistant.input_limit is not None and len(text) > assistant.input_limit:
        raise InvalidInput(f"text: At most {assistant.input_limit:,} characters in this space.", field="text")


def _placeholder(by: Actor, chat: Chat, question: Message | None, options: dict[str, Any] | None = None) -> Message:
    return Message.draft(by, chat, role=Role.ASSISTANT, state=State.QUEUED, answers=question, request=options or {})


def request_digest(by: Actor, *parts: Any) -> str:
    """Names a request by who sends it and what: the same key, user and body give the same."""
    who = [str(by.api_key.pk) if by.api_key else "", str(by.user.pk) if by.user else ""]
    return hashlib.sha256(json.dumps([who, parts], sort_keys=True, default=str).encode()).hexdigest()


def lock_request(digest: str) -> None:
    """Let only one transaction at a time work on requests of this digest."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [digest])


def repeated(by: Actor, digest: str) -> Asked | None:
    """What the same request got less than REPEAT_SECONDS ago. Call it under ``lock_request``."""
    since = timezone.now() - timedelta(seconds=limits.REPEAT_SECONDS)
    questions = Message.objects.of(by.account).filter(request_digest=digest, created_at__gte=since)
    question = questions.select_related("chat", "chat__space").first()
    answer = question and Message.objects.of(by.account).filter(answers=question).oldest_first().first()
    return Asked(question.chat, question, answer, is_repeated=True) if answer else None


def _repeated(chat: Chat, digest: str) -> Asked | None:
    lock_request(digest)
    return repeated(Actor(account=chat.space.account), digest)


@transaction.atomic
def stop(by: Actor, answer: Message) -> bool:
    """The user does not want more of this answer; what there is stays. False when it was finished already."""
    now = timezone.now()
    waiting = Message.objects.of(answer.account_id).filter(pk=answer.pk, state__in=PENDING)
    changed: int = waiting.update(state=State.STOPPED, aborted_at=now, stopped_at=now, completed_at=now, updated_at=now)
    if changed:
        answer.refresh_from_db(fields=["state", "text", "aborted_at", "stopped_at", "completed_at", "updated_at"])
        finish_turn(answer, failed=False)
        audit.record(by, "message.stop", answer, {"state": [None, State.STOPPED]})
    return bool(changed)


def finish_turn(answer: Message, *, failed: bool) -> None:
    """The chat's newest turn is the answer's, unless something was said after it."""
    newer = Message.objects.of(answer.account_id).filter(chat=answer.chat_id, created_at__gt=answer.created_at)
    if not newer.talk().exclude(state__in=PENDING).exists():
        chat = Chat.objects.of(answer.account_id).filter(pk=answer.chat_id)
        chat.update(last_role=Role.ASSISTANT, is_failed=failed)


def pending_answers(chat: Chat) -> Any:
    """The answers of this chat that are not finished, oldest first."""
    return Message.objects.of(chat.account_id).filter(chat=chat).pending().oldest_first()
