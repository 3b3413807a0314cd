"""/content/search, /content/info, /content/infos and /content/{id}"""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest

from memories.filters.rules import WELL_KNOWN
from memories.models import Memory, State
from spaces.errors import Conflict
from spaces.permissions import require
from spaces_project.api.operations import Response
from spaces_project.api.unique import reading
from spaces_project.api.unique.base import Operations
from spaces_project.api.unique.contents import info, owner
from spaces_project.api.unique.lookup import find_chat, find_content, find_folder, find_space
from spaces_project.api.unique.serializers_reading import (
    INFOS_DEFAULT,
    ContentChange,
    ContentSearch,
    InfoQuestion,
    InfosQuestion,
)
from spaces_project.api.unique.where import condition
from spaces_project.kit import limits
from spaces_project.kit.ids import Prefix

NEXT = "X-Next-Skip"
STAYS = "A content does not become a file of a chat, or of another chat: upload it there."
MEMBERS = {"title": "name", "description": "description", "url": "url"}


class ContentOperations(Operations):
    def search(self, request: HttpRequest) -> Response:
        """A bare array, as the vendor's; where there is more, NEXT says from where."""
        require(self.actor, "memory.list")
        given = self.body(ContentSearch)
        memories = reading.readable(self.actor, reading.named_chat(self.actor, given))
        memories = memories.filter(condition(given.get("where", {})), self.failures(given))
        if "metadataFilter" in given:
            memories = reading.ruled(self.actor, memories, given["metadataFilter"])
        skip = given.get("skip", 0)
        take, chunk_skip = given.get("take", limits.CONTENTS_PER_ANSWER), given.get("chunkSkip", 0)
        found, has_more = reading.contents(memories, skip, take, chunk_skip)
        response = Response(found)
        if has_more:
            response[NEXT] = str(skip + len(found))
        return response

    def failures(self, given: dict[str, Any]) -> Q:
        return Q() if given.get("includeFailedContent") else ~Q(state=State.FAILED)

    def info(self, request: HttpRequest) -> Response:
        require(self.actor, "memory.list")
        given = self.body(InfoQuestion)
        memories = reading.readable(self.actor, reading.named_chat(self.actor, given))
        if given.get("contentId"):
            memories = reading.one(memories, given["contentId"])
        if given.get("filePath"):
            memories = reading.at_path(self.actor, memories, given["filePath"])
        if "metadataFilter" in given:
            memories = reading.ruled(self.actor, memories, given["metadataFilter"])
        found, total = reading.infos(memories, given, INFOS_DEFAULT)
        return Response({"object": "content-info", "contentInfo": found, "totalCount": total})

    def infos(self, request: HttpRequest) -> Response:
        require(self.actor, "memory.list")
        given = self.body(InfosQuestion)
        memories = reading.readable(self.actor)
        if given.get("parentId"):
            memories = memories.in_folder(find_folder(self.actor, given["parentId"]))
        if "metadataFilter" in given:
            memories = reading.ruled(self.actor, memories, given["metadataFilter"])
        found, total = reading.infos(memories, given, INFOS_DEFAULT)
        return Response({"object": "content-infos", "contentInfos": found, "totalCount": total})

    def modify(self, request: HttpRequest, content_id: str) -> Response:
        """Names in ``metadata`` that no metadata can claim are passed over: clients send back what they were told."""
        given = self.body(ContentChange)
        memory = find_content(self.actor, content_id, reading.named_chat(self.actor, given))
        require(self.actor, "memory.update", memory)
        fields = {MEMBERS[name]: value for name, value in given.items() if name in MEMBERS}
        own = {name: value for name, value in given.get("metadata", {}).items() if name not in WELL_KNOWN}
        memory.change(self.actor, merge_meta=own, **fields, **self.place(memory, given))
        return Response(info(memory))

    def place(self, memory: Memory, given: dict[str, Any]) -> dict[str, Any]:
        """Where it moves to, as the model's fields: into a folder or a space in which the actor may write."""
        target = given.get("ownerId", "")
        if not target or target == owner(memory)[1]:
            return {}
        if given.get("ownerType") == "CHAT" or target.startswith(Prefix.CHAT):
            find_chat(self.actor, target)
            raise Conflict(STAYS)
        if target.startswith((Prefix.ASSISTANT, Prefix.SPACE)):
            space = find_space(self.actor, target)
            require(self.actor, "space.upload", space)
            return {"space": space, "folder": None}
        folder = find_folder(self.actor, target)
        require(self.actor, "folder.write", folder)
        return {"folder": folder}

    def remove(self, request: HttpRequest, content_id: str) -> Response:
        chat = self.query.text("chatId")
        memory = find_content(self.actor, content_id, find_chat(self.actor, chat) if chat else None)
        require(self.actor, "memory.delete", memory)
        memory.remove(self.actor)
        return Response({"id": memory.unique_id})
