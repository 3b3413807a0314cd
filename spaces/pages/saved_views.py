"""Saved views: kept from a list, renamed, shared, changed to what a list shows now, deleted."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from spaces.errors import AlreadyExists, Conflict, NotAllowed, NotFound
from spaces.models import SavedView
from spaces.models.saved_views import COLUMN_CHARS, kept_query
from spaces.requests import SpacesRequest
from spaces_project.kit import limits
from spaces_project.kit.pages import page, render_form, render_page
from spaces_project.kit.values import check_name

from .settings.links import filters_of
from .view_tabs import may_change, may_share

PAGES = {"spaces": "space_list", "chats": "chat_list", "contacts": "contact_list", "memories": "memory_list"}
COLUMN = re.compile(rf"[a-z_]{{1,{COLUMN_CHARS}}}")


class ViewForm(forms.Form):
    """Its name, and for administrators whether everybody has it."""

    name = forms.CharField(
        max_length=limits.VIEW_NAME_CHARS,
        validators=[check_name],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    is_shared = forms.BooleanField(
        required=False, label="Show it to everybody in the account", help_text="They see in it what they may read."
    )

    def __init__(self, request: SpacesRequest, **initial: Any) -> None:
        super().__init__(request.POST if request.method == "POST" else None, initial=initial)
        if not may_share(request):
            del self.fields["is_shared"]


def get_view(request: SpacesRequest, pk: UUID) -> SavedView:
    """The view, if this person sees it and may change it. NotFound, NotAllowed."""
    view = SavedView.objects.of(request.account).open_to(request.user).filter(pk=pk).first()
    if view is None:
        raise NotFound("Saved view not found")
    if not may_change(request, view):
        raise NotAllowed()
    return view


def shown_now(data: Any) -> dict[str, Any]:
    """What a list says of itself in ``query`` and ``cols``, as fields of a view."""
    columns = [name for name in data.get("cols", "").split(".") if COLUMN.fullmatch(name) and name != "none"]
    return {"query": kept_query(data.get("query", "")), "columns": columns[: limits.VIEW_COLUMNS]}


def list_url(view: SavedView) -> str:
    """The page of the list that shows the view."""
    return reverse(PAGES[view.list_name]) + view.address


@page
@require_http_methods(["GET", "POST"])
def view_create(request: SpacesRequest) -> HttpResponse:
    """``list`` names the list, ``query`` and ``cols`` are what it shows; in the address or in the form."""
    data = request.POST if request.method == "POST" else request.GET
    list_name = data.get("list", "")
    if list_name not in PAGES:
        raise Http404
    form, now = ViewForm(request), shown_now(data)
    if request.method == "POST" and form.is_valid() and (view := _created(request, form, list_name, now)):
        messages.success(request, f"“{view}” is saved. It is a tab above the list now.")
        return redirect(list_url(view))
    context = {
        "list_name": list_name,
        "list_label": SavedView.List(list_name).label,
        "query": now["query"],
        "cols": data.get("cols", ""),
        "filters": filters_of(now["query"]),
        "back": f"{reverse(PAGES[list_name])}?{now['query']}",
    }
    return render_form(request, "views/view_create.html", form, context)


def _created(request: SpacesRequest, form: ViewForm, list_name: str, now: dict[str, Any]) -> SavedView | None:
    try:
        return SavedView.create(request.actor, request.user, list_name=list_name, **form.cleaned_data, **now)
    except AlreadyExists as error:
        form.add_error("name", str(error))
    except (Conflict, ValidationError) as error:
        form.add_error(None, str(error) if isinstance(error, Conflict) else error.messages)
    return None


@page
@require_http_methods(["GET", "POST"])
def view_settings(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Rename it, share it or take it back."""
    view = get_view(request, pk)
    form = ViewForm(request, name=view.name, is_shared=view.is_shared)
    if request.method == "POST" and form.is_valid() and _renamed(request, form, view):
        messages.success(request, "Your changes are saved.")
        return redirect(list_url(view))
    context = {"view": view, "filters": filters_of(view.query), "back": list_url(view)}
    return render_form(request, "views/view_settings.html", form, context)


def _renamed(request: SpacesRequest, form: ViewForm, view: SavedView) -> bool:
    try:
        view.change(request.actor, **form.cleaned_data)
    except AlreadyExists as error:
        form.add_error("name", str(error))
    return form.is_valid()


@page
@require_POST
def view_update(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Change what it shows to what the list shows now."""
    view = get_view(request, pk)
    view.change(request.actor, **shown_now(request.POST))
    messages.success(request, f"“{view}” shows this from now on.")
    return redirect(list_url(view))


@page
@require_safe
def view_delete_confirm(request: SpacesRequest, pk: UUID) -> HttpResponse:
    view = get_view(request, pk)
    return render_page(request, "views/view_delete.html", {"view": view, "back": list_url(view)})


@page
@require_POST
def view_delete(request: SpacesRequest, pk: UUID) -> HttpResponse:
    view = get_view(request, pk)
    view.remove(request.actor)
    messages.success(request, f"“{view}” is deleted. What it showed is all there.")
    return redirect(PAGES[view.list_name])
