"""What is chosen on a list for a bulk run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from spaces.requests import SpacesRequest
from spaces_project.kit import limits
from spaces_project.kit.ids import InvalidId, decode_any


@dataclass(frozen=True)
class Choice:
    """What was chosen on the list: ids, or everything that a query string matches."""

    ids: list[UUID]
    query: str
    is_all: bool

    @classmethod
    def of(cls, request: SpacesRequest) -> Self:
        ids = [pk for text in request.POST.getlist("ids")[: limits.BULK_ROWS] if (pk := _id(text))]
        return cls(ids, request.POST.get("query", ""), bool(request.POST.get("all")))


def _id(text: str) -> UUID | None:
    try:
        return decode_any(text)
    except InvalidId:
        return None
