"""What removes contacts, one or many, and the download of ticked ones. Each deletion asks first, with numbers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from spaces import bulk_contacts
from spaces.bulk import Outcome
from spaces.consequences import goes_with
from spaces.models import Contact
from spaces.permissions import can, get_contact, require, visible_contacts, visible_spaces
from spaces.requests import SpacesRequest
from spaces_project.kit import limits
from spaces_project.kit.pages import page, render_page

from .choice import Choice
from .contacts import filtered

FORMATS = ("csv", "xlsx", "json", "jsonl")
SHOWN = 500
SPACES_NAMED = 10


@page
@require_safe
def contact_delete_confirm(request: SpacesRequest, pk: UUID) -> HttpResponse:
    """What goes with the contact, and which spaces lose the link."""
    contact = get_contact(request.actor, pk)
    require(request.actor, "contact.delete", contact)
    chosen = Contact.objects.of(request.account).filter(pk=contact.pk)
    context = {"contact": contact, "goes": goes_with(chosen), "spaces": _losing(request, chosen)}
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


class ContactChoice(Choice):
    def contacts(self, request: SpacesRequest) -> Any:
        """The chosen contacts that this person may read, newest first."""
        if self.is_all:
            return filtered(request, QueryDict(self.query)).qs.newest_first()
        return visible_contacts(request.actor).filter(pk__in=self.ids).newest_first()


@page
@require_POST
def contact_bulk_delete_confirm(request: SpacesRequest) -> HttpResponse:
    """How many match, what goes with them, and which spaces lose the link; nothing is changed yet."""
    return _confirm(request, ContactChoice.of(request))


def _confirm(request: SpacesRequest, choice: ContactChoice, notice: str = "", status: int = 200) -> HttpResponse:
    chosen = choice.contacts(request)
    count = chosen.count()
    context = {
        "choice": choice,
        "count": count,
        "refused": count - _deletable(request, chosen).count(),
        "too_many": count > limits.BULK_ROWS,
        "most": limits.BULK_ROWS,
        "some": list(chosen.only("id", "name", "nick", "email")[:5]),
        "goes": goes_with(chosen) if count else [],
        "spaces": _losing(request, chosen) if count else [],
        "notice": notice,
    }
    return render_page(request, "contacts/bulk_delete.html", context, status=status)


def _deletable(request: SpacesRequest, chosen: Any) -> Any:
    """Those that this person may delete: all in the account, or the ones he made himself."""
    if can(request.actor, "account.administer"):
        return chosen
    mine = Contact(account=request.account, created_by=request.user.pk)
    return chosen.filter(created_by=request.user.pk) if can(request.actor, "contact.delete", mine) else chosen.none()


@page
@require_POST
def contact_bulk_delete(request: SpacesRequest) -> HttpResponse:
    """Carry it out and show what became of each row. Asks again when another number matches now."""
    choice = ContactChoice.of(request)
    pks = list(choice.contacts(request).values_list("pk", flat=True)[: limits.BULK_ROWS + 1])
    if request.POST.get("expected") != str(len(pks)) or len(pks) > limits.BULK_ROWS:
        notice = "Nothing was changed: another number of contacts matches now than was shown before."
        return _confirm(request, choice, notice, status=409)
    outcomes = list(bulk_contacts.delete(request.actor, pks))
    return render_page(request, "contacts/bulk_result.html", _result(outcomes))


def _result(outcomes: list[Outcome]) -> dict[str, Any]:
    refused_first = sorted(outcomes, key=lambda each: each.state != "refused")
    done = sum(each.state == "done" for each in outcomes)
    return {
        "outcomes": refused_first[:SHOWN],
        "more": max(0, len(outcomes) - SHOWN),
        "total": len(outcomes),
        "done": done,
        "refused": len(outcomes) - done,
    }


@page
@require_POST
def contact_bulk_export(request: SpacesRequest) -> HttpResponse:
    """To the export's own address: with the ticked ids, or with the filters of the list."""
    choice, kind = ContactChoice.of(request), request.POST.get("format", "csv")
    if kind not in FORMATS:
        raise Http404
    query = QueryDict(choice.query if choice.is_all else "", mutable=True)
    if not choice.is_all:
        query.setlist("id", [str(pk) for pk in choice.ids[: limits.ID_FILTERS]])
    return HttpResponseRedirect(f"{reverse('contact_list')}export.{kind}?{query.urlencode()}")
