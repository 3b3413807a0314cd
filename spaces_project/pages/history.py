"""What belongs to the history of an object: the entries about it and about what is a part of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.urls import reverse

from chats.models import Assistant
from chats.permissions import visible_chats
from chats.titles import give_titles
from memories.models import MemorySettings, SpaceEmbedder
from memories.pages.files.history import lines_with_folders
from memories.permissions import visible_memories
from spaces.actors import Actor
from spaces.models import AuditEntry, Space
from spaces.pages.sentences import Line

FACETS: tuple[Any, ...] = (Assistant, MemorySettings, SpaceEmbedder)


def entries_about(space: Space) -> Any:
    """The audit of a space, of its assistant and of how it keeps memories."""
    parts = [model.objects.of(space.account_id).filter(space=space).order_by().values("pk") for model in FACETS]
    facets = parts[0].union(*parts[1:], all=True).values_list("pk", flat=True)
    return AuditEntry.objects.of(space.account_id).filter(object_id__in=[space.pk, *facets])


def lines_with_chats(actor: Actor, entries: Iterable[AuditEntry]) -> list[Line]:
    """The entries in words. Memories that are there and that this actor may read have their page, and such chats their
    title as well; the audit itself keeps no title of a chat, as it is often the first words of a person."""
    found = lines_with_folders(actor, entries)
    pks = {line.entry.object_id for line in found if line.entry.object_type == "chat"}
    chats = list(visible_chats(actor).filter(pk__in=pks).only("id", "account", "name")) if pks else []
    give_titles(chats)
    titles = {chat.pk: chat.title for chat in chats}
    there = _memories(actor, found)
    return [_with_page(_with_title(line, titles.get(line.entry.object_id, "")), there) for line in found]


def _memories(actor: Actor, found: Iterable[Line]) -> set[Any]:
    """Those of the memories named that are there and that this actor may read."""
    pks = {line.entry.object_id for line in found if line.entry.object_type == "memory"}
    return set(visible_memories(actor).filter(pk__in=pks).values_list("pk", flat=True)) if pks else set()


def _with_page(line: Line, memories: set[Any]) -> Line:
    if line.entry.object_id not in memories:
        return line
    return replace(line, url=reverse("memory_detail", args=[line.entry.object_id]))


def _with_title(line: Line, title: str) -> Line:
    if not title:
        return line
    return replace(line, kind="chat", what=title, url=reverse("chat_detail", args=[line.entry.object_id]))
