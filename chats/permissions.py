"""Which chats an actor may read. What he may do with them is in the table of spaces/permissions.py."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q

from spaces.actors import Actor
from spaces.errors import NotFound
from spaces.permissions import (
    Level,
    few,
    level,
    manageable_spaces,
    sees_account,
    supervised_spaces,
    supervises,
    usable_spaces,
    visible_spaces,
)
from spaces_project.kit.prepared import IDS, PreparedRow

from .models import Chat, Message, Rating


def visible_chats(actor: Actor) -> Any:
    """The chats this actor may read, as a ChatQuerySet: his own, and all of the spaces he manages."""
    chats = Chat.objects.of(actor.account)
    if sees_account(actor):
        return chats
    if actor.only_chat is not None:
        chats = chats.filter(pk=actor.only_chat)
    mine = Q(user=actor.user, space__in=visible_spaces(actor).values("pk")) if actor.user else Q(pk__in=[])
    return chats.filter(mine | Q(space__in=few(supervised_spaces(actor))))


def changeable_chats(actor: Actor) -> Any:
    """The chats for which ``can(actor, "chat.delete", chat)`` holds, as one condition."""
    chats = visible_chats(actor)
    if actor.only_chat is not None:
        return chats.none()
    own = Q(user=actor.user, space__in=usable_spaces(actor).values("pk")) if actor.user else Q(pk__in=[])
    return chats.filter(own | Q(space__in=manageable_spaces(actor).values("pk")))


def visible_messages(actor: Actor) -> Any:
    """The messages of the chats this actor may read, as a MessageQuerySet."""
    messages = Message.objects.of(actor.account)
    return messages if sees_account(actor) else messages.filter(chat__in=visible_chats(actor).values("pk"))


def visible_ratings(actor: Actor) -> Any:
    """The ratings of the chats this actor may read."""
    ratings = Rating.objects.of(actor.account)  # type: ignore[arg-type]
    return ratings if sees_account(actor) else ratings.filter(chat__in=visible_chats(actor).values("pk"))


def get_chat(actor: Actor, pk: UUID) -> Chat:
    """The chat with its space, if this actor may read it; NotFound."""
    account = actor.account.pk if actor.account else None
    chat = _CHAT.get(account, pk)
    if chat is None or not reads_chat(actor, chat):
        raise NotFound("Chat not found")
    return chat  # type: ignore[no-any-return]


# Of its space, a chat is asked who may do what.
_RARE = (
    *("space__description", "space__labels", "space__blueprint_id", "space__alias"),
    *("space__created_by", "space__updated_by", "space__updated_at"),
)
_CHAT = PreparedRow(lambda account, pk: Chat.objects.of(account).filter(pk=pk).defer(*_RARE), "space", stand_ins=IDS)


def reads_chat(actor: Actor, chat: Chat) -> bool:
    """Whether a chat of the actor's account, which comes with its space, is among ``visible_chats``."""
    if sees_account(actor):
        return True
    if actor.only_chat is not None and actor.only_chat != chat.pk:
        return False
    mine = actor.user is not None and chat.user_id == actor.user.pk
    return (mine and level(actor, chat.space, Level.READ) >= Level.READ) or supervises(actor, chat.space)


def get_message(chat: Chat, pk: UUID) -> Message:
    """The message of this chat, which the actor may read; NotFound."""
    message = Message.objects.of(chat.account_id).filter(chat=chat, pk=pk).first()
    if message is None:
        raise NotFound("Message not found")
    message.chat = chat
    return message  # type: ignore[no-any-return]
