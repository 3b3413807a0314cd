"""Answers that come event by event, as lines of JSON or as server-sent events; they hold no database connection."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from django.http import StreamingHttpResponse

from chats.watching import TooManyStreams, hub
from spaces_project.api.errors import Unavailable
from spaces_project.kit.exports import release_connection

from .events import NDJSON, SSE, framed

QUALITY = re.compile(r"(?:^|;)\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*(?:$|;)", re.ASCII)


def streamed(request: Any, events: Callable[[], Iterator[Any]], *, needs_seat: bool) -> StreamingHttpResponse:
    """What ``events`` yields, in the form that ``Accept`` asks for (lines without it).

    ``needs_seat`` for one that waits: it takes a place among the streams of this process. Raises Unavailable.
    """
    kind = framing(request.headers.get("Accept", ""))
    body = _Body(events, kind, _Seat() if needs_seat else None)
    response = StreamingHttpResponse(body, content_type=f"{kind}; charset=utf-8")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"  # a proxy before us passes each event on at once
    return response


def framing(accept: str) -> str:
    """Of the two, the one that is liked better (``q``), the first of equals; lines of JSON where neither is named."""
    liked: dict[str, float] = {}
    for each in accept.lower().split(","):
        name, _, parameters = each.partition(";")
        quality = QUALITY.search(parameters)
        liked.setdefault(name.strip(), float(quality[1]) if quality else 1.0)
    return max((name for name in liked if name in (NDJSON, SSE) and liked[name]), key=liked.__getitem__, default=NDJSON)


class _Seat:
    """A place among the streams of this process."""

    def __init__(self) -> None:
        try:
            hub.take_seat()
        except TooManyStreams as error:
            raise Unavailable("Too many answers are being written; try again.") from error
        self.is_taken = True

    def close(self) -> None:
        if self.is_taken:
            self.is_taken = False
            hub.leave_seat()


class _Body:
    """The stream; its seat is given back at the end, or when the client leaves."""

    def __init__(self, events: Callable[[], Iterator[Any]], kind: str, seat: _Seat | None) -> None:
        self.events, self.kind, self.seat = events, kind, seat

    def __iter__(self) -> Iterator[bytes]:
        release_connection()
        try:
            yield from framed(self.events(), self.kind)
        finally:
            self.close()

    def close(self) -> None:
        if self.seat:
            self.seat.close()
