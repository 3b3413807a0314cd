"""/v1/memories:retrieve"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from chats.watching import TooManyStreams, hub
from spaces.permissions import require
from spaces_project.api.errors import Unavailable
from spaces_project.api.goodmem.base import Operations
from spaces_project.api.goodmem.errors import InvalidFields, understood
from spaces_project.api.goodmem.events import NDJSON, SSE, framed, hits
from spaces_project.api.goodmem.replies import reply
from spaces_project.api.goodmem.retrieval import Retrieved, retrieve
from spaces_project.api.goodmem.serializers_retrieve import CHAT, ChatConfig, RetrieveBody, as_body
from spaces_project.kit.exports import release_connection

CONFIG = "postProcessor.config"


class RetrieveOperations(Operations):
    def search(self, request: Request) -> HttpResponseBase:
        return self.streamed(self.body(RetrieveBody))

    def search_by_query(self, request: Request) -> HttpResponseBase:
        return self.streamed(self.checked(RetrieveBody, as_body(self.query)))

    def streamed(self, given: dict[str, Any]) -> HttpResponseBase:
        """Everything that may be refused is, before the stream begins; then it tells what went wrong itself."""
        require(self.actor, "memory.list")
        found = retrieve(self.actor, given, self.config(given))
        seat = _Seat() if found.chat and found.chat.llm else None
        kind = SSE if SSE in self.request.headers.get("Accept", "").lower() else NDJSON
        response = StreamingHttpResponse(_Body(found, kind, seat), content_type=f"{kind}; charset=utf-8")
        response["Cache-Control"] = "no-store"
        response["X-Accel-Buffering"] = "no"  # a proxy before us passes each event on at once
        return response

    def config(self, given: dict[str, Any]) -> dict[str, Any]:
        """The post-processor's configuration. Its complaints name where it is."""
        processor = given.get("postProcessor")
        known = processor["config"] if processor and processor["name"] == CHAT else {}
        try:
            return self.checked(ChatConfig, {name: value for name, value in known.items() if value is not None})
        except Exception as exc:
            error = understood(exc, str)
            if isinstance(error, InvalidFields):
                raise InvalidFields([(f"{CONFIG}.{field}", text) for field, text in error.complaints]) from exc
            raise


class _Seat:
    """A place among the streams of this process, for one that waits for a language model."""

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

    def __init__(self, found: Retrieved, kind: str, seat: _Seat | None) -> None:
        self.found, self.kind, self.seat = found, kind, seat

    def __iter__(self) -> Iterator[bytes]:
        release_connection()
        try:
            yield from framed(self.events(), self.kind)
        finally:
            self.close()

    def events(self) -> Iterator[Any]:
        yield from hits(self.found)
        yield from reply(self.found)

    def close(self) -> None:
        if self.seat:
            self.seat.close()
