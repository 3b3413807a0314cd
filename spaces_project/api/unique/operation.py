"""What one line of the table of operations says, and short ways to write its parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers as rest

from . import answers
from .errors import ENVELOPES

Serializer = type[rest.Serializer[Any]]
Query = tuple[OpenApiParameter, ...]
CODES: dict[int, str] = {}
for _status, _code in ENVELOPES.values():
    CODES.setdefault(_status, _code)
EVERYWHERE = (400, 401, 403, 405, 413, 415, 500, 503)
MADE = 201


@dataclass(frozen=True)
class Operation:
    """``name`` is the view's resource and action; ``answer`` comes with ``status`` as ``media``; ``fails`` adds to the
    statuses of EVERYWHERE."""

    name: str
    id: str
    summary: str
    answer: Any
    body: Serializer | None = None
    query: Query = ()
    fails: tuple[int, ...] = (404,)
    status: int = 200
    media: str = "application/json"

    def responses(self) -> dict[Any, Any]:
        failures = {
            status: OpenApiResponse(answers.Failure, description=f"`{CODES[status]}`")
            for status in sorted({*EVERYWHERE, *self.fails})
        }
        return {(self.status, self.media): self.answer, **failures}


def query(name: str, description: str, type: Any = str, **more: Any) -> OpenApiParameter:
    """A parameter of the query string."""
    return OpenApiParameter(name, type, OpenApiParameter.QUERY, description=description, **more)


def window(default: int, most: int) -> Query:
    """``skip`` and ``take``."""
    return (query("skip", "From 0.", int), query("take", f"1 to {most:,}; {default} when absent.", int))
