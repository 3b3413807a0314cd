"""What the OpenAPI document tells of one operation; the tables are operations.py and operations_chats.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from spaces_project.kit import limits

from . import answers
from .errors import ENVELOPES

Serializer = type[serializers.Serializer[Any]]
Query = tuple[OpenApiParameter, ...]
CODES: dict[int, str] = dict(ENVELOPES.values())
EVERYWHERE = (400, 401, 403, 405, 413, 415, 500, 503)


@dataclass(frozen=True)
class Operation:
    """``name`` is the view's resource and action; ``answers`` maps media types to what comes with 200; ``fails`` adds
    to the statuses of EVERYWHERE."""

    name: str
    id: str
    summary: str
    answers: dict[str, Any]
    body: Serializer | None = None
    query: Query = ()
    fails: tuple[int, ...] = ()

    def responses(self) -> dict[Any, Any]:
        failures = {
            status: OpenApiResponse(answers.Failure, description=f"`{CODES[status]}`")
            for status in sorted({*EVERYWHERE, *self.fails})
        }
        return {**{(200, kind): shape for kind, shape in self.answers.items()}, **failures}


def query(name: str, description: str, type: Any = str, **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, type, OpenApiParameter.QUERY, description=description, **more)


COMMON = (
    query("cursor", "The `cursor` of the page before, or the id of its last item."),
    query("order", "By time of creation; anything else than `asc` is `desc`.", enum=["asc", "desc"]),
    query(
        "meta",
        f"`meta.key=value` or `meta[key]=value`, at most {limits.META_FILTERS}; all must hold.",
        OpenApiTypes.OBJECT,
        style="deepObject",
        explode=True,
    ),
)
LIST: Query = (*COMMON, query("take", f"1 to {limits.PAGE_TAKE}; as JSONL the most rows in all.", int))
EXPORT: Query = (
    *COMMON,
    query("take", "The most rows in all; everything when absent.", int),
    query("raw", "`1`: leave cells that spreadsheets run as formulas as they are."),
)
ID = {"application/json": answers.Identifier}


def page(record: Serializer) -> dict[str, Any]:
    return {"application/json": answers.page_of(record), "application/jsonl": OpenApiTypes.STR}


def rows(record: Serializer) -> dict[str, Any]:
    return {**page(record), "text/csv": OpenApiTypes.STR}


def one(record: Serializer) -> dict[str, Any]:
    return {"application/json": record}
