"""The same change to many chats; how a run goes is in spaces/bulk.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from spaces import audit
from spaces.bulk import Change, Rows
from spaces.models import Space

from .models import Chat
from .models.chats import move_files
from .permissions import changeable_chats, visible_chats
from .titles import give_titles


def _names(chats: Any) -> dict[UUID, str]:
    found = list(chats.only("id", "account", "name"))
    give_titles(found)
    return {chat.pk: chat.title for chat in found}


CHATS = Rows("chat", visible_chats, changeable_chats, _names)


def delete() -> Change:
    """Delete the chats with their messages and files."""
    return Change("chat.delete", lambda chat: {"": None}, lambda rows, stamp: rows.delete(), "Deleted")


def _mover(space: Space) -> Callable[[Any, dict[str, Any]], None]:
    def write(rows: Any, stamp: dict[str, Any]) -> None:
        pks = list(rows.values_list("pk", flat=True))
        rows.update(space=space, **stamp)
        move_files(space, pks)

    return write


def move(space: Space) -> Change:
    """Put the chats into another space; an archived one takes nothing new."""

    def plan(chat: Chat) -> dict[str, Any] | str:
        if chat.space_id == space.pk:
            return {}
        if space.is_archived:
            return f"“{space}” is archived and takes nothing new"
        return {"space": audit.kept(chat, "space", str(chat.space_id), str(space.pk))}

    return Change(
        "chat.update",
        plan,
        _mover(space),
        f"Moved to “{space}”",
        f"Was in “{space}” already",
    )
