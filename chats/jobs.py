"""The jobs of chats: answers that are due, webhooks, and what keeps both from being forgotten.

Jobs of one chat have a lock in common, so that its answers come in order, one at a time. A waiting job holds up later
ones of its lock that have the same priority, even when it waits for a later time: so what is due now goes before.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils import timezone
from procrastinate import Blueprint, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from spaces.expiry import remove_expired
from spaces.jobs import QUEUE as WEBHOOKS
from spaces_project.kit import limits

from .models import Chat, Message
from .models.messages import State

QUEUE = "answers"
UPKEEP = "upkeep"
NOW, LATER = 1, 0  # priorities
AGAIN_SECONDS = 10  # a busy space; whoever ends an answer there calls the next one, so this only makes sure
LOST_SECONDS = 60
HOURLY = "23 * * * *"
EVERY_MINUTE = "* * * * *"
RETRY = RetryStrategy(max_attempts=limits.ANSWER_ATTEMPTS + 1, exponential_wait=3)  # when the database failed

tasks = Blueprint()


def enqueue(chat: Chat, *, later: int = 0) -> None:
    """Have the pending answers of this chat written; in the transaction of what asks for them."""
    options: dict[str, Any] = {"lock": f"chat:{chat.pk}", "queue": QUEUE, "priority": NOW}
    if later:
        options |= {"schedule_in": {"seconds": later}, "priority": LATER}
    job = app.configure_task("chats:answer", **options)
    job.defer(account=str(chat.account_id), chat=str(chat.pk))


@tasks.task(name="answer", queue=QUEUE, pass_context=True, retry=RETRY)
def answer(context: Any, account: str, chat: str) -> None:
    """Write all pending answers of a chat, oldest first. Tries again later while the space writes as many as it may."""
    from .answering import answer_chat

    found = Chat.objects.of(UUID(account)).select_related("space", "space__account").filter(pk=chat).first()
    if found is None:
        return
    if answer_chat(found, context.should_abort):
        call_next(found)
    else:
        enqueue(found, later=AGAIN_SECONDS)


def call_next(chat: Chat) -> None:
    """An answer of this space ended: let the one begin that waits longest in another of its chats."""
    waiting = Message.objects.of(chat.account_id).filter(chat__space=chat.space_id, state=State.QUEUED)
    following = waiting.exclude(chat=chat.pk).select_related("chat").oldest_first().first()
    if following is not None:
        enqueue(following.chat)


# ------------------------------------------------------------------ webhooks


@tasks.task(name="webhook", queue=WEBHOOKS, retry=RETRY)
def webhook(account: str, delivery: str) -> None:
    """One try to tell a space's own address of a question that waits there (spaces/jobs.py enqueues it)."""
    from .external import deliver

    deliver(UUID(account), UUID(delivery))


# -------------------------------------------------------------------- upkeep


@tasks.periodic(cron=EVERY_MINUTE)
@tasks.task(name="find_lost_answers", queue=UPKEEP, queueing_lock="find_lost_answers")
def find_lost_answers(timestamp: int) -> None:
    """Answers that are due and that no job is going to write (its tries ended with the database down) get one."""
    since = timezone.now() - timedelta(seconds=LOST_SECONDS)
    jobs = ProcrastinateJob.objects.filter(task_name="chats:answer", status__in=("todo", "doing"))
    mine = jobs.annotate(named=KT("args__chat")).filter(named=Cast(OuterRef("chat"), TextField()))
    due = Message.objects.filter(state__in=(State.QUEUED, State.ANSWERING), updated_at__lt=since).filter(~Exists(mine))
    for chat in Chat.objects.filter(pk__in=due.values("chat"), account=F("space__account"))[: limits.BULK_ROWS]:
        enqueue(chat)


@tasks.periodic(cron=EVERY_MINUTE)
@tasks.task(name="fail_overdue_answers", queue=UPKEEP, queueing_lock="fail_overdue_answers")
def fail_overdue_answers(timestamp: int) -> None:
    """External systems have EXTERNAL_ANSWER_SECONDS for an answer."""
    from .external import fail_overdue

    fail_overdue()


@tasks.periodic(cron=HOURLY)
@tasks.task(name="remove_expired_chats", queueing_lock="remove_expired_chats")
def remove_expired_chats(timestamp: int) -> None:
    """Delete the chats whose time is over, each with its entry in the audit."""
    remove_expired(Chat.objects.expired())
