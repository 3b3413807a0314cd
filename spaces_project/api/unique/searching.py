"""The vendor's search: passages of folder files, and of the files of a chat, as search hits.

Memories of spaces are not folder content: spaces search those, not this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Case, Q, Value, When

from chats.models import Chat
from memories.models import Memory, Reranker
from memories.retrieval import Found, Merge, Mode, Passage, Query, search
from spaces.actors import Actor
from spaces.errors import Conflict, InvalidInput
from spaces.permissions import require
from spaces_project.api.errors import Unavailable
from spaces_project.kit import limits
from spaces_project.kit.ids import InvalidId, decode_any

from .contents import NO_PAGE, chunk_id, key_of, metadata
from .reading import named_chat, rule_of
from .shapes import Shape, moment

MODES = {
    "VECTOR": Mode.VECTOR,
    "COMBINED": Mode.COMBINED,
    "FULL_TEXT": Mode.FULL_TEXT,
    "POSTGRES_FULL_TEXT": Mode.FULL_TEXT,
}
LIMIT = 20
MOST_PAGES = 100  # that a key tells
LOOKED_AT = 200  # at least: so that the pages of one search are parts of one order
TEMPORARY = frozenset({"EMBEDDER_UNAVAILABLE", "EMBEDDER_TIMEOUT", "RATE_LIMITED"})


def hits(actor: Actor, given: Mapping[str, Any]) -> list[Shape]:
    """What a SearchBody finds, best first.

    Raises NotFound for the chat, InvalidFilter, InvalidInput for an unknown reranker, NotAllowed where this key may
    call none; Conflict and Unavailable when nothing could be searched.
    """
    chat = named_chat(actor, given)
    size, page = given.get("limit", LIMIT), max(given.get("page", 1), 1)
    first = (page - 1) * size
    most = min(max(first + size, LOOKED_AT), limits.RETRIEVED_CHUNKS)
    found = search(actor, [], _query(actor, given, chat, most), source="unique")
    _check(found)
    return _told(actor, found[first : first + size], with_scores=given.get("includeScores", False))


def _query(actor: Actor, given: Mapping[str, Any], chat: Chat | None, most: int) -> Query:
    mode, least = MODES[given["searchType"]], given.get("scoreThreshold") or None
    rules = [rule_of(actor, given["metaDataFilter"], "metaDataFilter")] if "metaDataFilter" in given else []
    if given.get("chatOnly") and chat is None:
        raise InvalidInput("chatId: Which chat?", field="chatId")
    return Query(
        given["searchString"],
        limit=most,
        rules=rules,
        rules_bind_chat=True,
        chat=chat.pk if chat else None,
        chat_only=given.get("chatOnly", False),
        folders=True,
        folder_ids=_pks(given.get("scopeIds")),
        memory_ids=_pks(given.get("contentIds")),
        mode=mode,
        merge=Merge[given.get("mergeStrategy", "RRF")],
        min_score=least if mode == Mode.FULL_TEXT else None,
        min_similarity=least if mode != Mode.FULL_TEXT else None,
        reranker=_reranker(actor, given["reranker"]["deploymentName"]) if "reranker" in given else None,
    )


def _pks(texts: Sequence[str] | None) -> list[UUID] | None:
    """What the ids spell; what is no id is found nowhere. None for all."""
    return None if texts is None else [pk for text in texts if (pk := _pk(text)) is not None]


def _pk(text: str) -> UUID | None:
    try:
        return decode_any(text)
    except InvalidId:
        return None


def _reranker(actor: Actor, name: str) -> Reranker:
    """One of the account's by its name or its model's; by its name before the others."""
    require(actor, "model.use")
    named = Q(name__iexact=name) | Q(model_identifier__iexact=name)
    first = Case(When(name__iexact=name, then=Value(0)), default=Value(1))
    found = Reranker.objects.of(actor.account).filter(named).order_by(first, "created_at", "id").first()  # type: ignore[arg-type]
    if found is None:
        raise InvalidInput("reranker.deploymentName: There is no such reranker.", field="reranker")
    return found


def _check(found: Found) -> None:
    """Nothing found because an embedder failed is not the same as nothing there."""
    if found or not found.problems:
        return
    problem = found.problems[0]
    sentence = f"The contents could not be searched. {problem.message}"
    raise Unavailable(sentence) if problem.code in TEMPORARY else Conflict(sentence)


def _told(actor: Actor, passages: Sequence[Passage], *, with_scores: bool) -> list[Shape]:
    pks = {each.memory_id for each in passages}
    memories = Memory.objects.of(actor.account).select_related("folder").in_bulk(pks)
    return [
        _hit(each, memories[each.memory_id], with_score=with_scores) for each in passages if each.memory_id in memories
    ]


def _hit(passage: Passage, memory: Memory, *, with_score: bool) -> Shape:
    first, last = passage.pages or (NO_PAGE, NO_PAGE)
    hit = {
        "object": "search.search",
        "id": memory.unique_id,
        "chunkId": chunk_id(passage.chunk_id),
        "text": passage.text,
        "url": memory.url or None,
        "title": memory.name or None,
        "key": with_pages(key_of(memory), passage.pages),
        "metadata": metadata(memory),
        "order": passage.order,
        "startPage": first,
        "endPage": last,
        "internallyStoredAt": moment(memory.completed_at),
        "createdAt": moment(memory.created_at),
        "updatedAt": moment(memory.updated_at),
    }
    return {**hit, "score": passage.score} if with_score else hit


def with_pages(name: str, pages: tuple[int, int] | None) -> str:
    """``doc.pdf : 5,6``, as the vendor writes where in a document something is."""
    if pages is None or pages[1] - pages[0] >= MOST_PAGES:
        return name
    return f"{name} : {','.join(map(str, range(pages[0], pages[1] + 1)))}"
