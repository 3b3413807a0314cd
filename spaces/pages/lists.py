"""What lists that stand on several pages share: which list it is, and the names that its filters suggest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from spaces.actors import Actor
from spaces.permissions import visible_contacts, visible_spaces
from spaces.requests import SpacesRequest
from spaces_project.kit.ids import InvalidId, decode_any

NAMES_SUGGESTED = 200


@dataclass(frozen=True)
class Scope:
    """Which list it is: its address, the filters it stands for and the columns that would say the same in each row."""

    url: str
    fixed: dict[str, str] = field(default_factory=dict)
    hides: tuple[str, ...] = ()


def query_of(request: SpacesRequest, scope: Scope) -> QueryDict:
    """The filters of the address and those that the list stands for, without the turning of pages."""
    query = request.GET.copy()
    for name in ("after", "before"):
        query.pop(name, None)
    for name, value in scope.fixed.items():
        query[name] = value
    return query


def named(readable: Any, text: str) -> str:
    """The name of the object whose id ``text`` is, or what was typed."""
    try:
        return str(readable.filter(pk=decode_any(text)).first() or text)
    except InvalidId:
        return text


def space_names(request: SpacesRequest) -> list[str]:
    """Suggestions for the filter by space."""
    spaces = visible_spaces(request.actor).listed().exclude(name="").order_by("-updated_at")
    return list(spaces.values_list("name", flat=True)[:NAMES_SUGGESTED])


def name_contacts(actor: Actor, rows: Sequence[Any]) -> None:
    """Give each row its ``known_contact``: its contact if this actor may read that one, else None."""
    pks = {row.contact_id for row in rows if row.contact_id}
    fields = ("id", "account", "name", "nick", "email")
    known = visible_contacts(actor).filter(pk__in=pks).only(*fields).in_bulk() if pks else {}
    for row in rows:
        row.known_contact = known.get(row.contact_id)
