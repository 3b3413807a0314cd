"""From the body of content/upsert to what the files' own module understands, and its answer back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chats.files import place_in
from memories.files import Announced, Given, Place
from memories.models import MemoryVersion, Upload
from spaces.actors import Actor
from spaces.errors import InvalidInput, NotFound, TooLarge
from spaces.permissions import require
from spaces_project.kit import limits
from spaces_project.kit.ids import Prefix

from .addresses import Use, address, named_in
from .contents import content, key_of, owner
from .folders import named_folder
from .lookup import find_chat, find_space
from .shapes import Shape, moment, wire

MEMBERS = ("name", "description", "url", "mime_type")
KEEPING = "versioningEnabled"


def place_of(actor: Actor, body: Mapping[str, Any]) -> Place:
    """Where the file goes, if this actor may put one there: a folder by id or path, a chat, or (by its ``assistant_``
    id) a space. NotFound, NotAllowed; InvalidInput unless exactly one is named."""
    scope, chat = body.get("scopeId", ""), body.get("chatId", "")
    owner_id = body["input"].get("ownerId", "")
    if not scope and not chat and owner_id:  # as older clients say it
        scope, chat = ("", owner_id) if owner_id.startswith(Prefix.CHAT) else (owner_id, "")
    if bool(scope) == bool(chat):
        raise InvalidInput("scopeId: Give either scopeId or chatId.", field="scopeId")
    if chat:
        return place_in(actor, find_chat(actor, chat))
    if scope.startswith((Prefix.ASSISTANT, Prefix.SPACE)):
        space = find_space(actor, scope)
        require(actor, "space.upload", space)
        return Place(space)
    folder = named_folder(actor, *((None, scope) if scope.startswith("/") else (scope, None)))
    require(actor, "folder.write", folder)
    return Place(actor.account.default_space, folder=folder)  # type: ignore[union-attr]


def given_in(body: Mapping[str, Any]) -> Given:
    """What the body says of the file. TooLarge for one that could never be put."""
    said = body["input"]
    size = said.get("byteSize")
    if size is not None and size > limits.ORIGINAL_BYTES:
        raise TooLarge(f"A file may have {limits.ORIGINAL_BYTES // (1 << 20)} MiB.")
    return Given(
        key=said["key"],
        fields={name: said[name] for name in MEMBERS if name in said},
        meta=said.get("metadata", {}),
        configuration=said.get("ingestionConfig"),
        announced=size,
        preview_name=body.get("previewPdfFileName") or None,
        keep_versions=body.get(KEEPING, False),
    )


def upload_in(actor: Actor, body: Mapping[str, Any]) -> Upload | None:
    """The upload that ``fileUrl`` names; None when the file is only announced. InvalidInput, NotFound."""
    url = body.get("fileUrl") or body.get("readUrl")
    if not url:
        return None
    uploads = Upload.objects.of(actor.account).filter(pk=named_in(url))  # type: ignore[arg-type]
    upload: Upload | None = uploads.first()
    if upload is None:
        raise NotFound("fileUrl: There is no such file any more.")
    return upload


def announced(request: Any, by: Actor, it: Announced) -> Shape:
    """The content with the addresses of its file."""
    return {
        **content(it.memory),
        "writeUrl": address(request, by, Use.PUT, it.upload.pk),
        "readUrl": address(request, by, Use.GET, it.upload.pk),
        "pdfPreviewWriteUrl": address(request, by, Use.PUT, it.preview.pk) if it.preview else None,
    }


def version(it: MemoryVersion) -> Shape:
    """A version whose memory is read."""
    owner_type, owner_id = owner(it.memory)
    return {
        "id": it.wire_id,
        "object": "content_version",
        "contentId": it.memory.unique_id,
        "versionNumber": it.number,
        "reason": it.reason,
        "blobObjectKey": it.original,
        "key": it.key or key_of(it.memory),
        "title": it.name or None,
        "description": it.description or None,
        "url": it.url or None,
        "byteSize": it.byte_size,
        "mimeType": it.mime_type,
        "ownerType": owner_type,
        "ownerId": owner_id,
        "contentHash": it.original,
        "archivedAt": moment(it.created_at),
        "archivedBy": wire(Prefix.USER, it.archived_by),
        "originalCreatedAt": moment(it.written_at),
        "originalCreatedBy": wire(Prefix.USER, it.written_by),
        "createdBy": wire(Prefix.USER, it.archived_by),
    }
