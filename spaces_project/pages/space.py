"""The page of one space: its overview and the tabs that look at several apps."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models.functions import Lower
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from chats.pages.chats import chat_page, of_space
from memories.pages.memories import memory_page
from memories.pages.memories import of_space as memories_of_space
from spaces.models import Space
from spaces.pages.history import history_page
from spaces.pages.sentences import lines
from spaces.permissions import can, get_space
from spaces.requests import SpacesRequest
from spaces_project.kit.keyset import Sort, Sorting, keyset_page
from spaces_project.kit.pages import page, render_page

from .history import entries_about
from .people import contacts_of
from .samples import space_samples

CONTACTS = Sorting(
    (Sort("name", "Name", Lower("name")), Sort("updated", "Updated", "updated_at", is_time=True)), default="-updated"
)
LATEST = 6


def _space(request: SpacesRequest, pk: UUID) -> Space:
    return get_space(request.actor, pk)


def _entries(request: SpacesRequest, space: Space) -> Any:
    return entries_about(space)


@page
@require_safe
def space_detail(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """What the space is, and what happened to it last."""
    space = _space(request, pk)
    latest = _entries(request, space).newest_first()[:LATEST]
    context = {
        "space": space,
        "latest": lines(request.actor, latest),
        "may_update": can(request.actor, "space.update", space),
        "samples": space_samples(request, space),
    }
    return render_page(request, "spaces/space_detail.html", context)


@page
@require_safe
def space_chats(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """The list of chats, of this space."""
    space = _space(request, pk)
    return chat_page(request, of_space(space), "spaces/space_chats.html", {"space": space})


@page
@require_safe
def space_memories(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """The list of memories, of this space."""
    space = _space(request, pk)
    return memory_page(request, memories_of_space(space), "spaces/space_memories.html", {"space": space})


@page
@require_safe
def space_contacts(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """The person this space is about, and those its chats are held with."""
    space = _space(request, pk)
    contacts = contacts_of(request.actor, space).defer("search", "meta", "description", "preferences")
    context = {
        "space": space,
        "page": keyset_page(request, contacts, CONTACTS),
        "may_update": can(request.actor, "space.update", space),
    }
    return render_page(request, "spaces/space_contacts.html", context, fragment="spaces/_space_contacts.html")


@page
@require_safe
def space_history(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Who changed what, newest first; addresses are for those who read the whole account."""
    space = _space(request, pk)
    return history_page(request, "spaces/space_history.html", {"space": space}, _entries(request, space))


@page
@require_safe
def space_api(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """The requests that return what these pages show."""
    space = _space(request, pk)
    return render_page(request, "spaces/space_api.html", {"space": space, "samples": space_samples(request, space)})
