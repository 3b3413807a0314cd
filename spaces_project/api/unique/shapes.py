"""What answers say, as plain objects: messages and what hangs on them, chats, people. Nullable members are there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from chats.models import Assessment, Chat, Message, MessageLog, Reference, ShortTermMemory
from chats.models.chats import Role
from memories.models import FolderAccess
from spaces.models import Group, SpaceAccess, User
from spaces_project.kit.ids import Prefix, encode

Shape = dict[str, Any]
CHUNKS = "node-ingestion-chunks"


def moment(value: datetime | None) -> str | None:
    """ISO 8601 in UTC with milliseconds and Z."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if value else None


def wire(prefix: Prefix, pk: UUID | None) -> str | None:
    return encode(prefix, pk) if pk else None


# ------------------------------------------------------------------------ chats


def chat(it: Chat) -> Shape:
    return {"id": it.unique_id, "title": it.name, "createdAt": moment(it.created_at), "object": "chat"}


# --------------------------------------------------------------------- messages


def message(it: Message, chat_id: str, *, with_request: bool = True) -> Shape:
    """A message whose references and assessments are prefetched. A user's message has no times of an answer."""
    is_answer = it.role != Role.USER
    return {
        "id": it.wire_id,
        "object": "message",
        "chatId": chat_id,
        "text": it.shown_text or None,
        "originalText": it.original_text or None,
        "role": it.role.upper(),
        "debugInfo": it.debug_info,
        "gptRequest": it.gpt_request if with_request else None,
        "createdAt": moment(it.created_at),
        "updatedAt": moment(it.updated_at),
        "startedStreamingAt": moment(it.started_at) if is_answer else None,
        "stoppedStreamingAt": moment(it.stopped_at) if is_answer else None,
        "completedAt": moment(it.completed_at) if is_answer else None,
        "userAbortedAt": moment(it.aborted_at),
        "turnInterruptionReason": it.segment.get("turnInterruptionReason"),
        "previousMessageId": wire(Prefix.MESSAGE, it.answers_id),
        "segmentKind": it.segment.get("segmentKind"),
        "segmentIndex": it.segment.get("segmentIndex"),
        "responseTurnId": it.segment.get("responseTurnId"),
        "correlation": it.segment.get("correlation") or (it.request or {}).get("correlation"),
        "references": [reference(each) for each in sorted(it.references.all(), key=lambda each: each.number)],
        "assessment": [assessment(each, it.wire_id) for each in it.assessments.all()],
    }


def reference(it: Reference) -> Shape:
    first, last = (it.pages or [None, None])[:2]
    pages = f" : {','.join(map(str, range(first, last + 1)))}" if first and last and last - first < 100 else ""
    content = wire(Prefix.CONTENT, it.memory_id)
    return {
        "name": f"{it.name}{pages}",
        "description": it.description or None,
        "url": it.url or (f"unique://content/{content}" if content else None),
        "sequenceNumber": it.number,
        "originalIndex": it.original_index,
        "sourceId": it.source_id or _source_id(content, it.chunk_id),
        "source": it.source,
    }


def _source_id(content: str | None, chunk: UUID | None) -> str:
    parts = [content, f"chunk_{chunk.hex}" if chunk else None]
    return "_".join(part for part in parts if part)


def assessment(it: Assessment, message_id: str) -> Shape:
    maker = wire(Prefix.USER, it.created_by)
    return {
        "id": encode(Prefix.ASSESSMENT, it.pk),
        "object": "message-assessment",
        "messageId": message_id,
        "status": it.status,
        "type": it.type,
        "label": it.label or None,
        "title": it.title or None,
        "explanation": it.explanation or None,
        "isVisible": it.is_visible,
        "companyId": str(it.account_id),
        "userId": maker,
        "createdBy": maker,
        "createdAt": moment(it.created_at),
        "updatedAt": moment(it.updated_at),
    }


def log(it: MessageLog) -> Shape:
    return {
        "id": it.wire_id,
        "object": "message-log",
        "messageId": wire(Prefix.MESSAGE, it.message_id),
        "text": it.text,
        "status": it.status,
        "order": it.order,
        "details": it.details,
        "references": it.references,
        "uncitedReferences": it.uncited_references,
        "createdAt": moment(it.created_at),
        "updatedAt": moment(it.updated_at),
    }


def short_term_memory(it: ShortTermMemory) -> Shape:
    return {
        "id": it.wire_id,
        "object": "short-term-memory",
        "memoryName": it.name,
        "chatId": wire(Prefix.CHAT, it.chat_id),
        "messageId": wire(Prefix.MESSAGE, it.message_id),
        "data": it.data,
        "createdAt": moment(it.created_at),
        "updatedAt": moment(it.updated_at),
    }


# ----------------------------------------------------------------------- people


def user(it: User, *, with_email: bool) -> Shape:
    """A user; the name is split at its first blank, as the vendor has two."""
    first, _, last = it.name.partition(" ")
    return {
        "id": encode(Prefix.USER, it.pk),
        "object": "user",
        "externalId": it.external_id or None,
        "firstName": first,
        "lastName": last,
        "displayName": it.name or it.username,
        "userName": it.username,
        "email": it.email if with_email else "",
        "active": it.is_active,
        "createdAt": moment(it.created_at),
        "updatedAt": moment(it.created_at),
    }


def group(it: Group) -> Shape:
    return {
        "id": encode(Prefix.GROUP, it.pk),
        "object": "group",
        "name": it.name,
        "externalId": it.external_id or None,
        "parentId": None,
        "createdAt": moment(it.created_at),
        "updatedAt": moment(it.created_at),
    }


def access(it: SpaceAccess | FolderAccess) -> Shape:
    return {
        "id": encode(Prefix.ACCESS, it.pk),
        "entityId": wire(Prefix.USER, it.user_id) or wire(Prefix.GROUP, it.group_id),
        "entityType": "USER" if it.user_id else "GROUP",
        "type": it.level,
        "createdAt": moment(it.created_at),
    }
