"""Messages of one chat with everything that hangs on them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from chats.models import Assessment, Chat, Message, Reference

from .shapes import Shape, message


def talk(chat: Chat) -> Any:
    """The messages that this dialect knows, oldest first."""
    return Message.objects.of(chat.account_id).filter(chat=chat).talk().oldest_first()


def several(rows: Iterable[Message], chat: Chat, *, with_request: bool = True) -> list[Shape]:
    """The messages in this order: three statements, however many they are."""
    found = list(rows)
    prefetch_related_objects(
        found,
        Prefetch("references", Reference.objects.of(chat.account_id)),
        Prefetch("assessments", Assessment.objects.of(chat.account_id).order_by("created_at", "id")),
    )
    return [message(row, chat.unique_id, with_request=with_request) for row in found]


def one(row: Message, chat: Chat) -> Shape:
    return several([row], chat)[0]
