"""The audit: who did what with which object, for administrators and analysts."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from spaces.filters_audit import OPERATIONS, AuditFilter
from spaces.models import ApiKey, AuditEntry, User
from spaces.permissions import require
from spaces.requests import SpacesRequest
from spaces_project.kit.keyset import KeysetPage, Sort, Sorting, keyset_page, notices
from spaces_project.kit.pages import capped_count, chips, page, render_page, with_address, with_query, without_empty

from .history import lines_with_chats

SORTING = Sorting((Sort("created", "When", "created_at", is_time=True),), default="-created")
NAMES_SUGGESTED = 200


@page
@require_safe
def audit_list(request: SpacesRequest) -> HttpResponse:
    """Filter and page; newest first unless turned round. htmx gets the list, the chips and the counts."""
    require(request.actor, "account.read")
    if clean := without_empty(request):
        return clean
    filterset = AuditFilter(request.GET, AuditEntry.objects.of(request.account), actor=request.actor)
    listing = keyset_page(request, filterset.qs, SORTING)
    context = _list_context(request, filterset, listing)
    response = render_page(request, "audit/audit_list.html", context, fragment="audit/_audit_list.html")
    return with_address(request, response)


def _list_context(request: SpacesRequest, filterset: AuditFilter, listing: KeysetPage) -> dict[str, Any]:
    users = User.objects.of(request.account).order_by("username").values_list("username", flat=True)
    return {
        "page": listing,
        "list_url": reverse("audit_list"),
        "lines": _named_keys(request, lines_with_chats(request.actor, listing.rows)),
        "count": capped_count(filterset.qs),
        "chips": chips(request, AuditFilter.LABELS),
        "notices": notices(filterset.complaints, listing),
        "operations": OPERATIONS,
        "user_names": users[:NAMES_SUGGESTED],
        "export_query": with_query(request, sort=None),
    }


def _named_keys(request: SpacesRequest, found: list[Any]) -> list[tuple[Any, str]]:
    """Each line with the name of the API key it came with, or nothing."""
    pks = {line.entry.api_key_id for line in found if line.entry.api_key_id}
    names = dict(ApiKey.objects.of(request.account).filter(pk__in=pks).values_list("pk", "name")) if pks else {}
    return [(line, names.get(line.entry.api_key_id, "") or "") for line in found]
