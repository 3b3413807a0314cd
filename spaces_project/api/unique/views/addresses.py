"""/ingestion/upload and /ingestion/read: signed addresses, which need no key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from chats.permissions import get_chat
from memories.files import receive
from memories.models import Memory, MemoryVersion, Upload
from memories.models.versions import Purpose
from memories.permissions import get_memory
from spaces.actors import Actor
from spaces.errors import NotFound
from spaces_project.api.downloads import Told, file_response
from spaces_project.api.errors import MethodNotAllowed
from spaces_project.api.unique.addresses import Opened, Use, check, opened
from spaces_project.kit import limits

BLOCK = 1 << 18
GONE = "There is no such file any more."
READING = ("GET", "HEAD")
# Clients may be told to rewrite all of an address but its key: under any name of the dialect it takes whole files.
UPLOADS = frozenset(f"/public/{name}ingestion/upload" for name in ("", "chat/", "chat-gen2/"))


def body_bytes(request: Any) -> int:
    """How large the body of this request may be. NotAllowed, before anything of it is read, for what is to be put to an
    address that is none of ours or whose time is over."""
    if request.method != "PUT" or request.path_info not in UPLOADS:
        return limits.JSON_BODY_BYTES
    check(request.GET.get("key", ""), (Use.PUT,))
    return limits.ORIGINAL_BYTES


@csrf_exempt
def upload(request: HttpRequest) -> HttpResponse:
    """PUT the file that was announced. Any Content-Type: what counts is what was announced."""
    if request.method != "PUT":
        raise MethodNotAllowed()
    it = _opened(request, Use.PUT)
    row = _upload(it)
    declared = request.META.get("CONTENT_LENGTH") or "0"
    receive(it.actor, row, _blocks(request), int(declared) if declared.isdigit() else None)
    return HttpResponse(status=201)


@csrf_exempt
def read(request: HttpRequest) -> HttpResponseBase:
    """The file that came to an upload, or a version."""
    if request.method not in READING:
        raise MethodNotAllowed()
    it = _opened(request, Use.GET, Use.VERSION)
    row, told = _version(it) if it.use == Use.VERSION else _came(it)
    is_head = request.method == "HEAD"
    response = file_response(row, told, request.headers, is_head=is_head, missing="It has not come yet.")
    response["Cache-Control"] = "private, no-store"  # the address is a secret that ends
    return response


def _opened(request: Any, *uses: Use) -> Opened:
    return opened(request.GET.get("key", ""), uses, {"address": request.address, "request_id": request.request_id})


def _blocks(request: HttpRequest) -> Iterator[bytes]:
    while block := request.read(BLOCK):
        yield block


def _upload(it: Opened) -> Upload:
    rows = Upload.objects.of(it.actor.account).select_related(  # type: ignore[arg-type]
        "memory__folder", "memory__space__account", "memory__chat__space"
    )
    row = rows.filter(pk=it.pk).first()
    if row is None:
        raise NotFound(GONE)
    return row


def _came(it: Opened) -> tuple[Upload, Told]:
    row = _upload(it)
    _check_readable(it.actor, row.memory)
    is_preview = row.purpose == Purpose.PREVIEW
    return row, Told("application/pdf" if is_preview else row.memory.mime_type, row.memory.key or row.memory.name)


def _version(it: Opened) -> tuple[MemoryVersion, Told]:
    rows = MemoryVersion.objects.of(it.actor.account).select_related("memory")  # type: ignore[arg-type]
    row = rows.filter(pk=it.pk).first()
    if row is None:
        raise NotFound(GONE)
    _check_readable(it.actor, row.memory)
    return row, Told(row.mime_type, row.key or row.name)


def _check_readable(actor: Actor, memory: Memory) -> None:
    """Who the address was made for may still read the memory; else NotFound."""
    try:
        if memory.chat_id is not None:
            get_chat(actor, memory.chat_id)
        else:
            get_memory(actor, memory.pk)
    except NotFound as error:
        raise NotFound(GONE) from error
