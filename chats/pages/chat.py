"""The page of one chat: its transcript and the tabs beside it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from chats.models import Assessment, Assistant, Chat, Message, Rating
from chats.permissions import get_chat, visible_chats
from chats.titles import give_titles
from spaces.models import AuditEntry
from spaces.pages.history import history_count, history_page
from spaces.pages.lists import name_contacts
from spaces.permissions import can, visible_contacts
from spaces.requests import SpacesRequest
from spaces_project.kit import limits
from spaces_project.kit.keyset import Sort, Sorting, keyset_page
from spaces_project.kit.pages import Count, capped_count, page, render_page, tabs_of

from .samples import chat_samples
from .transcript import Finding, Transcript, newest, shown_messages, stamp

MESSAGES = Sorting((Sort("created", "When", "created_at", is_time=True),), default="-created")
OTHER_CHATS = 10
WAIT_SECONDS, WAITS = 3, 200


TABS = (
    ("Transcript", "chat_detail"),
    ("Contact", "chat_contact"),
    ("Assessments", "chat_assessments"),
    ("History", "chat_history"),
    ("Raw", "chat_raw"),
    ("API", "chat_api"),
)


def _counts(chat: Chat) -> dict[str, Any]:
    return {
        "chat_detail": Count(chat.message_count),
        "chat_assessments": capped_count(Assessment.objects.of(chat.account_id).filter(message__chat=chat)),
        "chat_history": history_count(_entries(chat)),
    }


def _entries(chat: Chat) -> Any:
    return AuditEntry.objects.of(chat.account_id).about(chat.pk)


def head(request: SpacesRequest, pk: UUID) -> dict[str, Any]:
    """What the head of every tab shows, and what one may do with the chat. NotFound."""
    chat = get_chat(request.actor, pk)
    give_titles([chat])
    tabs = tabs_of(request, chat.pk, TABS, _counts(chat))
    return {"chat": chat, "space": chat.space, "tabs": tabs, **rights(request, chat)}


def rights(request: SpacesRequest, chat: Chat) -> dict[str, Any]:
    """What this person may do, and why he cannot write when he cannot."""
    may_write = can(request.actor, "chat.write", chat)
    reason = "" if may_write else "You may read this chat, but not write in it."
    if chat.space.is_archived:
        reason = "The space is archived: it can be read, and takes nothing new."
    return {"may_write": may_write, "may_delete": can(request.actor, "chat.delete", chat), "closed_because": reason}


# ---------------------------------------------------------------- transcript


@page
@require_safe
def chat_detail(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """The newest messages, or the window of ``?after=`` and ``?before=``; one can write under the newest."""
    context = head(request, pk)
    chat: Chat = context["chat"]
    listing = keyset_page(request, shown_messages(chat), MESSAGES, limits.TRANSCRIPT_MESSAGES)
    transcript = Transcript.of(request.actor, chat, listing.rows[::-1])
    context |= {"page": listing, "is_newest": not listing.newer, **live_context(request, chat, transcript)}
    context["again"] = f"{request.path}?wait={_waited(request) + 1}#newest"
    response = render_page(request, "chats/chat_detail.html", context)
    if transcript.has_pending and 0 < _waited(request) < WAITS:  # without JavaScript the page comes again by itself
        response["Refresh"] = f"{WAIT_SECONDS}; url={context['again']}"
    return response


def _waited(request: SpacesRequest) -> int:
    """How often the page has come again; each has an address of its own, or the browser would only scroll."""
    text = request.GET.get("wait", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def live_context(request: SpacesRequest, chat: Chat, transcript: Transcript) -> dict[str, Any]:
    """What the moving parts of the page need: the lines, the rail, the composer."""
    shown = transcript.lines
    mine = Rating.objects.of(chat.account_id).filter(chat=chat, message=None, user=request.user).first()
    contact = visible_contacts(request.actor).filter(pk=chat.contact_id).first() if chat.contact_id else None
    return {
        "transcript": transcript,
        "assistant": Assistant.of(chat.space),
        "linked_contact": contact,
        "voted_up": mine is not None and mine.value > 0,
        "voted_down": mine is not None and mine.value < 0,
        "first": stamp(shown[0].message.created_at) if shown else "",
        "since": max((line.version for line in shown), default=""),
    }


# ---------------------------------------------------------------- other tabs


@page
@require_safe
def chat_contact(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Whom the chat is held with, and their other chats."""
    context = head(request, pk)
    chat: Chat = context["chat"]
    contact = visible_contacts(request.actor).filter(pk=chat.contact_id).defer("search").first()
    others = visible_chats(request.actor).for_contact(contact).exclude(pk=chat.pk) if contact else Chat.objects.none()
    context |= {
        "contact": contact,
        "others": others.select_related("space").defer("search", "backstory").latest_first()[:OTHER_CHATS],
    }
    return render_page(request, "chats/chat_contact.html", context)


@page
@require_safe
def chat_assessments(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """What checks found and how people voted, newest first."""
    context = head(request, pk)
    chat: Chat = context["chat"]
    found = Assessment.objects.of(chat.account_id).filter(message__chat=chat).order_by("-updated_at", "-id")
    votes = Rating.objects.of(chat.account_id).filter(chat=chat).select_related("user")
    newest = list(votes.order_by("-updated_at", "-id")[: limits.PAGE_ROWS])
    name_contacts(request.actor, newest)
    context |= {
        "findings": [Finding(each) for each in found[: limits.PAGE_ROWS]],
        "votes": newest,
    }
    return render_page(request, "chats/chat_assessments.html", context)


@page
@require_safe
def chat_history(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Who changed the chat, newest first. Of what was said the history keeps nothing."""
    context = head(request, pk)
    return history_page(request, "chats/chat_history.html", context, _entries(context["chat"]))


@page
@require_safe
def chat_api(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """The requests that return what these pages show, in both dialects."""
    context = head(request, pk)
    last: Message | None = next(iter(newest(context["chat"], 1)), None)
    return render_page(
        request, "chats/chat_api.html", {**context, "groups": chat_samples(request, context["chat"], last)}
    )
