"""What removes contacts, one or many, and the download of ticked ones. Each deletion asks first, with numbers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from spaces import belongings, bulk_contacts
from spaces.actors import Actor
from spaces.bulk_contacts import CONTACTS
from spaces.consequences import Consequence, goes_with
from spaces.filters_contacts import ContactFilter
from spaces.models import Contact
from spaces.permissions import get_contact, require, sees_account, visible_spaces
from spaces.requests import SpacesRequest
from spaces_project.kit.pages import page, render_page

from .bulk_runs import Action, BulkPages

SPACES_NAMED = 10


@page
@require_safe
def contact_delete_confirm(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """What goes with the contact, and which spaces lose the link."""
    contact = get_contact(request.actor, pk)
    require(request.actor, "contact.delete", contact)
    chosen = Contact.objects.of(request.account).filter(pk=contact.pk)
    context = {"contact": contact, "goes": _going(request.actor, chosen), "spaces": _losing(request, chosen)}
    return render_page(request, "contacts/contact_delete.html", context)


def _losing(request: SpacesRequest, chosen: Any) -> list[Any]:
    """The first of the spaces that lose their contact, of those this person may read."""
    spaces = visible_spaces(request.actor).filter(contact__in=chosen.order_by().values("pk"))
    return list(spaces.order_by("name", "pk").only("id", "name", "is_default")[:SPACES_NAMED])


@page
@require_POST
def contact_delete(request: SpacesRequest, pk: UUID) -> HttpResponse:
    contact = get_contact(request.actor, pk)
    require(request.actor, "contact.delete", contact)
    contact.remove(request.actor)
    messages.success(request, f"“{contact}” is deleted.")
    return redirect("contact_list")


# ------------------------------------------------------------------- bulk runs


def _going(actor: Actor, chosen: Any) -> list[Consequence]:
    """What goes with them; to who does not read the account nothing is counted but what he may delete himself."""
    if sees_account(actor):
        return goes_with(chosen)
    return goes_with(bulk_contacts.deletable(actor, chosen), only=[kind.model for kind in belongings.kinds])


DELETE = Action(
    "Delete",
    "Everything kept about these people goes. It cannot be undone.",
    "trash",
    lambda actor, options, pks: bulk_contacts.delete(actor, pks),
    danger=True,
    about="contacts/_losing.html",
)
PAGES = BulkPages(
    CONTACTS,
    "contacts",
    ContactFilter,
    {"delete": DELETE},
    lambda request, chosen: {"spaces": _losing(request, chosen), "goes": _going(request.actor, chosen)},
)
contact_bulk_confirm, contact_bulk_run, contact_bulk_result, contact_bulk_export = PAGES.views()
