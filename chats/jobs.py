"""The jobs of chats: one per answer that is due, and the tidying of chats that expired."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from procrastinate import Blueprint
from procrastinate.contrib.django import app

from spaces.actors import Actor

from .models import Chat

QUEUE = "answers"
AGAIN_SECONDS = 1
HOURLY = "23 * * * *"

tasks = Blueprint()


def enqueue(chat: Chat, *, later: int = 0) -> None:
    """Have the pending answers of this chat written; in the transaction of what asks for them.

    The lock keeps the answers of one chat in order, one at a time.
    """
    options: dict[str, Any] = {"lock": f"chat:{chat.pk}", "queue": QUEUE}
    if later:
        options["schedule_in"] = {"seconds": later}
    job = app.configure_task("chats:answer", **options)
    job.defer(account=str(chat.account_id), chat=str(chat.pk))


@tasks.task(name="answer", queue=QUEUE)
def answer(account: str, chat: str) -> None:
    """Write all pending answers of a chat, oldest first. Tries again later while the space writes as many as it may."""
    from .answering import answer_chat

    found = Chat.objects.of(UUID(account)).select_related("space", "space__account").filter(pk=chat).first()
    if found is not None and not answer_chat(found):
        enqueue(found, later=AGAIN_SECONDS)


@tasks.periodic(cron=HOURLY)
@tasks.task(name="remove_expired_chats", queueing_lock="remove_expired_chats")
def remove_expired_chats(timestamp: int) -> None:
    """Delete the chats whose time is over, each with its entry in the audit."""
    for chat in Chat.objects.expired().select_related("account").iterator(chunk_size=500):
        chat.remove(Actor.system(chat.account, "expiry"))
