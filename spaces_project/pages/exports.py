"""Every list as a download under its own address: ``/spaces/export.csv?<the list's filters>``.

A filter that cannot be read is left out of a page, which says so; a file cannot say so, and is refused instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from chats.filters import ChatFilter
from chats.models import Message
from chats.permissions import get_chat, visible_chats
from chats.resources import ChatResource, MessageResource
from memories.filtersets import MemoryFilter
from memories.filtersets_files import FileFilter
from memories.models import Chunk
from memories.permissions import visible_files, visible_memories
from memories.resources import ChunkResource, MemoryResource, with_folder_paths
from spaces.actors import Actor
from spaces.errors import InvalidInput
from spaces.filters import SpaceFilter
from spaces.filters_audit import AuditFilter
from spaces.filters_contacts import ContactFilter
from spaces.models import AuditEntry
from spaces.permissions import require, visible_contacts, visible_spaces
from spaces.requests import SpacesRequest
from spaces.resources import AuditResource, ContactResource, SpaceResource
from spaces_project.export_access import with_actor
from spaces_project.kit.exports import Resource, TooManyRows, export_response
from spaces_project.kit.pages import View

FORMATS = ("csv", "json", "jsonl", "xlsx")


@dataclass(frozen=True)
class Download:
    """A list that can be downloaded: ``rows(actor, query string)`` are those that its page would show."""

    name: str
    operation: str
    resource: Resource
    rows: Callable[[Actor, QueryDict], QuerySet[Any]]

    def response(self, actor: Actor, query: QueryDict, format: str, *, is_head: bool = False) -> HttpResponseBase:
        """The file, or what HEAD tells of it. ``order=asc``, ``take=n`` and ``raw=1`` (formulas unguarded) add to the
        list's filters.

        Raises InvalidInput for a filter that cannot be read and for a workbook that would be too large,
        NotAllowed for a key that may not read.
        """
        require(actor, self.operation)
        order: Literal["asc", "desc"] = "asc" if query.get("order") == "asc" else "desc"
        raw, take, rows = query.get("raw") == "1", _take(query.get("take", "")), self.rows(actor, query)
        try:
            return export_response(
                self.resource, rows, format, filename=self.name, order=order, take=take, raw=raw, is_head=is_head
            )
        except TooManyRows as error:
            raise InvalidInput(str(error)) from error


def _take(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not 0 < len(text) < 10:
        raise InvalidInput("“take” is the number of rows, such as take=100.")
    return max(int(text), 1)


def _shown(filterset: Any) -> QuerySet[Any]:
    """The rows that a list shows with these filters. Raises InvalidInput for those that cannot be read."""
    if complaints := filterset.complaints:
        raise InvalidInput(" ".join(complaints))
    rows: QuerySet[Any] = filterset.qs
    return rows


def space_rows(actor: Actor, query: QueryDict) -> QuerySet[Any]:
    return _shown(SpaceFilter(query, visible_spaces(actor).listed(), actor=actor))


def contact_rows(actor: Actor, query: QueryDict) -> QuerySet[Any]:
    return _shown(ContactFilter(query, visible_contacts(actor), actor=actor))


def chat_rows(actor: Actor, query: QueryDict) -> QuerySet[Any]:
    return _shown(ChatFilter(query, visible_chats(actor), actor=actor))


def message_rows(actor: Actor, query: QueryDict) -> QuerySet[Any]:
    """All messages of the chats that the list shows."""
    chats = chat_rows(actor, query).order_by().values("pk")
    rows: QuerySet[Any] = Message.objects.filter(account=actor.account, chat__in=chats)
    return rows


def memory_rows(actor: Actor, query: QueryDict) -> QuerySet[Any]:
    return _shown(MemoryFilter(query, visible_memories(actor), actor=actor))


def memory_rows_with_paths(actor: Actor, query: QueryDict) -> QuerySet[Any]:
    return with_folder_paths(actor, memory_rows(actor, query))  # type: ignore[no-any-return]


def file_rows(actor: Actor, query: QueryDict) -> QuerySet[Any]:
    """The files that the browser of folders shows, or with no folder named all of them."""
    return with_folder_paths(actor, _shown(FileFilter(query, visible_files(actor), actor=actor)))  # type: ignore[no-any-return]


def chunk_rows(actor: Actor, query: QueryDict) -> QuerySet[Any]:
    """All chunks of the memories that the list shows."""
    memories = memory_rows(actor, query).order_by().values("pk")
    rows: QuerySet[Any] = Chunk.objects.filter(account=actor.account, memory__in=memories)
    return rows


def audit_rows(actor: Actor, query: QueryDict) -> QuerySet[Any]:
    return _shown(AuditFilter(query, AuditEntry.objects.filter(account=actor.account), actor=actor))


SPACES = Download("spaces", "space.list", SpaceResource(), space_rows)
CONTACTS = Download("contacts", "contact.list", ContactResource(), contact_rows)
CHATS = Download("chats", "chat.list", ChatResource(), chat_rows)
MESSAGES = Download("messages", "chat.list", MessageResource(), message_rows)
MEMORIES = Download("memories", "memory.list", MemoryResource(), memory_rows_with_paths)
FILES = Download("files", "memory.list", MemoryResource(), file_rows)
CHUNKS = Download("chunks", "memory.list", ChunkResource(), chunk_rows)
AUDIT = Download("audit", "account.read", AuditResource(), audit_rows)
# what an export link may name, by the path that it keeps
DOWNLOADS = {
    "/spaces/export.csv": SPACES,
    "/contacts/export.csv": CONTACTS,
    "/chats/export.csv": CHATS,
    "/chats/messages/export.csv": MESSAGES,
    "/memories/export.csv": MEMORIES,
    "/files/export.csv": FILES,
    "/audit/export.csv": AUDIT,
}


def _answer(
    download: Download, request: SpacesRequest, format: str, query: QueryDict | None = None
) -> HttpResponseBase:
    if format not in FORMATS:
        raise Http404(format)
    return download.response(request.actor, query or request.GET, format, is_head=request.method == "HEAD")


def _view(download: Download) -> View:
    """The view of a list's address, for a person or a link."""

    def view(request: SpacesRequest, format: str) -> HttpResponseBase:
        return _answer(download, request, format)

    return require_safe(with_actor(view))


space_export = _view(SPACES)
contact_export = _view(CONTACTS)
chat_export = _view(CHATS)
message_export = _view(MESSAGES)
memory_export = _view(MEMORIES)
file_export = _view(FILES)
chunk_export = _view(CHUNKS)
audit_export = _view(AUDIT)


@require_safe
@with_actor
def chat_messages_export(request: SpacesRequest, pk: UUID, format: str) -> HttpResponseBase:
    """What was said in one chat, from its beginning unless ``order=desc`` asks otherwise."""
    chat = get_chat(request.actor, pk)
    query = request.GET.copy()
    query.setdefault("order", "asc")
    said = Message.objects.filter(account=chat.account_id, chat=chat)
    download = Download("messages", "chat.list", MessageResource(), lambda actor, query: said)
    return _answer(download, request, format, query)
