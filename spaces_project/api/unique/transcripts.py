"""Messages of one chat with everything that hangs on them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.db.models.functions import Length

from chats.models import Assessment, Chat, Message, Reference
from spaces_project.kit import limits

from .shapes import Shape, message


def talk(chat: Chat) -> Any:
    """The messages that this dialect knows, oldest first."""
    return Message.objects.of(chat.account_id).filter(chat=chat).talk().oldest_first()


def newest(chat: Chat) -> Any:
    """The newest MESSAGES_PER_LIST messages, or those that fit into CHARS_PER_LIST, oldest first."""
    sizes = talk(chat).reverse().annotate(size=Length("text")).values_list("pk", "size")[: limits.MESSAGES_PER_LIST]
    sums = accumulate(size for _, size in sizes)
    fitting = [pk for (pk, size), total in zip(sizes, sums, strict=True) if total - size < limits.CHARS_PER_LIST]
    return talk(chat).filter(pk__in=fitting)


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
