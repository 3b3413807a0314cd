"""One operation as the OpenAPI document tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers as rest

from . import answers

Serializer = type[rest.Serializer[Any]]
Query = tuple[OpenApiParameter, ...]
MEANINGS = {
    400: "The request is not valid",
    401: "No key, or one that does not work",
    403: "Not allowed",
    404: "Missing, or not readable",
    405: "No such method here",
    409: "Exists already, or in use",
    412: "Precondition failed",
    413: "Too large",
    415: "Not JSON in UTF-8",
    416: "Range not satisfiable",
    500: "A fault of the server",
    501: "Not implemented",
    503: "Try again",
}
EVERYWHERE = (400, 401, 403, 405, 413, 415, 500, 503)
MADE, GONE = 201, 204


@dataclass(frozen=True)
class Operation:
    """``name`` is the view's resource and action; ``answer`` comes with ``status``; ``fails`` adds to the statuses of
    EVERYWHERE; ``is_open`` says that no key is needed. ``also`` are other statuses of the same answer."""

    name: str
    id: str
    summary: str
    answer: Any = None
    body: Serializer | None = None
    query: Query = ()
    fails: tuple[int, ...] = (404,)
    status: int = 200
    is_open: bool = False
    media: str = "application/json"
    also: tuple[int, ...] = ()

    def responses(self) -> dict[Any, Any]:
        failures = {
            status: OpenApiResponse(answers.Failure, description=MEANINGS[status])
            for status in sorted({*EVERYWHERE, *self.fails})
        }
        done = {(status, self.media) if self.answer else status: self.answer for status in (self.status, *self.also)}
        return {**done, **failures}


def parameter(name: str, description: str, type: Any = str, **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, type, OpenApiParameter.QUERY, description=description, **more)


def paging(default: int, most: int) -> Query:
    return (
        parameter("maxResults", f"1 to {most:,}, clamped; {default} when absent.", int),
        parameter("nextToken", "The `nextToken` of the page before."),
    )


LABEL = parameter(
    "label",
    "`label.key=value` or `label[key]=value`: exactly this value; several must all hold.",
    {"type": "object", "additionalProperties": {"type": "string"}},
    style="deepObject",
    explode=True,
)
