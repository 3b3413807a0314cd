"""memory/…, and the memories of contacts and bots."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from memories.models import Memory
from memories.permissions import visible_memories
from memories.texts import add_text, replace_text
from spaces.models import Space
from spaces.permissions import require
from spaces_project.api.chatbotkit.base import Operations, only_id
from spaces_project.api.chatbotkit.lists import Listing, exported, listed
from spaces_project.api.chatbotkit.lookup import find_contact, find_memory, find_space, memories_named
from spaces_project.api.chatbotkit.memory_search import best_memories
from spaces_project.api.chatbotkit.records import one
from spaces_project.api.chatbotkit.records_memories import MemoryExport, MemoryRecord
from spaces_project.api.chatbotkit.serializers import Nothing
from spaces_project.api.chatbotkit.serializers_memories import ContactSearch, MemoryFields, MemorySearch, NewMemory
from spaces_project.api.chatbotkit.writes import for_change, for_create, resolve_contact
from spaces_project.api.operations import Response


class MemoryOperations(Operations):
    def create(self, request: HttpRequest) -> Response:
        fields = for_create(self.body(NewMemory))
        space = self.space(fields.pop("space", ""))
        require(self.actor, "space.upload", space)
        with transaction.atomic():  # a contact made for a memory that then fails is not kept
            memory = add_text(self.actor, space, **resolve_contact(self.actor, fields))
        return only_id(memory)

    def space(self, named: str) -> Space:
        """The space of this id or ``@alias``; the account's default space for none."""
        return find_space(self.actor, named) if named else self.account.default_space

    def fetch(self, request: HttpRequest, memory_id: str) -> HttpResponse:
        require(self.actor, "memory.list")
        return one(MemoryRecord(self.account.pk), memories_named(self.actor, memory_id), "Memory not found")

    def update(self, request: HttpRequest, memory_id: str) -> Response:
        memory = find_memory(self.actor, memory_id)
        require(self.actor, "memory.update", memory)
        fields = for_change(self.body(MemoryFields))
        if "space" in fields:
            fields["space"] = self.space(fields["space"])
            require(self.actor, "space.upload", fields["space"])
        with transaction.atomic():
            self.write(memory, **resolve_contact(self.actor, fields))
        return only_id(memory)

    def write(self, memory: Memory, text: str | None = None, **fields: Any) -> None:
        """A new text is ingested; the same one is not."""
        if text is None or text == self.rows().with_text().get(pk=memory.pk).text:
            memory.change(self.actor, **fields)
        else:
            replace_text(self.actor, memory, text, **fields)

    def delete(self, request: HttpRequest, memory_id: str) -> Response:
        memory = find_memory(self.actor, memory_id)
        require(self.actor, "memory.delete", memory)
        self.body(Nothing)
        memory.remove(self.actor)
        return only_id(memory)

    def rows(self) -> Any:
        require(self.actor, "memory.list")
        return visible_memories(self.actor)

    def list(self, request: HttpRequest) -> HttpResponseBase:
        return listed(Listing.of(self, self.rows(), MemoryRecord))

    def export(self, request: HttpRequest) -> HttpResponseBase:
        return exported(Listing.of(self, self.rows(), MemoryExport), "memories", lines="items")

    def search(self, request: HttpRequest) -> Response:
        asked = self.body(MemorySearch)
        contact = find_contact(self.actor, asked["contact"]) if asked.get("contact") else None
        return self.found(asked, contact=contact, bot_id=asked.get("bot_id", ""))

    def list_of_contact(self, request: HttpRequest, contact_id: str) -> HttpResponseBase:
        contact = find_contact(self.actor, contact_id)
        return listed(Listing.of(self, self.rows().for_contact(contact), MemoryRecord))

    def search_of_contact(self, request: HttpRequest, contact_id: str) -> Response:
        contact = find_contact(self.actor, contact_id)
        return self.found(self.body(ContactSearch), contact=contact)

    def search_of_bot(self, request: HttpRequest, bot_id: str) -> Response:
        return self.found(self.body(ContactSearch), bot_id=bot_id)

    def found(self, asked: dict[str, Any], **narrow: Any) -> Response:
        require(self.actor, "memory.list")
        space = find_space(self.actor, asked["space"]) if asked.get("space") else None
        return Response({"items": best_memories(self.actor, asked["search"], space, **narrow)})
