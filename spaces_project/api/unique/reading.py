"""Which contents a request asks for, and pages of them.

A content is every memory that the actor may read, and every file of a chat when that chat is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from django.db.models import Case, IntegerField, Q, Sum, Value, When
from django.db.models.functions import Length, Lower
from django.db.models.lookups import Exact
from django.utils import timezone

from chats.models import Chat
from memories.filters.uniqueql import Rule, expand, parse
from memories.models import Chunk, Memory, State
from memories.models.keys import KEY_START, start_of
from memories.permissions import visible_memories
from spaces.actors import Actor
from spaces.errors import InvalidInput, NotFound
from spaces_project.kit import limits

from .contents import content, info, with_stage
from .folders import folder_at
from .lookup import find_chat, pk_of
from .shapes import Shape

FOUND = "content.search"


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


def contents(memories: Any, skip: int, take: int) -> tuple[list[Shape], bool]:
    """Contents with their chunks, and whether more of them are there: as many as have CHARS_PER_LIST characters
    together, at least one."""
    page = list(with_stage(memories.select_related("folder"))[skip : skip + take + 1])
    sizes = _sizes(page[:take])
    fit = sum(total <= limits.CHARS_PER_LIST for total in accumulate(sizes.get(each.pk, 0) for each in page[:take]))
    shown = page[: max(fit, 1)]
    chunks = _chunks(shown)
    return [content(each, chunks.get(each.pk, ()), FOUND) for each in shown], len(page) > len(shown)


def _chunks_of(memories: Sequence[Memory]) -> Any:
    """Those that searches find: not what somebody switched off, nor the old ones of what is ingested again."""
    ready = [each.pk for each in memories if each.state == State.COMPLETED]
    return Chunk.objects.of(memories[0].account_id).enabled().filter(memory__in=ready)


def _sizes(memories: Sequence[Memory]) -> dict[Any, int]:
    """The characters of each one's chunks."""
    if not memories:
        return {}
    rows = _chunks_of(memories).order_by().values_list("memory")
    return dict(rows.annotate(chars=Sum(Length("text"))))


def _chunks(memories: Sequence[Memory]) -> dict[Any, list[Chunk]]:
    found: dict[Any, list[Chunk]] = {}
    for each in _chunks_of(memories).in_order() if memories else ():
        found.setdefault(each.memory_id, []).append(each)
    return found
