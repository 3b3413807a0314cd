"""What other systems are told of files, in Unique's words."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from spaces.models.webhooks import Event
from spaces.webhooks import About, emit, is_awaited
from spaces_project.kit import ids
from spaces_project.kit.ids import Prefix

from .models import Memory


def tell_uploaded(memory: Memory) -> None:
    """Its file is there, a new one or in place of another. In the transaction that names the file."""
    emit(Event.UPLOADED, _about(memory), lambda: _content(memory))


def tell_finished(account: UUID, pk: UUID) -> None:
    """It can be found, or it failed for good. In the transaction that says so."""
    memory = Memory.objects.of(account).filter(pk=pk).first() if is_awaited(Event.FINISHED, account) else None
    if memory is not None:
        emit(Event.FINISHED, _about(memory), lambda: _finished(memory))


def _about(memory: Memory) -> About:
    """Each generation of a memory has events of its own."""
    return About(memory.account_id, memory.pk, memory.space_id, memory.created_by, str(memory.generation))


def _content(memory: Memory) -> dict[str, Any]:
    kind, owner = _owner(memory)
    return {
        "contentId": memory.unique_id,
        "key": memory.key or memory.name or memory.unique_id,
        "title": memory.name or None,
        "url": memory.url or None,
        "mimeType": memory.mime_type,
        "byteSize": memory.byte_size,
        "ownerType": kind,
        "ownerId": owner,
    }


def _finished(memory: Memory) -> dict[str, Any]:
    is_ok = not memory.failure_code
    return {
        **_content(memory),
        "ingestionState": "FINISHED" if is_ok else "FAILED",
        "failureCode": memory.failure_code or None,
        "failure": memory.failure or None,
        "chunkCount": memory.chunk_count if is_ok else 0,
    }


def _owner(memory: Memory) -> tuple[str, str]:
    """A folder's file is the folder's, a chat's the chat's, any other memory its space's."""
    if memory.folder_id is not None:
        return "SCOPE", ids.encode(Prefix.SCOPE, memory.folder_id)
    if memory.chat_id is not None:
        return "CHAT", ids.encode(Prefix.CHAT, memory.chat_id)
    return "COMPANY", ids.encode(Prefix.ASSISTANT, memory.space_id)
