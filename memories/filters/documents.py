"""A memory as rules see it: its metadata, and the names of its own that no metadata can claim.

The same document as JSON is what the Unique dialect shows as ``metadata``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from spaces_project.kit.ids import Prefix, encode

from .evaluator import Document, document
from .folders import PREFIX

if TYPE_CHECKING:
    from memories.models import Memory


def folder_id_path(path: Sequence[UUID]) -> str:
    """``uniquepathid://scope_root/…/scope_leaf`` of the ids from the root down."""
    return PREFIX + "/".join(encode(Prefix.SCOPE, pk) for pk in path)


def well_known(memory: Memory) -> dict[str, Any]:
    """Its own names with their texts, None for what it has not. Its folder is read, if it has one."""
    folder = memory.folder
    return {
        "key": memory.key or None,
        "url": memory.url or None,
        "title": memory.name or None,
        "mimeType": memory.mime_type or None,
        "folderId": encode(Prefix.SCOPE, folder.pk) if folder else None,
        "folderIdPath": folder_id_path(folder.path) if folder else None,
        "contentId": memory.unique_id,
        "createdAt": moment(memory.created_at),
        "updatedAt": moment(memory.updated_at),
    }


def document_of(memory: Memory) -> Document:
    """What a rule is held against."""
    return document(memory.meta, well_known(memory))


def moment(value: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, as on the wire."""
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
