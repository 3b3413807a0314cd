"""The list of chats: of all, of one space, of one contact."""

from __future__ import annotations

from typing import Any

from django.db.models.functions import Lower
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from chats.filters import ChatFilter
from chats.permissions import visible_chats
from spaces.models import Contact, Space, User
from spaces.pages.columns import Columns
from spaces.pages.lists import NAMES_SUGGESTED, Scope, name_contacts, named, query_of, space_names
from spaces.pages.view_tabs import ListViews
from spaces.permissions import usable_spaces, visible_contacts, visible_spaces
from spaces.requests import SpacesRequest
from spaces_project.kit import limits
from spaces_project.kit.keyset import KeysetPage, Sort, Sorting, keyset_page, notices
from spaces_project.kit.pages import (
    Chip,
    capped_count,
    chips,
    page,
    render_page,
    with_address,
    without_empty,
)

from .rows import dress

SORTING = Sorting(
    (
        Sort("name", "Name", Lower("name")),
        Sort("messages", "Messages", "message_count", is_number=True),
        Sort("created", "Created", "created_at", is_time=True),
        Sort("active", "Last activity", "last_message_at", is_time=True),
    ),
    default="-active",
)
COLUMNS = Columns(
    "chats",
    {
        "space": "Space",
        "with": "With",
        "messages": "Messages",
        "state": "State",
        "rating": "Rating",
        "created": "Created",
        "active": "Last activity",
    },
    ("space", "with", "messages", "state", "rating", "active"),
)
VIEWS = (("all", "All"), ("mine", "Mine"), ("unanswered", "Unanswered"), ("failed", "Failed"))
SHOWN = (
    *("id", "account", "name", "message_count", "last_role", "is_failed", "last_message_at", "created_at"),
    *("space__name", "space__is_default", "user__username", "user__name", "contact"),
)


def of_space(space: Space) -> Scope:
    return Scope(reverse("space_chats", args=[space.pk]), {"space": str(space.pk)}, ("space",))


def of_contact(contact: Contact) -> Scope:
    return Scope(reverse("contact_chats", args=[contact.pk]), {"contact": str(contact.pk)}, ("with",))


def filtered(request: SpacesRequest, query: Any, readable: Any = None) -> ChatFilter:
    """The chats this person may read (``readable``, when they are known already), filtered by a query string."""
    return ChatFilter(query, visible_chats(request.actor) if readable is None else readable, actor=request.actor)


@page
@require_safe
def chat_list(request: SpacesRequest) -> HttpResponse:
    """Search, filter, sort and page; htmx gets the table, the chips and the counts."""
    return chat_page(request, Scope(reverse("chat_list")), "chats/chat_list.html", {})


def chat_page(request: SpacesRequest, scope: Scope, template: str, context: dict[str, Any]) -> HttpResponse:
    """A page with a list of chats on it, or the list alone for htmx."""
    if clean := without_empty(request):
        return clean
    query = query_of(request, scope)
    filterset = filtered(request, query)
    listing = keyset_page(request, filterset.qs.select_related("space", "user").only(*SHOWN), SORTING)
    dress(request.account, listing.rows, _words(filterset))
    name_contacts(request.actor, listing.rows)
    context |= _list_context(request, scope, filterset, listing)
    response = render_page(request, template, context, fragment="chats/_chat_list.html")
    return with_address(request, response)


def _words(filterset: ChatFilter) -> str:
    """What is looked for in messages."""
    asked = filterset.form.cleaned_data
    return str(asked.get("text") or asked.get("q") or "")


def _list_context(request: SpacesRequest, scope: Scope, filterset: ChatFilter, listing: KeysetPage) -> dict[str, Any]:
    """What the list shows; what only the whole page shows is asked for only there."""
    applied = _chips(request, scope)
    query = query_of(request, scope)
    for name in ("sort", "cols"):
        query.pop(name, None)
    return {
        "page": listing,
        "filter": filterset,
        "scope": scope,
        "list_url": scope.url,
        "count": capped_count(filterset.qs, limits.COSTLY_COUNT_CAP if filterset.is_costly else limits.COUNT_CAP),
        "chips": applied,
        "is_filtered": bool(applied) or bool(request.GET.get("q")),
        "notices": notices(filterset.complaints, listing),
        "views": _views(request, scope),
        "columns": [each for each in COLUMNS.choices(request) if each[0] not in scope.hides],
        "columns_kept": [key for key in COLUMNS.shown(request) if key in scope.hides],
        "shown": [key for key in COLUMNS.shown(request) if key not in scope.hides],
        "may_chat": lambda: usable_spaces(request.actor).exists(),
        "user_names": lambda: _user_names(request),
        "space_names": lambda: space_names(request),
        "query": query.urlencode(),
    }


def _chips(request: SpacesRequest, scope: Scope) -> list[Chip]:
    labels = {name: label for name, label in ChatFilter.LABELS.items() if name not in scope.fixed}
    words = {
        "space": lambda text: named(visible_spaces(request.actor), text),
        "contact": lambda text: named(visible_contacts(request.actor), text),
        "state": {"answering": "being answered"},
        "meta": lambda text: text.replace("=", " = ", 1),
    }
    return chips(request, labels, words)


def _views(request: SpacesRequest, scope: Scope) -> ListViews:
    readable = visible_chats(request.actor)
    return ListViews(request, scope.url, COLUMNS, lambda query: filtered(request, query, readable), VIEWS)


def _user_names(request: SpacesRequest) -> list[str]:
    """Suggestions for the filter by user."""
    users = User.objects.of(request.account).active().order_by("username")
    return list(users.values_list("username", flat=True)[:NAMES_SUGGESTED])


@page
@require_POST
def chat_columns(request: SpacesRequest) -> HttpResponse:
    """Remember which columns the list shows, and go back to it."""
    return COLUMNS.remember(request, reverse("chat_list"))
