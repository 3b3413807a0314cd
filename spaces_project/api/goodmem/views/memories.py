"""/v1/memories and /v1/spaces/{id}/memories"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from memories.models import Memory
from spaces.errors import NotFound
from spaces.permissions import readable_space, require
from spaces_project.api.downloads import Told, file_response
from spaces_project.api.goodmem import heavy
from spaces_project.api.goodmem.base import Operations, nothing
from spaces_project.api.goodmem.ids import uuid_of
from spaces_project.api.goodmem.memories import create_memory, matching, own_memory, readable_memory
from spaces_project.api.goodmem.records_memories import fitting, memory_record, memory_records
from spaces_project.api.goodmem.serializers_memories import STATUSES, MemoryBody
from spaces_project.api.goodmem.tokens import Listing
from spaces_project.api.goodmem.uploads import is_form, read_upload
from spaces_project.api.operations import Response
from spaces_project.kit.cursors import Keyset

TAKE, MOST = 50, 500
COLUMNS = {
    "created_at": "created_at",
    "created_time": "created_at",
    "updated_at": "updated_at",
    "updated_time": "updated_at",
    "content_type": "mime_type",
    "processing_status": "state",
}
SPELLED = {
    "id": "memoryId",
    "meta": "metadata",
    "mime_type": "contentType",
    "original_ref": "originalContentRef",
    "chunking": "chunkingConfig",
}


class MemoryOperations(Operations):
    open_to_all: ClassVar[frozenset[str]] = frozenset({"list", "fetch", "content", "pages", "page_image"})
    spelled: ClassVar[dict[str, str]] = SPELLED

    def create(self, request: HttpRequest) -> Response:
        with read_upload(request, "request") as (data, files):
            given = self.checked(MemoryBody, data)
            memory = create_memory(self.actor, given, files, is_form=is_form(request))
        return Response(memory_record(memory), status=201)

    def list(self, request: HttpRequest, space_id: str) -> Any:
        space = readable_space(self.reader, uuid_of(space_id, "space", "spaceId"))
        column = COLUMNS[self.query.choice("sortBy", COLUMNS, "created_at")]
        status, text = self.query.choice("statusFilter", STATUSES), self.query.text("filter")
        rows = matching(Memory.objects.of(space.account_id).in_space(space), status, text)
        filters = {"space": str(space.pk), "status": status, "filter": text}
        listing = Listing("memories", Keyset(column, self.query.descends()), filters, self.reader)
        page, token = listing.page(rows, self.query, TAKE, MOST)
        if self.extras["content"] and (fits := fitting(page, self.reader)) < len(page):
            page, last = page[:fits], page[fits - 1]
            token = listing.token((last.sort_value, last.pk))
        return self.told(page, lambda records: {"memories": records, "nextToken": token})

    def fetch(self, request: HttpRequest, memory_id: str) -> Any:
        return self.told([self.readable(memory_id)], lambda records: records[0])

    def told(self, memories: Sequence[Memory], form: Callable[[Any], Any]) -> Any:
        """These memories with what is asked for of them, in this form."""

        def made() -> Response:
            return Response(form(memory_records(memories, self.reader, **self.extras)))

        return heavy.answer(made, content=self.extras["content"])

    def content(self, request: HttpRequest, memory_id: str) -> HttpResponseBase:
        memory, is_head = self.readable(memory_id), request.method == "HEAD"
        told, missing = Told(memory.mime_type), "The memory has no content."
        return file_response(memory, told, request.headers, is_head=is_head, missing=missing)

    def remove(self, request: HttpRequest, memory_id: str) -> HttpResponse:
        memory = own_memory(self.actor, uuid_of(memory_id, "memory"))
        require(self.actor, "memory.delete", memory)
        memory.remove(self.actor)
        return nothing()

    def pages(self, request: HttpRequest, memory_id: str) -> Response:
        """No images are made of pages."""
        self.readable(memory_id)
        return Response({"pageImages": [], "nextToken": None})

    def page_image(self, request: HttpRequest, memory_id: str, page_index: str) -> HttpResponseBase:
        self.readable(memory_id)
        raise NotFound("There are no images of pages.")

    def readable(self, text: str) -> Memory:
        return readable_memory(self.reader, uuid_of(text, "memory"))

    @cached_property
    def extras(self) -> dict[str, bool]:
        """Whether files and the history of processing are asked for."""
        return {
            "content": self.query.flag("includeContent"),
            "with_history": self.query.flag("includeProcessingHistory"),
        }
