"""The list of contacts, making one, changing one."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce, Lower
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from spaces.filters_contacts import ContactFilter
from spaces.models import Contact
from spaces.permissions import can, get_contact, require, visible_contacts, visible_spaces
from spaces.requests import SpacesRequest
from spaces_project.kit.keyset import KeysetPage, Sort, Sorting, keyset_page, notices
from spaces_project.kit.pages import (
    capped_count,
    chips,
    page,
    render_form,
    render_page,
    with_address,
    with_query,
    without_empty,
)

from .columns import Columns
from .contact_form import ContactForm
from .editing import render_settings, saved
from .view_tabs import ListViews

SORTING = Sorting(
    (
        Sort("name", "Name", Lower("name")),
        Sort("created", "Created", "created_at", is_time=True),
        Sort("updated", "Updated", "updated_at", is_time=True),
    ),
    default="-updated",
)
COLUMNS = Columns(
    "contacts",
    {
        "email": "E-mail",
        "phone": "Phone",
        "verified": "Verified",
        "spaces": "Spaces",
        "alias": "Alias",
        "created": "Created",
        "updated": "Updated",
    },
    ("email", "phone", "verified", "spaces", "created", "updated"),
)
HEAVY = ("search", "meta", "description", "preferences")


def filtered(request: SpacesRequest, query: Any) -> ContactFilter:
    """The contacts this person may read, filtered by a query string."""
    return ContactFilter(query, visible_contacts(request.actor), actor=request.actor)


@page
@require_safe
def contact_list(request: SpacesRequest) -> HttpResponse:
    """Search, filter, sort and page; htmx gets the table, the chips and the counts."""
    if clean := without_empty(request):
        return clean
    filterset = filtered(request, request.GET)
    rows = filterset.qs.defer(*HEAVY).annotate(space_count=_space_count(request))
    listing = keyset_page(request, rows, SORTING)
    context = _list_context(request, filterset, listing)
    response = render_page(request, "contacts/contact_list.html", context, fragment="contacts/_contact_list.html")
    return with_address(request, response)


def _space_count(request: SpacesRequest) -> Coalesce:
    """How many of the spaces that this person may read are about the contact."""
    mine = visible_spaces(request.actor).filter(contact=OuterRef("pk")).order_by()
    return Coalesce(Subquery(mine.values("contact").annotate(rows=Count("pk")).values("rows")), 0)


def _list_context(request: SpacesRequest, filterset: ContactFilter, listing: KeysetPage) -> dict[str, Any]:
    applied = chips(request, ContactFilter.LABELS, {"meta": lambda text: text.replace("=", " = ", 1)})
    return {
        "page": listing,
        "list_url": reverse("contact_list"),
        "link_list": "contacts",
        "views": ListViews(request, reverse("contact_list"), COLUMNS, partial(filtered, request)),
        "columns": COLUMNS.choices(request),
        "shown": COLUMNS.shown(request),
        "filter": filterset,
        "count": capped_count(filterset.qs),
        "chips": applied,
        "is_filtered": bool(applied) or bool(request.GET.get("q")),
        "notices": notices(filterset.complaints, listing),
        "may_create": can(request.actor, "contact.create"),
        "export_query": with_query(request, sort=None, cols=None),
    }


@page
@require_POST
def contact_columns(request: SpacesRequest) -> HttpResponse:
    """Remember which columns the list shows, and go back to it."""
    return COLUMNS.remember(request, reverse("contact_list"))


# -------------------------------------------------------------- make and change


@page
@require_http_methods(["GET", "POST"])
def contact_create(request: SpacesRequest) -> HttpResponse:
    require(request.actor, "contact.create")
    form = ContactForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and (contact := _created(request, form)):
        messages.success(request, f"“{contact}” is there.")
        return redirect("contact_detail", contact.pk)
    return render_form(request, "contacts/contact_create.html", form)


def _created(request: SpacesRequest, form: ContactForm) -> Contact | None:
    with form.refusals():
        contact, is_new = Contact.create(request.actor, request.account, **form.values())
        if is_new:
            return contact
        form.add_error("fingerprint", "Another contact has this fingerprint.")
    return None


@page
@require_http_methods(["GET", "POST"])
def contact_settings(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """Edit a contact. 409 with both versions when another change came between."""
    contact = get_contact(request.actor, pk)
    require(request.actor, "contact.update", contact)
    form = ContactForm(request.POST or None, contact=contact)
    if saved(request, form, contact):
        messages.success(request, "Your changes are saved.")
        return redirect("contact_detail", contact.pk)
    return render_settings(request, "contacts/contact_settings.html", form, contact, {"contact": contact})
