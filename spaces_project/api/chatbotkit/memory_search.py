"""Searching memories as ChatBotKit does: at most ten, each once, the best first."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from memories.models import Memory
from memories.permissions import visible_memories
from memories.retrieval import Place, Query, search
from spaces.actors import Actor
from spaces.models import Contact, Space
from spaces.permissions import visible_spaces
from spaces_project.kit import limits

MOST = 10
PASSAGES = 50  # enough for ten memories, of which some are found by several passages


def best_memories(
    actor: Actor, question: str, space: Space | None, contact: Contact | None = None, bot_id: str = ""
) -> list[dict[str, Any]]:
    """``{"id", "text", "meta"}`` of what answers the question best: in one space or in all, of this contact and bot
    if one is named. A long memory is told by its best passage."""
    narrow: dict[str, Any] = {"contact": contact} if contact else {}
    if bot_id:
        narrow["bot_id"] = bot_id
    found = _found(actor, question, space, narrow) if question.strip() else {}
    memories = visible_memories(actor).with_text().in_bulk(list(found))
    return [_told(memories[pk], passage) for pk, passage in found.items() if pk in memories]


def _found(actor: Actor, question: str, space: Space | None, narrow: dict[str, Any]) -> dict[UUID, str]:
    """The best passage of each of the best memories, in order. Of a bot's memories the newest BULK_ROWS count."""
    ids: list[UUID] | None = None
    if "bot_id" in narrow:
        rows = visible_memories(actor).completed().filter(**narrow).order_by("-created_at", "-id")
        ids = list(rows.values_list("pk", flat=True)[: limits.BULK_ROWS])
    spaces = [space] if space else list(_spaces(actor, narrow).newest_first()[: limits.RETRIEVED_SPACES])
    if not spaces or ids == []:
        return {}
    contact = narrow["contact"].pk if "contact" in narrow else None
    best: dict[UUID, str] = {}
    query = Query(question, limit=PASSAGES, contact=contact, memory_ids=ids)
    for passage in search(actor, [Place(each) for each in spaces], query, source="chatbotkit"):
        best.setdefault(passage.memory_id, passage.text)
    return dict(list(best.items())[:MOST])


def _spaces(actor: Actor, narrow: dict[str, Any]) -> Any:
    """The spaces that hold such memories."""
    held = Memory.objects.filter(account=OuterRef("account"), space=OuterRef("pk"), **narrow).shared().completed()
    return visible_spaces(actor).select_related("account").filter(Exists(held))


def _told(memory: Memory, passage: str) -> dict[str, Any]:
    text = memory.text if len(memory.text) <= limits.QUOTE_CHARS else passage
    return {"id": memory.wire_id, "text": text, "meta": memory.meta}
