"""What belongs to the history of an object: the entries about it and about what is a part of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.urls import reverse

from chats.models import Assistant
from chats.permissions import visible_chats
from chats.titles import give_titles
from spaces.actors import Actor
from spaces.models import AuditEntry, Space
from spaces.pages.sentences import Line, lines


def entries_about(space: Space) -> Any:
    """The audit of a space and of its assistant."""
    facets = Assistant.objects.of(space.account_id).filter(space=space).values_list("pk", flat=True)
    return AuditEntry.objects.of(space.account_id).filter(object_id__in=[space.pk, *facets])


def lines_with_chats(actor: Actor, entries: Iterable[AuditEntry]) -> list[Line]:
    """The entries in words. Chats that are there and that this actor may read have their title and their page; the
    audit itself keeps no title, as it is often the first words of a person."""
    found = lines(actor, entries)
    pks = {line.entry.object_id for line in found if line.entry.object_type == "chat"}
    chats = list(visible_chats(actor).filter(pk__in=pks).only("id", "account", "name")) if pks else []
    give_titles(chats)
    titles = {chat.pk: chat.title for chat in chats}
    return [_with_title(line, titles.get(line.entry.object_id, "")) for line in found]


def _with_title(line: Line, title: str) -> Line:
    if not title:
        return line
    return replace(line, kind="chat", what=title, url=reverse("chat_detail", args=[line.entry.object_id]))
