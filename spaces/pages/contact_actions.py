"""What removes contacts, one or many, and the download of ticked ones. Each deletion asks first, with numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from spaces import belongings, bulk_contacts
from spaces.actors import Actor
from spaces.bulk import Outcome
from spaces.consequences import Consequence, goes_with
from spaces.models import Contact
from spaces.permissions import get_contact, require, sees_account, visible_contacts, visible_spaces
from spaces.requests import SpacesRequest
from spaces_project.kit.pages import page, render_page

from .bulk_runs import Action, BulkPages, NoOptions
from .choice import Choice
from .contacts import filtered

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


def _chosen(request: SpacesRequest, choice: Choice) -> Any:
    if choice.is_all:
        return filtered(request, QueryDict(choice.query)).qs.newest_first()
    return visible_contacts(request.actor).filter(pk__in=choice.ids).newest_first()


def _going(actor: Actor, chosen: Any) -> list[Consequence]:
    """What goes with them; to who does not read the account nothing is counted but what he may delete himself."""
    if sees_account(actor):
        return goes_with(chosen)
    return goes_with(bulk_contacts.deletable(actor, chosen), only=[kind.model for kind in belongings.kinds])


def _delete(actor: Actor, options: dict[str, Any], pks: Iterable[UUID]) -> Iterable[Outcome]:
    return bulk_contacts.delete(actor, pks)


DELETE = Action(
    "Delete",
    "Everything kept about these people goes. It cannot be undone.",
    "trash",
    NoOptions,
    _delete,
    danger=True,
    about="contacts/_losing.html",
)
PAGES = BulkPages(
    "contact",
    "contacts",
    "contact",
    {"delete": DELETE},
    _chosen,
    bulk_contacts.deletable,
    lambda rows: rows.only("id", "name", "nick", "email"),
    lambda request, chosen: {"spaces": _losing(request, chosen), "goes": _going(request.actor, chosen)},
)


@page
@require_POST
def contact_bulk_confirm(request: SpacesRequest, name: str) -> HttpResponse:
    return PAGES.confirm(request, name)


@page
@require_POST
def contact_bulk_run(request: SpacesRequest, name: str) -> HttpResponse:
    return PAGES.run(request, name)


@page
@require_safe
def contact_bulk_result(request: SpacesRequest) -> HttpResponse:
    return PAGES.result(request)


@page
@require_POST
def contact_bulk_export(request: SpacesRequest) -> HttpResponse:
    return PAGES.export(request)
