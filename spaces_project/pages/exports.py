"""Every list as a download under its own address: ``/spaces/export.csv?<the list's filters>``.

A filter that cannot be read is left out of a page, which says so; a file cannot say so, and is refused instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from spaces.actors import Actor
from spaces.errors import InvalidInput
from spaces.filters import SpaceFilter
from spaces.filters_audit import AuditFilter
from spaces.filters_contacts import ContactFilter
from spaces.models import AuditEntry
from spaces.permissions import require, visible_contacts, visible_spaces
from spaces.requests import SpacesRequest
from spaces.resources import AuditResource, ContactResource, SpaceResource
from spaces_project.export_access import with_actor
from spaces_project.kit.exports import Resource, TooManyRows, export_response

FORMATS = ("csv", "json", "jsonl", "xlsx")


@dataclass(frozen=True)
class Download:
    """A list that can be downloaded: ``rows(actor, query string)`` are those that its page would show."""

    name: str
    operation: str
    resource: Resource
    rows: Callable[[Actor, QueryDict], QuerySet[Any]]

    def response(self, actor: Actor, query: QueryDict, format: str) -> HttpResponseBase:
        """The file. ``order=asc``, ``take=n`` and ``raw=1`` (formulas unguarded) add to the list's filters.

        Raises InvalidInput for a filter that cannot be read and for a workbook that would be too large,
        NotAllowed for a key that may not read.
        """
        require(actor, self.operation)
        order: Literal["asc", "desc"] = "asc" if query.get("order") == "asc" else "desc"
        raw, take, rows = query.get("raw") == "1", _take(query.get("take", "")), self.rows(actor, query)
        try:
            return export_response(self.resource, rows, format, filename=self.name, order=order, take=take, raw=raw)
        except TooManyRows as error:
            raise InvalidInput(str(error)) from error


def _take(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not 0 < len(text) < 10:
        raise InvalidInput("“take” is the number of rows, such as take=100.")
    return max(int(text), 1)


def space_rows(actor: Actor, query: QueryDict) -> QuerySet[Any]:
    """The spaces that the list shows for this query string. Raises InvalidInput."""
    filterset = SpaceFilter(query, visible_spaces(actor).listed(), actor=actor)
    if complaints := filterset.complaints:
        raise InvalidInput(" ".join(complaints))
    rows: QuerySet[Any] = filterset.qs
    return rows


def contact_rows(actor: Actor, query: QueryDict) -> QuerySet[Any]:
    """The contacts that the list shows for this query string. Raises InvalidInput."""
    filterset = ContactFilter(query, visible_contacts(actor), actor=actor)
    if complaints := filterset.complaints:
        raise InvalidInput(" ".join(complaints))
    rows: QuerySet[Any] = filterset.qs
    return rows


def audit_rows(actor: Actor, query: QueryDict) -> QuerySet[Any]:
    """The audit entries that the page shows for this query string. Raises InvalidInput."""
    filterset = AuditFilter(query, AuditEntry.objects.filter(account=actor.account), actor=actor)
    if complaints := filterset.complaints:
        raise InvalidInput(" ".join(complaints))
    rows: QuerySet[Any] = filterset.qs
    return rows


SPACES = Download("spaces", "space.list", SpaceResource(), space_rows)
CONTACTS = Download("contacts", "contact.list", ContactResource(), contact_rows)
AUDIT = Download("audit", "account.read", AuditResource(), audit_rows)
# what an export link may name, by the path that it keeps
DOWNLOADS = {f"/{each.name}/export.csv": each for each in (SPACES, CONTACTS, AUDIT)}


def _known(format: str) -> str:
    if format not in FORMATS:
        raise Http404(format)
    return format


@require_GET
@with_actor
def space_export(request: SpacesRequest, format: str) -> HttpResponseBase:
    return SPACES.response(request.actor, request.GET, _known(format))


@require_GET
@with_actor
def contact_export(request: SpacesRequest, format: str) -> HttpResponseBase:
    return CONTACTS.response(request.actor, request.GET, _known(format))


@require_GET
@with_actor
def audit_export(request: SpacesRequest, format: str) -> HttpResponseBase:
    return AUDIT.response(request.actor, request.GET, _known(format))
