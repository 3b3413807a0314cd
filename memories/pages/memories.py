"""The list of memories: of all, of one space, of one contact."""

from __future__ import annotations

from typing import Any

from django.db.models.functions import Lower
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from memories.filtersets import TYPES, VIEWS, MemoryFilter
from memories.models import State
from memories.permissions import visible_memories
from spaces.models import Contact, Space
from spaces.pages.columns import Columns
from spaces.pages.lists import Scope, name_contacts, named, query_of, space_names
from spaces.pages.view_tabs import ListViews
from spaces.permissions import uploadable_spaces, visible_contacts, visible_spaces
from spaces.requests import SpacesRequest
from spaces_project.kit.ids import InvalidId, decode_any
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
        Sort("size", "Size", "byte_size", is_number=True),
        Sort("created", "Added", "created_at", is_time=True),
        Sort("updated", "Changed", "updated_at", is_time=True),
    ),
    default="-created",
)
COLUMNS = Columns(
    "memories",
    {
        "space": "Space",
        "state": "State",
        "type": "Type",
        "size": "Size",
        "chunks": "Chunks",
        "contact": "Contact",
        "created": "Added",
        "updated": "Changed",
    },
    ("space", "state", "type", "size", "chunks", "created"),
)
SHOWN = (
    *("id", "account", "name", "key", "mime_type", "byte_size", "chunk_count", "state", "generation"),
    *("created_at", "updated_at", "contact", "space__name", "space__is_default", "folder__name"),
)
POLLED = 50


def of_space(space: Space) -> Scope:
    return Scope(reverse("space_memories", args=[space.pk]), {"space": str(space.pk)}, ("space",))


def of_contact(contact: Contact) -> Scope:
    return Scope(reverse("contact_memories", args=[contact.pk]), {"contact": str(contact.pk)}, ("contact",))


def filtered(request: SpacesRequest, query: Any, readable: Any = None) -> MemoryFilter:
    """The memories this person may read, filtered by a query string."""
    return MemoryFilter(query, visible_memories(request.actor) if readable is None else readable, actor=request.actor)


@page
@require_safe
def memory_list(request: SpacesRequest) -> HttpResponse:
    """Search, filter, sort and page; htmx gets the table, the chips and the counts."""
    return memory_page(request, Scope(reverse("memory_list")), "memories/memory_list.html", {})


def memory_page(request: SpacesRequest, scope: Scope, template: str, context: dict[str, Any]) -> HttpResponse:
    """A page with a list of memories on it, or the list alone for htmx."""
    if clean := without_empty(request):
        return clean
    filterset = filtered(request, query_of(request, scope))
    rows = filterset.qs.select_related("space", "folder").only(*SHOWN)
    listing = keyset_page(request, rows, SORTING)
    dress(request.account, listing.rows, _words(filterset))
    name_contacts(request.actor, listing.rows)
    context |= _list_context(request, scope, filterset, listing)
    response = render_page(request, template, context, fragment="memories/_memory_list.html")
    return with_address(request, response)


def _words(filterset: MemoryFilter) -> str:
    asked = filterset.form.cleaned_data
    return str(asked.get("text") or asked.get("q") or "")


def _list_context(request: SpacesRequest, scope: Scope, filterset: MemoryFilter, listing: KeysetPage) -> dict[str, Any]:
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
        "count": capped_count(filterset.qs),
        "chips": applied,
        "is_filtered": bool(applied) or bool(request.GET.get("q")),
        "notices": notices(filterset.complaints, listing),
        "moving": moving(listing.rows),
        "types": [(key, label) for key, (label, _) in TYPES.items()],
        "states": State.choices,
        "views": _views(request, scope),
        "columns": [each for each in COLUMNS.choices(request) if each[0] not in scope.hides],
        "columns_kept": [key for key in COLUMNS.shown(request) if key in scope.hides],
        "shown": [key for key in COLUMNS.shown(request) if key not in scope.hides],
        "may_add": lambda: uploadable_spaces(request.actor).filter(is_archived=False).exists(),
        "space_names": lambda: space_names(request),
        "query": query.urlencode(),
    }


def moving(rows: list[Any]) -> str:
    """The query string that asks how far those are that are not finished; empty when all are."""
    return "&".join(f"id={memory.pk}" for memory in rows if memory.is_unfinished)


def _chips(request: SpacesRequest, scope: Scope) -> list[Chip]:
    labels = {name: label for name, label in MemoryFilter.LABELS.items() if name not in scope.fixed}
    words = {
        "space": lambda text: named(visible_spaces(request.actor), text),
        "contact": lambda text: named(visible_contacts(request.actor), text),
        "state": {value: label.lower() for value, label in State.choices},
        "type": {key: label for key, (label, _) in TYPES.items()},
        "meta": lambda text: text.replace("=", " = ", 1),
    }
    return chips(request, labels, words)


def _views(request: SpacesRequest, scope: Scope) -> ListViews:
    readable = visible_memories(request.actor)
    return ListViews(request, scope.url, COLUMNS, lambda query: filtered(request, query, readable), VIEWS)


@page
@require_safe
def memory_states(request: SpacesRequest) -> HttpResponse:
    """How far the memories ``id`` of a list are: their cells, and the element that asks again while one moves."""
    memories = visible_memories(request.actor).filter(pk__in=_ids(request)).only(*_STATE_FIELDS)
    rows = dress(request.account, list(memories))
    return render_page(request, "memories/_memory_states.html", {"rows": rows, "moving": moving(rows)})


_STATE_FIELDS = ("id", "account", "state", "generation", "chunk_count", "mime_type", "name", "key")


def _ids(request: SpacesRequest) -> list[Any]:
    found = []
    for text in request.GET.getlist("id")[:POLLED]:
        try:
            found.append(decode_any(text))
        except InvalidId:
            continue
    return found


@page
@require_POST
def memory_columns(request: SpacesRequest) -> HttpResponse:
    """Remember which columns the list shows, and go back to it."""
    return COLUMNS.remember(request, reverse("memory_list"))
