"""The page of one contact: its overview and the tabs that look at several apps."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models.functions import Lower
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from chats.pages.chats import chat_page, of_contact
from chats.pages.rows import dress
from chats.permissions import visible_chats, visible_ratings
from chats.titles import give_titles
from memories.pages.memories import memory_page
from memories.pages.memories import of_contact as memories_of_contact
from spaces.models import AuditEntry, Contact
from spaces.pages.history import history_page
from spaces.pages.samples import base_url
from spaces.pages.sentences import lines
from spaces.permissions import can, get_contact, visible_spaces
from spaces.requests import SpacesRequest
from spaces_project.kit.keyset import Sort, Sorting, keyset_page
from spaces_project.kit.pages import page, render_page

from .samples import get_samples

SPACES = Sorting(
    (Sort("name", "Name", Lower("name")), Sort("updated", "Updated", "updated_at", is_time=True)), default="-updated"
)
RATINGS = Sorting((Sort("created", "When", "created_at", is_time=True),), default="-created")
HISTORY_ROWS = 25
LATEST = 6
HEAVY = ("search", "meta", "description", "backstory")


def entries_about(request: SpacesRequest, contact: Contact) -> Any:
    return AuditEntry.objects.of(request.account).about(contact.pk)


def _context(request: SpacesRequest, pk: UUID) -> dict[str, Any]:
    """What the head of every tab shows, and what one may do with the contact."""
    contact = get_contact(request.actor, pk)
    return {
        "contact": contact,
        "may_update": can(request.actor, "contact.update", contact),
        "may_delete": can(request.actor, "contact.delete", contact),
    }


@page
@require_safe
def contact_detail(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Who this is, and what happened to it last."""
    context = _context(request, pk)
    contact = context["contact"]
    context["latest"] = lines(request.actor, entries_about(request, contact).newest_first()[:LATEST])
    context["spaces"] = visible_spaces(request.actor).for_contact(contact).order_by("-updated_at", "-pk")[:LATEST]
    chats = visible_chats(request.actor).for_contact(contact).latest_first().select_related("space").defer(*HEAVY)
    context["chats"] = dress(request.account, list(chats[:LATEST]))
    return render_page(request, "contacts/contact_detail.html", context)


@page
@require_safe
def contact_chats(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """The list of chats, of this contact."""
    context = _context(request, pk)
    return chat_page(request, of_contact(context["contact"]), "contacts/contact_chats.html", context)


@page
@require_safe
def contact_memories(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """The list of memories, of what is kept about this contact."""
    context = _context(request, pk)
    return memory_page(request, memories_of_contact(context["contact"]), "contacts/contact_memories.html", context)


@page
@require_safe
def contact_ratings(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """How the answers in this contact's chats were rated, newest first."""
    context = _context(request, pk)
    ratings = visible_ratings(request.actor).for_contact(context["contact"]).select_related("chat", "user")
    listing = keyset_page(request, ratings, RATINGS, HISTORY_ROWS)
    give_titles(rating.chat for rating in listing.rows)
    context |= {"page": listing}
    return render_page(request, "contacts/contact_ratings.html", context, fragment="contacts/_contact_ratings.html")


@page
@require_safe
def contact_spaces(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """The spaces about this person, of those one may read."""
    context = _context(request, pk)
    spaces = visible_spaces(request.actor).for_contact(context["contact"]).select_related("owner")
    context["page"] = keyset_page(request, spaces.defer("search", "meta", "description"), SPACES)
    return render_page(request, "contacts/contact_spaces.html", context, fragment="contacts/_contact_spaces.html")


@page
@require_safe
def contact_history(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Who changed what, newest first. Of personal data only the names of the fields are kept."""
    context = _context(request, pk)
    entries = entries_about(request, context["contact"])
    return history_page(request, "contacts/contact_history.html", context, entries)


@page
@require_safe
def contact_api(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """The requests that return what these pages show: ChatBotKit's fetch of this contact."""
    context = _context(request, pk)
    url = f"{base_url(request)}/api/v1/contact/{context['contact'].wire_id}/fetch"
    return render_page(request, "contacts/contact_api.html", {**context, "samples": get_samples(url)})
