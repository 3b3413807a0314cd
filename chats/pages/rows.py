"""What a list of chats shows beside the chats themselves: titles, states, ratings and where words were found.

A fixed number of statements, however many rows the page has.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, Subquery
from django.utils.safestring import SafeString

from chats.models import Chat, Message, Rating
from chats.models.chats import Role
from chats.titles import give_titles
from spaces.models import Account
from spaces_project.kit.search import Headline, marked

# the state of a chat: the class of its dot, and the word
STATES = {
    "failed": ("bad", "Failed"),
    "answering": ("run", "Answering"),
    "unanswered": ("warn", "Unanswered"),
    "answered": ("", "Answered"),
    "quiet": ("", "Not begun"),
}


def dress(account: Account, chats: list[Any], words: str = "") -> list[Any]:
    """The chats (of one page) with ``title``, ``state``, ``ups``, ``downs`` and, when searched for, ``snippet``."""
    give_titles(chats)
    pks = [chat.pk for chat in chats]
    answering, votes, found = _answering(account, pks), _votes(account, pks), snippets(account, pks, words)
    for chat in chats:
        chat.state = STATES[_state(chat, chat.pk in answering)]
        chat.ups, chat.downs = votes.get(chat.pk, (0, 0))
        chat.snippet = found.get(chat.pk, "")
    return chats


def _state(chat: Chat, is_answering: bool) -> str:
    if is_answering:
        return "answering"
    if chat.is_failed:
        return "failed"
    if chat.last_role == Role.USER:
        return "unanswered"
    return "answered" if chat.last_role == Role.ASSISTANT else "quiet"


def _answering(account: Account, pks: list[UUID]) -> set[UUID]:
    return set(Message.objects.of(account).filter(chat__in=pks).pending().values_list("chat", flat=True))


def _votes(account: Account, pks: list[UUID]) -> dict[UUID, tuple[int, int]]:
    ups, downs = Count("pk", filter=Q(value__gt=0)), Count("pk", filter=Q(value__lt=0))
    rows: Any = Rating.objects.of(account).filter(chat__in=pks).order_by()
    return {row["chat"]: (row["ups"], row["downs"]) for row in rows.values("chat").annotate(ups=ups, downs=downs)}


def snippets(account: Account, pks: list[UUID], words: str) -> dict[UUID, SafeString]:
    """Of each of these chats the newest message that has all the words, cut around them, the words marked."""
    if not words.strip() or not pks:
        return {}
    said: Any = Message.objects.filter(account=OuterRef("account"), chat=OuterRef("pk")).matching(words)
    newest = Subquery(said.order_by("-created_at", "-id").values("pk")[:1])
    chosen = [pk for pk in Chat.objects.of(account).filter(pk__in=pks).values_list(newest, flat=True) if pk]
    cut = Message.objects.of(account).filter(pk__in=chosen).values_list("chat", Headline("text", words))
    return {chat: marked(text) for chat, text in cut}
