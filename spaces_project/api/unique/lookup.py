"""From what a caller calls a thing to the thing, if this actor may read it; else NotFound in the same words.

An id is accepted in any dialect's spelling: the vendor's own documentation writes spaces as ``assistant_…`` and
``space_…``.
"""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from chats.models import Chat, Message
from chats.permissions import get_chat, get_message, visible_messages
from memories.models import Folder, Memory
from memories.permissions import get_folder, get_memory
from spaces.actors import Actor
from spaces.errors import InvalidInput, NotFound
from spaces.models import Group, Space, User
from spaces.permissions import get_space, require
from spaces_project.api.auth import user_named
from spaces_project.kit.ids import InvalidId, decode_any

NO_CONTENT = "Content not found"


def pk_of(text: str, missing: str) -> UUID:
    """The primary key that ``text`` spells; NotFound with the sentence ``missing``."""
    try:
        return decode_any(text)
    except InvalidId as error:
        raise NotFound(missing) from error


def find_space(actor: Actor, text: str) -> Space:
    """The space with its account, or NotFound."""
    space = get_space(actor, pk_of(text, "Space not found"))
    space.account = actor.account
    return space


def find_chat(actor: Actor, text: str) -> Chat:
    """The chat with its space, or NotFound."""
    chat = get_chat(actor, pk_of(text, "Chat not found"))
    chat.space.account = actor.account
    return chat


def find_message(actor: Actor, text: str, chat: Chat | None = None) -> Message:
    """The message with its chat, of this chat if one is given; NotFound."""
    pk = pk_of(text, "Message not found")
    if chat is not None:
        return get_message(chat, pk)
    message = visible_messages(actor).select_related("chat", "chat__space").filter(pk=pk).first()
    if message is None:
        raise NotFound("Message not found")
    return message  # type: ignore[no-any-return]


def find_folder(actor: Actor, text: str) -> Folder:
    """The folder, or NotFound."""
    return get_folder(actor, pk_of(text, "Folder not found"))


def writable_chat(actor: Actor, text: str) -> Chat:
    """The chat, if this actor may write in it: NotFound, NotAllowed."""
    chat = find_chat(actor, text)
    require(actor, "chat.write", chat)
    return chat


def find_content(actor: Actor, text: str, chat: Chat | None = None) -> Memory:
    """The memory with its space, folder and chat; a file of a chat only when that chat, which the actor may read, is
    named. NotFound."""
    pk = pk_of(text, NO_CONTENT)
    if chat is not None:
        files = Memory.objects.of(actor.account).in_chat(chat)
        found: Memory | None = files.select_related("space__account", "folder", "chat").filter(pk=pk).first()
        if found is not None:
            return found
    try:
        return get_memory(actor, pk)
    except NotFound as error:
        raise NotFound(NO_CONTENT) from error


def check_in(chat: Chat, space: Space) -> None:
    """Raise InvalidInput unless the chat is in this space."""
    if chat.space_id != space.pk:
        raise InvalidInput("chatId: This chat is in another space.", field="chatId")


def find_holder(actor: Actor, kind: str, text: str, where: str) -> User | Group:
    """An active user, or a group, of the account by id; a user also by user name or external id. NotFound."""
    with suppress(InvalidId):
        text = str(decode_any(text))
    found = user_named(actor, text) if kind == "USER" else _group(actor, text)
    if found is None:
        raise NotFound(f"{where}: {kind.capitalize()} not found")
    return found


def _group(actor: Actor, text: str) -> Group | None:
    try:
        return Group.objects.filter(account=actor.account, pk=UUID(text)).first()
    except ValueError:
        return None
