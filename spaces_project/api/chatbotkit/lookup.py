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


def wire_pk(prefix: Prefix, text: str) -> UUID | None:
    """The primary key in a wire id of this kind, else None."""
    try:
        return decode(prefix, text) if text.startswith(prefix) else None
    except InvalidId:
        return None


def spaces_named(actor: Actor, text: str) -> Any:
    """The queryset with the one space that ``text`` names; raises NotFound when the text cannot name one."""
    condition = named(Prefix.SPACE, text)
    if condition is None:
        raise NotFound("Space not found")
    return visible_spaces(actor).filter(condition)


def contacts_named(actor: Actor, text: str) -> Any:
    """The queryset with the one contact that ``text`` names; raises NotFound when the text cannot name one."""
    condition = named(Prefix.CONTACT, text)
    if condition is None:
        raise NotFound("Contact not found")
    return visible_contacts(actor).filter(condition)


def find_space(actor: Actor, text: str) -> Space:
    """The space that ``text`` names, or NotFound."""
    space = spaces_named(actor, text).first()
    if space is None:
        raise NotFound("Space not found")
    return space  # type: ignore[no-any-return]


def find_contact(actor: Actor, text: str) -> Contact:
    """The contact that ``text`` names, or NotFound."""
    contact = contacts_named(actor, text).first()
    if contact is None:
        raise NotFound("Contact not found")
    return contact  # type: ignore[no-any-return]


def conversations_named(actor: Actor, text: str) -> Any:
    """The queryset with the one conversation of this id; raises NotFound when the text is no such id."""
    pk = wire_pk(Prefix.CONVERSATION, text)
    if pk is None:
        raise NotFound("Conversation not found")
    return visible_chats(actor).filter(pk=pk)


def find_conversation(actor: Actor, text: str) -> Chat:
    """The conversation of this id with its space, or NotFound."""
    pk = wire_pk(Prefix.CONVERSATION, text)
    if pk is None:
        raise NotFound("Conversation not found")
    try:
        return get_chat(actor, pk)
    except NotFound as error:
        raise NotFound("Conversation not found") from error


def messages_named(chat: Chat, text: str) -> Any:
    """The queryset with the one message of this id in the conversation; raises NotFound when it is no such id."""
    pk = wire_pk(Prefix.MESSAGE, text)
    if pk is None:
        raise NotFound("Message not found")
    return Message.objects.of(chat.account_id).filter(chat=chat, pk=pk)


def find_message(chat: Chat, text: str) -> Message:
    """The message of this id in the conversation, or NotFound."""
    message = messages_named(chat, text).first()
    if message is None:
        raise NotFound("Message not found")
    message.chat = chat
    return message  # type: ignore[no-any-return]


def ratings_named(actor: Actor, text: str) -> Any:
    """The queryset with the one rating of this id; raises NotFound when the text is no such id."""
    pk = wire_pk(Prefix.RATING, text)
    if pk is None:
        raise NotFound("Rating not found")
    return visible_ratings(actor).filter(pk=pk)


def find_rating(actor: Actor, text: str) -> Rating:
    """The rating of this id with its conversation, or NotFound."""
    rating = ratings_named(actor, text).select_related("chat", "chat__space").first()
    if rating is None:
        raise NotFound("Rating not found")
    return rating  # type: ignore[no-any-return]


def memories_named(actor: Actor, text: str) -> Any:
    """The queryset with the one memory of this id; raises NotFound when the text is no such id."""
    pk = wire_pk(Prefix.MEMORY, text)
    if pk is None:
        raise NotFound("Memory not found")
    return visible_memories(actor).filter(pk=pk)


def find_memory(actor: Actor, text: str) -> Memory:
    """The memory of this id with its space, or NotFound."""
    pk = wire_pk(Prefix.MEMORY, text)
    if pk is None:
        raise NotFound("Memory not found")
    return get_memory(actor, pk)
