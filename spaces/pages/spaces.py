"""The list of spaces, and making one."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from spaces.filters import VIEWS, SpaceFilter
from spaces.models import Space, User
from spaces.pages.columns import Columns
from spaces.permissions import can, require, visible_spaces
from spaces.requests import SpacesRequest
from spaces_project.kit.keyset import KeysetPage, Sort, Sorting, keyset_page, notices
from spaces_project.kit.pages import (
    Chip,
    capped_count,
    chips,
    page,
    render_form,
    render_page,
    with_address,
    with_query,
    without_empty,
)

from .forms import SpaceForm
from .view_tabs import ListViews

SORTING = Sorting(
    (
        Sort("name", "Name", Lower("name")),
        Sort("owner", "Owner", Lower("owner__username")),
        Sort("created", "Created", "created_at", is_time=True),
        Sort("updated", "Updated", "updated_at", is_time=True),
    ),
    default="-updated",
)
COLUMNS = Columns(
    "spaces",
    {"owner": "Owner", "contact": "Contact", "labels": "Labels", "created": "Created", "updated": "Updated"},
    ("owner", "contact", "labels", "updated"),
)
HEAVY = ("search", "meta", "description")
NAMES_SUGGESTED = 200


def filtered(request: SpacesRequest, query: Any) -> SpaceFilter:
    """The spaces this person may read, filtered by a query string; never the default space."""
    return SpaceFilter(query, visible_spaces(request.actor).listed(), actor=request.actor)


@page
@require_safe
def space_list(request: SpacesRequest) -> HttpResponse:
    """Search, filter, sort and page; htmx gets the table, the chips and the counts."""
    if clean := without_empty(request):
        return clean
    filterset = filtered(request, request.GET)
    listing = keyset_page(request, filterset.qs.select_related("owner", "contact").defer(*HEAVY), SORTING)
    context = _list_context(request, filterset, listing)
    response = render_page(request, "spaces/space_list.html", context, fragment="spaces/_space_list.html")
    return with_address(request, response)


def _list_context(request: SpacesRequest, filterset: SpaceFilter, listing: KeysetPage) -> dict[str, Any]:
    """What the list shows; what only the whole page shows is asked for only there."""
    applied = _chips(request)
    return {
        "page": listing,
        "list_url": reverse("space_list"),
        "link_list": "spaces",
        "filter": filterset,
        "count": capped_count(filterset.qs),
        "chips": applied,
        "is_filtered": bool(applied) or bool(request.GET.get("q")),
        "notices": notices(filterset.complaints, listing),
        "views": ListViews(request, reverse("space_list"), COLUMNS, partial(filtered, request), VIEWS),
        "columns": COLUMNS.choices(request),
        "shown": COLUMNS.shown(request),
        "may_create": can(request.actor, "space.create"),
        "user_names": lambda: user_names(request),
        "export_query": _export_query(request),
        "default_space": lambda: visible_spaces(request.actor).filter(is_default=True).only("id").first(),
    }


def _chips(request: SpacesRequest) -> list[Chip]:
    words = {
        "owner": {"me": "me"},
        "archived": {"yes": "only", "any": "also", "no": "no"},
        "public": {"yes": "yes", "no": "no"},
        "label": lambda text: text.replace("=", " = ", 1),
        "meta": lambda text: text.replace("=", " = ", 1),
    }
    return chips(request, SpaceFilter.LABELS, words)


def user_names(request: SpacesRequest) -> list[str]:
    """Suggestions for fields that take a user name."""
    users = User.objects.of(request.account).active().order_by("username")
    return list(users.values_list("username", flat=True)[:NAMES_SUGGESTED])


def _export_query(request: SpacesRequest) -> str:
    return with_query(request, sort=None, cols=None)


@page
@require_POST
def space_columns(request: SpacesRequest) -> HttpResponse:
    """Remember which columns the list shows, and go back to it."""
    return COLUMNS.remember(request, reverse("space_list"))


@page
@require_http_methods(["GET", "POST"])
def space_create(request: SpacesRequest) -> HttpResponse:
    """A new space; the person who makes it owns it unless another owner is named."""
    require(request.actor, "space.create")
    form = SpaceForm(request.POST or None, actor=request.actor)
    if request.method == "POST" and form.is_valid() and (space := _created(request, form)):
        messages.success(request, f"“{space}” is there.")
        return redirect("space_detail", space.pk)
    return render_form(request, "spaces/space_create.html", form, {"user_names": user_names(request)})


def _created(request: SpacesRequest, form: SpaceForm) -> Space | None:
    with form.refusals():
        return Space.create(request.actor, request.account, **form.values())
    return None
