"""Files of chats: who may add them, and which of them a question is about."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from memories.files import Place
from memories.models import Memory
from spaces.actors import Actor
from spaces.errors import InvalidInput, NotAllowed
from spaces.permissions import require
from spaces_project.kit.ids import InvalidId, decode_any

from .models import Assistant, Chat

SELECTED = "selectedUploadedFileIds"


def place_in(actor: Actor, chat: Chat) -> Place:
    """Where this actor's files for the chat go. NotAllowed when he may not write in it, or its space takes no files."""
    require(actor, "chat.write", chat)
    if Assistant.of(chat.space).chat_upload != Assistant.Upload.ENABLED:
        raise NotAllowed("The space of this chat takes no files in chats (chatUpload is DISABLED).")
    return Place(chat.space, chat=chat)


def selected(texts: Sequence[str]) -> list[UUID]:
    """The files that a question selected, by any dialect's spelling of their ids. InvalidInput for what is no id."""
    try:
        return [decode_any(text) for text in texts]
    except InvalidId as error:
        raise _no_file() from error


def check_selected(chat: Chat | None, texts: Sequence[str]) -> None:
    """Raise InvalidInput unless these are files of the chat."""
    wanted = set(selected(texts))
    if chat is None or not wanted:
        known = 0
    else:
        known = Memory.objects.of(chat.account_id).in_chat(chat).filter(pk__in=wanted).count()
    if known != len(wanted):
        raise _no_file()


def _no_file() -> InvalidInput:
    return InvalidInput(f"{SELECTED}: Must be ids of files of this chat.", field=SELECTED)
