"""/v1/memories:batch…: many at once, each with its own outcome."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from django.http import HttpRequest

from memories.models import Memory
from spaces.errors import InvalidInput, NotAuthenticated
from spaces.permissions import require
from spaces_project.api.errors import note
from spaces_project.api.goodmem import heavy
from spaces_project.api.goodmem.base import Operations
from spaces_project.api.goodmem.errors import error_body, status_of, understood
from spaces_project.api.goodmem.ids import uuid_of
from spaces_project.api.goodmem.memories import create_memory, delete_matching, found_space, own_memory, readable_memory
from spaces_project.api.goodmem.records import Record
from spaces_project.api.goodmem.records_memories import fitting, memory_record, memory_records
from spaces_project.api.goodmem.serializers_memories import (
    DeleteSelector,
    DeletionBody,
    MemoriesBody,
    MemoryBody,
    MemoryIdsBody,
)
from spaces_project.api.goodmem.uploads import Files, is_form, read_upload
from spaces_project.api.operations import Response
from spaces_project.api.strict_json import printable

from .memories import SPELLED


class BatchOperations(Operations):
    open_to_all: ClassVar[frozenset[str]] = frozenset({"fetch"})
    spelled: ClassVar[dict[str, str]] = SPELLED

    def create(self, request: HttpRequest) -> Response:
        """Of many, each names its file: none is taken for two memories, and none is left over."""

        def one(data: Any) -> Record:
            mine = files if len(given) == 1 or data.get("fileField") is not None else {}
            memory = create_memory(self.actor, self.checked(MemoryBody, data), mine, is_form=is_form(request))
            return {"success": True, "memory": memory_record(memory)}

        with read_upload(request, "requests") as (body, files):
            given = self.checked(MemoriesBody, body)["requests"]
            check_named(given, files)
            return answered([self.attempt(partial(one, each)) for each in given])

    def fetch(self, request: HttpRequest) -> Any:
        asked, reader = self.body(MemoryIdsBody), self.reader
        content, with_history = asked["includeContent"], asked["includeProcessingHistory"]
        told: list[Memory] = []

        def one(text: Any) -> Record:
            memory = readable_memory(reader, uuid_of(text, "memory", "memoryIds"))
            if content and fitting([*told, memory], reader) <= len(told):
                raise InvalidInput("The contents are too large for one answer; fetch this one by itself.")
            (record,) = memory_records([memory], reader, content=content, with_history=with_history)
            told.append(memory)
            return {"success": True, "memory": record}

        def all_() -> Response:
            results = [self.attempt(partial(one, each), named(each)) for each in asked["memoryIds"]]
            if reader is None and not told:
                raise NotAuthenticated()  # a key might open them
            return answered(results)

        return heavy.answer(all_, content=content)

    def delete_many(self, request: HttpRequest) -> Response:
        selectors = self.body(DeletionBody)["requests"]
        results = []
        for index, each in enumerate(selectors):
            told = {"requestIndex": index, "deletedCount": 0, **named(each.get("memoryId"))}
            results.append(self.attempt(partial(self.delete_one, each), told))
        total = sum(result["deletedCount"] for result in results)
        return answered(results, totalDeleted=total)

    def delete_one(self, data: Any) -> Record:
        selector = self.checked(DeleteSelector, data)
        if "memoryId" in selector:
            memory = own_memory(self.actor, selector["memoryId"])
            require(self.actor, "memory.delete", memory)
            memory.remove(self.actor)
            return {"success": True, "deletedCount": 1}
        which = selector["filterSelector"]
        space = found_space(self.actor, which["spaceId"])
        count = delete_matching(self.actor, space, which.get("statusFilter"), which.get("filter"))
        return {"success": True, "deletedCount": count}

    def attempt(self, action: Callable[[], Record], told: Record | None = None) -> Record:
        """The outcome of one of many; ``told`` is said either way."""
        try:
            return {**(told or {}), **action()}
        except Exception as exc:  # each stands for itself: what is wrong with one is its own outcome
            error = understood(exc, self.spell)
            note(error, exc, self.request.request_id)
            status = status_of(error)
            message = error_body(error, status)["error"]
            return {**(told or {}), "success": False, "error": {"code": status, "message": message}}


def check_named(given: list[dict[str, Any]], files: Files) -> None:
    """Raise InvalidInput for a file of a form that would belong to none of several memories."""
    fields = [each.get("fileField") for each in given]
    left = [name for name in files if name not in fields] if len(given) > 1 else []
    if left:
        raise InvalidInput(f"No fileField names the file {printable(left[0])}.", field="requests")


def named(text: Any) -> Record:
    """The id as it was given, where it is a text."""
    return {"memoryId": text} if isinstance(text, str) else {}


def answered(results: list[Record], **more: Any) -> Response:
    """200, or 207 when one of them failed."""
    is_whole = all(result["success"] for result in results)
    return Response({"results": results, **more}, status=200 if is_whole else 207)
