"""The moving parts of a chat's page: what changed since, as HTML pieces that each have an id.

The page puts a piece in the place of the element with its id, or at the end of the transcript. The same pieces answer
a form (htmx), a stream (server-sent events) and a page that asks now and then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from uuid import UUID

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from chats.models import Chat, Message
from chats.permissions import get_chat
from spaces.requests import SpacesRequest
from spaces_project.kit import limits
from spaces_project.kit.pages import page

from .chat import live_context, rights
from .forms import SayForm
from .transcript import Transcript, newest, shown_messages

OVERLAP = timedelta(seconds=2)  # a transaction may commit after a later one


def moment(text: str) -> datetime | None:
    """The moment that ``transcript.stamp`` wrote; None for any other text."""
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S%f").replace(tzinfo=UTC) if len(text) == 20 else None
    except ValueError:
        return None


def given(request: SpacesRequest, name: str) -> datetime | None:
    """A moment of the page, from the form or the address."""
    return moment(request.POST.get(name) or request.GET.get(name) or "")


@dataclass
class Live:
    """The page of one chat as one person has it open: from its first message on."""

    request: SpacesRequest
    chat: Chat

    @cached_property
    def window(self) -> list[Message]:
        """The messages of the page, the newest of them, oldest first."""
        first = given(self.request, "first")
        if first is None:
            return newest(self.chat)
        messages = shown_messages(self.chat).filter(created_at__gte=first)
        return list(messages.order_by("-created_at", "-id")[: 2 * limits.TRANSCRIPT_MESSAGES])[::-1]

    def changed(self, since: datetime | None = None) -> list[Message]:
        """What is new or different since ``since`` (what the page says, if not given)."""
        after = since or given(self.request, "since")
        if after is None:
            return self.window
        later = Message.objects.of(self.chat.account_id).filter(chat=self.chat, updated_at__gt=after - OVERLAP)
        return [each for each in self.window if each.updated_at > after - OVERLAP] if later.exists() else []

    def only(self, pk: UUID) -> list[Message]:
        return [each for each in self.window if each.pk == pk]

    def pieces(self, shown: list[Message], form: SayForm | None = None) -> str:
        """The HTML of these messages, of the rail and, with ``form``, of the composer."""
        transcript = Transcript.of(self.request.actor, self.chat, self.window, shown)
        context = {"chat": self.chat, "space": self.chat.space, "form": form, **rights(self.request, self.chat)}
        context |= live_context(self.request, self.chat, transcript)
        return render_to_string("chats/_pieces.html", context, request=self.request)

    def answer(self, shown: list[Message], *, form: SayForm | None = None, status: int = 200) -> HttpResponse:
        """What a form of the page gets that was sent with htmx."""
        return HttpResponse(self.pieces(shown, form), status=status)


@page
@require_safe
def chat_latest(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """What changed since ``?since=``, in the window from ``?first=``; 204 when nothing did."""
    chat = get_chat(request.actor, pk)
    live = Live(request, chat)
    changed = live.changed()
    return live.answer(changed) if changed else HttpResponse(status=204)
