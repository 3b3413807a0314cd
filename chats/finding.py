"""Chats by the words of their messages, fast for rare words and for common ones.

Rare words are looked up in the full-text index, and the chats they are in become a list. Of common ones the index
names half of all messages before the first page is full; there each chat of the list is asked in turn whether it
says the words, which fills a page soon because so many do.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import BooleanField, Count, OuterRef, Q, Subquery, Value

from spaces.models import Account
from spaces_project.kit.search import matches

from .models import Message

SAMPLE = 1_000  # the newest messages show how common the words are
COMMON = 10  # so many of the sample
LISTED = 5_000  # messages that are looked up at most


@dataclass(frozen=True)
class Found:
    """``condition`` holds for the chats that say the words; ``is_costly`` when it has to be tried chat by chat."""

    condition: Q
    is_costly: bool


def saying(account: Account, words: str) -> Found:
    """The chats one of whose messages has all these words, or beginnings of them."""
    if not _is_common(account, words):
        found = Message.objects.of(account).matching(words).order_by().values_list("chat", flat=True)
        pks = list(found[: LISTED + 1])
        if len(pks) <= LISTED:
            return Found(Q(pk__in=set(pks)), is_costly=False)
    own = Message.objects.filter(account=OuterRef("account"), chat=OuterRef("pk")).matching(words)
    # a value instead of EXISTS: that one the planner turns into a join, which reads the whole index first
    return Found(Q(Subquery(own.values(said=Value(True))[:1], output_field=BooleanField())), is_costly=True)


def _is_common(account: Account, words: str) -> bool:
    newest = Message.objects.of(account).newest_first().annotate(has_words=matches(words))[:SAMPLE]
    counted = newest.aggregate(found=Count("pk", filter=Q(has_words=True)))
    return bool(counted["found"] >= COMMON)
