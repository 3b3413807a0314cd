"""Votes of people on answers and on the whole chat."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from chats.models import Chat, Message, Rating
from chats.permissions import get_message
from spaces.errors import InvalidInput
from spaces.requests import SpacesRequest
from spaces_project.kit.pages import page, wants_fragment

from .composer import writable
from .live import Live

UP, DOWN = 100, -100


@page
@require_POST
def chat_vote(request: SpacesRequest, pk: UUID, message_pk: UUID) -> HttpResponse:
    """Rate an answer, with a reason or without; a second vote takes the place of the first."""
    chat = writable(request, pk)
    return _voted(request, chat, get_message(chat, message_pk))


@page
@require_POST
def chat_unvote(request: SpacesRequest, pk: UUID, message_pk: UUID) -> HttpResponse:
    """Take one's vote back."""
    chat = writable(request, pk)
    message = get_message(chat, message_pk)
    Rating.withdraw(request.actor, chat, message)
    return _shown(request, chat, message)


@page
@require_POST
def chat_vote_all(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Rate the whole chat."""
    return _voted(request, writable(request, pk), None)


@page
@require_POST
def chat_unvote_all(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Take one's vote on the whole chat back."""
    chat = writable(request, pk)
    Rating.withdraw(request.actor, chat, None)
    return _shown(request, chat, None)


def _voted(request: SpacesRequest, chat: Chat, message: Message | None) -> HttpResponse:
    value = {"up": UP, "down": DOWN}.get(request.POST.get("value", ""))
    if value is None:
        raise InvalidInput("A vote is up or down.")
    try:
        Rating.vote(request.actor, chat, message, value, request.POST.get("reason", "").strip())
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages)) from error
    return _shown(request, chat, message)


def _shown(request: SpacesRequest, chat: Chat, message: Message | None) -> HttpResponse:
    if wants_fragment(request):
        live = Live(request, chat)
        return live.answer(live.only(message.pk) if message else [])
    anchor = f"#m-{message.pk}" if message else ""
    return redirect(reverse("chat_detail", args=[chat.pk]) + anchor)
