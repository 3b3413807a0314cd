"""A chat to look at, and answers with references in it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from chats.models import Chat, Message, Reference
from spaces.models import SpaceAccess
from tests.factories import actor_of, make_chat, say

HTMX = {"HX-Request": "true"}


def chat_of_bob(world: Any) -> Chat:
    """A chat of bob, who may use alice's space, with one question."""
    SpaceAccess.grant(world.space, world.bob, "USE", actor_of(world.alice))
    chat = make_chat(world.space, world.bob, name="Oak table")
    say(chat, "Is it covered?")
    return chat


def answer(chat: Chat, text: str, *quotes: tuple[str, str], **fields: Any) -> Message:
    """An answer with references to (name, text) under the numbers 1, 2, …"""
    message = say(chat, text, "assistant", **fields)
    for number, (name, quote) in enumerate(quotes, start=1):
        Reference.objects.create(account_id=chat.account_id, message=message, number=number, name=name, text=quote)
    return message


def url(name: str, chat: Chat, *more: Any) -> str:
    return reverse(name, args=[chat.pk, *more])
