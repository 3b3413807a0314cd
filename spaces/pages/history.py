"""The tab "history" of an object: who changed what, newest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpResponse

from spaces.actors import Actor
from spaces.models import AuditEntry
from spaces.permissions import can
from spaces.requests import SpacesRequest
from spaces_project.kit.keyset import Sort, Sorting, keyset_page
from spaces_project.kit.pages import Count, capped_count, render_page

from .sentences import Line, lines

NEWEST = Sorting((Sort("created", "When", "created_at", is_time=True),), default="-created")
ROWS = 25
MOST_COUNTED = 1_000


def history_page(
    request: SpacesRequest,
    template: str,
    context: dict[str, Any],
    entries: Any,
    tell: Callable[[Actor, Iterable[AuditEntry]], list[Line]] = lines,
) -> HttpResponse:
    """``entries`` page by page, as ``tell`` puts them; addresses are for those who read the whole account.

    The fragment is called as the template, with ``_`` before its name.
    """
    listing = keyset_page(request, entries, NEWEST, ROWS)
    context |= {
        "page": listing,
        "lines": tell(request.actor, listing.rows),
        "shows_addresses": can(request.actor, "account.read"),
    }
    folder, _, name = template.rpartition("/")
    return render_page(request, template, context, fragment=f"{folder}/_{name}")


def history_count(entries: Any) -> Count:
    """How many entries the tab says that there are."""
    return capped_count(entries, MOST_COUNTED)
