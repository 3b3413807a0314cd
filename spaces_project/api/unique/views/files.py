"""/content/upsert, /content/{id}/file, /content/{id}/ingestion-state and /content/…versions…"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from memories import ingestion
from memories.files import Mode, announce, finish, mode_of, restore
from memories.files.modes import ended
from memories.models import Memory, MemoryVersion, State
from spaces.errors import Conflict, InvalidInput, NotFound
from spaces.permissions import require
from spaces_project.api.downloads import Told, file_response
from spaces_project.api.operations import Response
from spaces_project.api.unique.addresses import Use, address
from spaces_project.api.unique.base import Operations
from spaces_project.api.unique.contents import info
from spaces_project.api.unique.lookup import find_chat, find_content, pk_of
from spaces_project.api.unique.serializers_writing import StateBody, UpsertBody, VersionRestore
from spaces_project.api.unique.states import AGAIN, DONE, FAILURES, WORDS
from spaces_project.api.unique.writing import announced, given_in, place_of, upload_in, version

TAKE, MOST = 50, 100
NO_VERSION = "Version not found"
OURS = "This file is ingested here: only the states of files that another program ingests can be set."


class _FileOperations(Operations):
    def memory(self, content_id: str, chat_id: str | None) -> Memory:
        """The content; a file of a chat only when that chat is named. NotFound."""
        return find_content(self.actor, content_id, find_chat(self.actor, chat_id) if chat_id else None)

    def version(self, version_id: str, chat_id: str | None) -> MemoryVersion:
        """The version of a content that may be read. NotFound."""
        versions = MemoryVersion.objects.of(self.account).select_related("memory")
        found = versions.filter(pk=pk_of(version_id, NO_VERSION)).first()
        if found is None:
            raise NotFound(NO_VERSION)
        try:
            found.memory = self.memory(found.memory.unique_id, chat_id)
        except NotFound as error:
            raise NotFound(NO_VERSION) from error
        return found


class FileOperations(_FileOperations):
    def upsert(self, request: HttpRequest) -> Response:
        body = self.body(UpsertBody)
        place, given, upload = place_of(self.actor, body), given_in(body), upload_in(self.actor, body)
        it = announce(self.actor, place, given) if upload is None else finish(self.actor, place, given, upload)
        return Response(announced(request, self.actor, it), status=201)

    def download(self, request: HttpRequest, content_id: str) -> HttpResponseBase:
        require(self.actor, "memory.list")
        memory = self.memory(content_id, self.query.text("chatId"))
        told = Told(memory.mime_type, memory.name if "." in memory.name else memory.key or memory.name)
        return file_response(memory, told, request.headers, is_head=False)

    def state(self, request: HttpRequest, content_id: str) -> Response:
        body = self.body(StateBody)
        memory = self.memory(content_id, body.get("chatId") or None)
        require(self.actor, "memory.update", memory)
        self.enter(memory, body["ingestionState"])
        return Response(info(memory))

    def enter(self, memory: Memory, word: str) -> None:
        """Bring the memory into the state of this word, or raise why that cannot be."""
        if word not in WORDS:
            raise InvalidInput("ingestionState: There is no such state.", field="ingestionState")
        is_elsewhere = mode_of(memory.configuration, memory.mime_type) == Mode.ELSEWHERE
        if word in AGAIN and not is_elsewhere:
            ingestion.again(self.actor, memory)
        elif is_elsewhere and not memory.original:
            raise Conflict("It has no file yet.")
        elif is_elsewhere and word == DONE:
            ended(self.actor, memory)
        elif is_elsewhere and word in FAILURES:
            ended(self.actor, memory, failure_code=word)
        elif not is_elsewhere and not (word == DONE and memory.state == State.COMPLETED):
            raise Conflict(OURS)


class VersionOperations(_FileOperations):
    def list(self, request: HttpRequest, content_id: str) -> Response:
        require(self.actor, "memory.list")
        window = self.query.window(TAKE, MOST)
        memory = self.memory(content_id, self.query.text("chatId"))
        rows = MemoryVersion.objects.of(self.account).filter(memory=memory).order_by("-number")[window]
        return Response({"object": "content_versions", "data": [version(self.of(memory, row)) for row in rows]})

    def of(self, memory: Memory, row: Any) -> MemoryVersion:
        row.memory = memory
        return row  # type: ignore[no-any-return]

    def address(self, request: HttpRequest, version_id: str) -> Response:
        require(self.actor, "memory.list")
        it = self.version(version_id, self.query.text("chatId"))
        url = address(request, self.actor, Use.VERSION, it.pk)
        return Response({"id": it.wire_id, "object": "content_version_download_url", "url": url})

    def restore(self, request: HttpRequest, version_id: str) -> Response:
        it = self.version(version_id, self.body(VersionRestore).get("chatId") or None)
        require(self.actor, "memory.update", it.memory)
        restore(self.actor, it.memory, it)
        return Response(info(it.memory), status=201)
