"""Which contents a request asks for, and pages of them.

A content is every memory that the actor may read, and every file of a chat when that chat is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, Sum, Value, When
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils import timezone

from chats.models import Chat
from memories.filters.uniqueql import Rule, expand, parse
from memories.keys import KEY_START, start_of
from memories.models import Chunk, Memory, State
from memories.permissions import visible_memories
from spaces.actors import Actor
from spaces.errors import InvalidInput, NotFound
from spaces_project.kit import limits

from .contents import content, info, with_stage
from .folders import folder_at
from .lookup import find_chat, pk_of
from .shapes import Shape

FOUND = "content.search"
CHARS = F("end") - F("start")  # of a chunk, without reading its text


def named_chat(actor: Actor, given: Mapping[str, Any]) -> Chat | None:
    """The chat of the member ``chatId``; NotFound."""
    return find_chat(actor, given["chatId"]) if given.get("chatId") else None


def readable(actor: Actor, chat: Chat | None = None) -> Any:
    """The contents this actor may read, newest first, as a MemoryQuerySet."""
    memories = visible_memories(actor)
    if chat is not None:
        memories |= Memory.objects.of(chat.account_id).in_chat(chat)
    return memories.order_by("-created_at", "-id")


def rule_of(actor: Actor, data: Any, place: str) -> Rule:
    """A filter of a request, its variables filled in. Raises InvalidFilter."""
    return expand(parse(data, place), timezone.now(), actor.user_metadata)


def ruled(actor: Actor, memories: Any, data: Any, place: str = "metadataFilter") -> Any:
    """Of these, those that the filter matches, for pages of them. Raises InvalidFilter."""
    return memories.ruled_by(actor.account, rule_of(actor, data, place)).gathered()


def one(memories: Any, text: str) -> Any:
    """The one with this id, or none."""
    try:
        return memories.filter(pk=pk_of(text, ""))
    except NotFound:
        return memories.none()


def at_path(actor: Actor, memories: Any, path: str) -> Any:
    """Those that ``/Docs/a.pdf`` names: by their key, else by their title. InvalidInput for what is no path."""
    above, _, name = path.rpartition("/")
    if not path.startswith("/"):
        raise InvalidInput("filePath: A path begins with a slash.", field="filePath")
    try:
        folder = folder_at(actor, above or "/")
    except NotFound:
        return memories.none()
    by_key = Case(When(key=name, then=Value(0)), default=Value(1), output_field=IntegerField())
    with_key, with_title = Q(Exact(KEY_START, start_of(Value(name)))), Q(Exact(Lower("name"), Lower(Value(name))))
    named = memories.filter(Q(with_key, key=name) | Q(with_title, name=name), folder=folder)  # both by an index
    return named.order_by(by_key, "-created_at", "-id")


# ------------------------------------------------------------------------- pages


def infos(memories: Any, given: Mapping[str, Any], default: int) -> tuple[list[Shape], int]:
    """The part that ``skip`` and ``take`` name, without what is in them, and how many there are in all."""
    skip = given.get("skip", 0)
    page = with_stage(memories.select_related("folder"))[skip : skip + given.get("take", default)]
    found = [info(memory) for memory in page]
    is_all = not skip and len(found) < given.get("take", default)
    return found, len(found) if is_all else memories.order_by().count()


def contents(memories: Any, skip: int, take: int, chunk_skip: int = 0) -> tuple[list[Shape], bool]:
    """Contents with their chunks, and whether more of them are there: as many as have CHUNKS_PER_ANSWER chunks and
    CHARS_PER_LIST characters together. Of one that has more alone there is a part, the first without ``chunk_skip`` of
    its chunks, and ``nextChunkSkip`` says where the next one begins."""
    page = list(with_stage(memories.select_related("folder"))[skip : skip + take + 1])
    sizes = _sizes(page[:take])
    fit = _fitting(sizes.get(each.pk, (0, 0)) for each in page[:take])
    shown, parts = page[: max(fit, 1)], {}
    if shown and (chunk_skip or not fit):
        parts[shown[0].pk] = _part(shown[0], chunk_skip)
    chunks = _chunks([each for each in shown if each.pk not in parts])
    told = [(each, *parts.get(each.pk, (chunks.get(each.pk, ()), None))) for each in shown]
    found = [{**content(each, some, FOUND), "nextChunkSkip": following} for each, some, following in told]
    return found, len(page) > len(shown)


def _fitting(sizes: Iterable[tuple[int, int]]) -> int:
    """Of these numbers of chunks and of their characters, how many fit into one answer."""
    totals = accumulate(sizes, lambda before, size: (before[0] + size[0], before[1] + size[1]))
    return sum(count <= limits.CHUNKS_PER_ANSWER and chars <= limits.CHARS_PER_LIST for count, chars in totals)


def _part(memory: Memory, skip: int) -> tuple[Sequence[Chunk], int | None]:
    """The chunks behind the first ``skip`` that fit into one answer, and where those behind them begin."""
    rows = _chunks_of([memory]).in_order()[skip : skip + limits.CHUNKS_PER_ANSWER + 1]
    sizes = [(1, chars) for chars in rows.values_list(CHARS, flat=True)]
    fit = max(_fitting(sizes), 1)
    return list(rows[:fit]), skip + fit if len(sizes) > fit else None


def _chunks_of(memories: Sequence[Memory]) -> Any:
    """Those that searches find: not what somebody switched off, nor the old ones of what is ingested again."""
    ready = [each.pk for each in memories if each.state == State.COMPLETED]
    return Chunk.objects.of(memories[0].account_id).enabled().filter(memory__in=ready)


def _sizes(memories: Sequence[Memory]) -> dict[Any, tuple[int, int]]:
    """How many chunks each one has, and their characters."""
    if not memories:
        return {}
    rows = _chunks_of(memories).order_by().values_list("memory")
    return {pk: (count, chars) for pk, count, chars in rows.annotate(count=Count("pk"), chars=Sum(CHARS))}


def _chunks(memories: Sequence[Memory]) -> dict[Any, list[Chunk]]:
    """Those of each one, in order."""
    found: dict[Any, list[Chunk]] = {}
    for each in _chunks_of(memories).in_order() if memories else ():
        found.setdefault(each.memory_id, []).append(each)
    return found
