"""From what a caller calls a thing (its wire id or ``@alias``) to the thing, if this actor may read it.

Whatever names nothing he may read is NotFound in the same words: unknown, of another account, of another kind.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q

from chats.models import Chat, Message, Rating
from chats.permissions import get_chat, visible_chats, visible_ratings
from memories.models import Memory
from memories.permissions import get_memory, visible_memories
from spaces.actors import Actor
from spaces.errors import NotFound
from spaces.models import Contact, Space
from spaces.permissions import visible_contacts, visible_spaces
from spaces_project.kit.ids import InvalidId, Prefix, decode

ALIAS_SIGN = "@"


def named(prefix: Prefix, text: str) -> Q | None:
    """The condition that picks the row ``text`` names; None when it cannot name one."""
    if text.startswith(ALIAS_SIGN):
        alias = text.removeprefix(ALIAS_SIGN)
        return Q(alias=alias) if alias and "\x00" not in alias and alias.isascii() else None
    pk = wire_pk(prefix, text)
    return None if pk is None else Q(pk=pk)


def _named(prefix: Prefix, text: str, what: str) -> Q:
    """As ``named``; raises NotFound when the text cannot name one."""
    condition = named(prefix, text)
    if condition is None:
        raise NotFound(f"{what} not found")
    return condition


def _with_id(prefix: Prefix, text: str, what: str) -> UUID:
    """As ``wire_pk``; raises NotFound when the text is no such id."""
    pk = wire_pk(prefix, text)
    if pk is None:
        raise NotFound(f"{what} not found")
    return pk


def _only(rows: Any, what: str) -> Any:
    """The one row, or NotFound."""
    found = rows.first()
    if found is None:
        raise NotFound(f"{what} not found")
    return found


def wire_pk(prefix: Prefix, text: str) -> UUID | None:
    """The primary key in a wire id of this kind, else None."""
    try:
        return decode(prefix, text) if text.startswith(prefix) else None
    except InvalidId:
        return None


def spaces_named(actor: Actor, text: str) -> Any:
    """The queryset with the one space that ``text`` names; raises NotFound when the text cannot name one."""
    return visible_spaces(actor).filter(_named(Prefix.SPACE, text, "Space"))


def contacts_named(actor: Actor, text: str) -> Any:
    """The queryset with the one contact that ``text`` names; raises NotFound when the text cannot name one."""
    return visible_contacts(actor).filter(_named(Prefix.CONTACT, text, "Contact"))


def find_space(actor: Actor, text: str) -> Space:
    """The space that ``text`` names, or NotFound."""
    return _only(spaces_named(actor, text), "Space")  # type: ignore[no-any-return]


def find_contact(actor: Actor, text: str) -> Contact:
    """The contact that ``text`` names, or NotFound."""
    return _only(contacts_named(actor, text), "Contact")  # type: ignore[no-any-return]


def conversations_named(actor: Actor, text: str) -> Any:
    """The queryset with the one conversation of this id; raises NotFound when the text is no such id."""
    pk = _with_id(Prefix.CONVERSATION, text, "Conversation")
    return visible_chats(actor).filter(pk=pk)


def find_conversation(actor: Actor, text: str) -> Chat:
    """The conversation of this id with its space, or NotFound."""
    pk = _with_id(Prefix.CONVERSATION, text, "Conversation")
    try:
        return get_chat(actor, pk)
    except NotFound as error:
        raise NotFound("Conversation not found") from error


def messages_named(chat: Chat, text: str) -> Any:
    """The queryset with the one message of this id in the conversation; raises NotFound when it is no such id."""
    pk = _with_id(Prefix.MESSAGE, text, "Message")
    return Message.objects.of(chat.account_id).filter(chat=chat, pk=pk)


def find_message(chat: Chat, text: str) -> Message:
    """The message of this id in the conversation, or NotFound."""
    message: Message = _only(messages_named(chat, text), "Message")
    message.chat = chat
    return message


def ratings_named(actor: Actor, text: str) -> Any:
    """The queryset with the one rating of this id; raises NotFound when the text is no such id."""
    pk = _with_id(Prefix.RATING, text, "Rating")
    return visible_ratings(actor).filter(pk=pk)


def find_rating(actor: Actor, text: str) -> Rating:
    """The rating of this id with its conversation, or NotFound."""
    return _only(ratings_named(actor, text).select_related("chat", "chat__space"), "Rating")  # type: ignore[no-any-return]


def memories_named(actor: Actor, text: str) -> Any:
    """The queryset with the one memory of this id; raises NotFound when the text is no such id."""
    pk = _with_id(Prefix.MEMORY, text, "Memory")
    return visible_memories(actor).filter(pk=pk)


def find_memory(actor: Actor, text: str) -> Memory:
    """The memory of this id with its space, or NotFound."""
    pk = _with_id(Prefix.MEMORY, text, "Memory")
    return get_memory(actor, pk)
