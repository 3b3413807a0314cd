"""/v1/memories:retrieve"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from spaces.permissions import require
from spaces_project.api.goodmem.base import Operations
from spaces_project.api.goodmem.errors import InvalidFields, understood
from spaces_project.api.goodmem.events import hits
from spaces_project.api.goodmem.replies import reply
from spaces_project.api.goodmem.retrieval import Retrieved, retrieve
from spaces_project.api.goodmem.serializers_retrieve import CHAT, ChatConfig, RetrieveBody, as_body
from spaces_project.api.goodmem.streams import streamed

CONFIG = "postProcessor.config"


class RetrieveOperations(Operations):
    def search(self, request: HttpRequest) -> HttpResponseBase:
        return self.answer(self.body(RetrieveBody))

    def search_by_query(self, request: HttpRequest) -> HttpResponseBase:
        return self.answer(self.checked(RetrieveBody, as_body(self.query)))

    def answer(self, given: dict[str, Any]) -> HttpResponseBase:
        """Everything that may be refused is, before the stream begins; then it tells what went wrong itself."""
        require(self.actor, "memory.list")
        found = retrieve(self.actor, given, self.config(given))
        waits = bool(found.chat and found.chat.llm)  # for a language model
        return streamed(self.request, partial(events, found), needs_seat=waits)

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


def events(found: Retrieved) -> Iterator[Any]:
    """What was found, and what a language model makes of it."""
    yield from hits(found)
    yield from reply(found)
