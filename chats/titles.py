"""What a chat is called: its name, or the first words that were said in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Left

from .models import Chat, Message

LOOKED_AT = 200  # characters of a first message, some of them space
TITLE_CHARS = 80


def give_titles(chats: Iterable[Chat]) -> None:
    """Set ``title`` on each of these chats of one account, with one query for those without a name."""
    chats = list(chats)
    words = _first_words([chat for chat in chats if not chat.name])
    for chat in chats:
        chat.title = shortened(chat.name or words.get(chat.pk, "")) or str(chat)  # type: ignore[attr-defined]


def shortened(text: str) -> str:
    """``text`` in one line of at most TITLE_CHARS characters, cut between two words where that is possible."""
    line = " ".join(text.split())
    if len(line) <= TITLE_CHARS:
        return line
    return line[:TITLE_CHARS].rpartition(" ")[0] or line[:TITLE_CHARS]


def _first_words(chats: list[Chat]) -> dict[UUID, str]:
    if not chats:
        return {}
    said: Any = Message.objects.filter(account=OuterRef("account"), chat=OuterRef("pk")).talk().exclude(text="")
    first = Subquery(said.oldest_first().values(start=Left("text", LOOKED_AT))[:1])
    named = Chat.objects.of(chats[0].account_id).filter(pk__in=[chat.pk for chat in chats])
    return {pk: text or "" for pk, text in named.values_list("pk", first)}
