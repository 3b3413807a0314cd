"""Why a chunk, or a memory, was not among the passages of a search; or where it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from memories.embedders.base import EmbeddingFailed, Purpose
from memories.models import Chunk, Embedding, Memory, State
from memories.permissions import visible_memories
from memories.vectors import literal
from spaces.actors import Actor
from spaces_project.kit.sealed import CannotUnseal

from .containers import Container, containers
from .search import run
from .types import Found, Mode, Place, Query


@dataclass(frozen=True)
class Reason:
    """One sentence, and a code for programs.

    ``code``: found, unknown, other_container, not_completed, disabled, filtered, no_vector, no_words,
    below_threshold, beyond_limit, embedder_failed. ``rank`` counts from 1 among all that the search may find,
    ``score`` is as passages have it, ``details`` are further facts by name.
    """

    code: str
    sentence: str
    rank: int | None = None
    score: float | None = None
    details: dict[str, Any] = field(default_factory=dict)


def why_not(actor: Actor, places: Sequence[Place], query: Query, pk: UUID) -> Reason:
    """Why the chunk, or the memory, ``pk`` is not found by this search.

    Of a memory its best chunk counts. Places, and the query's chat, are such as the actor may read, as for a search.
    What he may not read sounds like what does not exist.
    """
    memory, chunks = _chosen(actor, query, pk)
    if memory is None:
        return Reason("unknown", "There is no chunk or memory with this id.")
    asked = {query.chat} if query.chat_only else {query.chat, *(place.space.pk for place in places)}
    is_asked = (query.folders and not query.chat_only) if memory.folder_id else memory.container_id in asked
    if not is_asked:
        return Reason("other_container", f"It belongs to {_home(memory)}, which was not searched.")
    is_file = memory.folder_id is not None
    where = {each.id: each for each in containers(actor, places, query) if each.is_folders == is_file}
    home = where.get(memory.container_id)
    return _cannot_be_found(memory, chunks, home) or _ranked(actor, places, query, chunks, home)


def _home(memory: Memory) -> str:
    if memory.folder_id is not None:
        return f"the folder {memory.folder}"
    return "this chat" if memory.chat_id else f"the space {memory.space}"


def _chosen(actor: Actor, query: Query, pk: UUID) -> tuple[Memory | None, list[Chunk]]:
    of_chat = Q(chat=query.chat) if query.chat else Q(pk__in=[])
    readable = Memory.objects.of(actor.account).filter(Q(pk__in=visible_memories(actor).values("pk")) | of_chat)
    chunk = Chunk.objects.of(actor.account).filter(pk=pk).first()
    memory = readable.select_related("space").filter(pk=chunk.memory_id if chunk else pk).first()
    if memory is None or chunk is not None:
        return memory, [chunk] if chunk else []
    return memory, list(memory.chunks.order_by("order").defer("text"))


def _cannot_be_found(memory: Memory, chunks: list[Chunk], home: Container | None) -> Reason | None:
    """What keeps it out whatever is asked; ``home`` is None when there are no chunks in it at all."""
    if memory.state != State.COMPLETED:
        sentence = f"Its memory is not ready: {memory.get_state_display().lower()}."
        return Reason("not_completed", sentence, details=_failure(memory))
    if home is None or not chunks:
        return Reason("disabled", "The memory has no chunks.")
    for name, holds in _clauses(home, memory.pk):
        if not holds:
            return Reason("filtered", f"It is left out by {name}.", details={"clause": name})
    if all(chunk.is_disabled for chunk in chunks):
        return Reason("disabled", "The chunk is switched off.")
    return None


def _failure(memory: Memory) -> dict[str, str]:
    return {"failure": memory.failure} if memory.failure else {}


def _clauses(container: Container, memory: UUID) -> list[tuple[str, bool]]:
    """Each condition by name, and whether it holds for the memory."""
    if not container.conditions:
        return []
    asked = ", ".join(f"COALESCE(({sql}), false)" for sql, _ in container.conditions)
    values = [value for _, values in container.conditions for value in values]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {asked} FROM memories_memory m WHERE m.account_id = %s AND m.id = %s",  # noqa: S608  SQL of ours
            [*values, container.account_id, memory],
        )
        row = cursor.fetchone()
    return list(zip(container.names, row, strict=True))


def _ranked(actor: Actor, places: Sequence[Place], query: Query, chunks: list[Chunk], home: Any) -> Reason:
    """It may be found; where it stands."""
    wanted = {chunk.pk for chunk in chunks if not chunk.is_disabled}
    found = run(actor, places, replace(query, min_score=None, min_similarity=None, for_answer=False))
    place = _place(found, wanted)
    if place is None:
        return _beyond(query, home, wanted)
    rank, score = place
    details = {"scores": dict(found[rank - 1].scores)}
    if not _place(run(actor, places, query), wanted):
        least = query.min_score if query.min_score is not None else query.min_similarity
        of = "" if least is None else f" of {least:g}"
        return Reason("below_threshold", f"It is below the threshold{of}.", rank, score, details)
    return Reason("found", f"It was found, in place {rank}.", rank, score, details)


def _place(found: Found, wanted: set[UUID]) -> tuple[int, float] | None:
    for rank, passage in enumerate(found, start=1):
        if passage.chunk_id in wanted:
            return rank, passage.score
    return None


def _beyond(query: Query, home: Container, wanted: set[UUID]) -> Reason:
    """Further down than what was asked for: its exact rank and score by every embedder, or why it has none."""
    if query.mode == Mode.FULL_TEXT:
        return Reason("no_words", "None of the words that count is in it, or others have more of them.")
    ranks = {}
    for embedder, weight in home.weights:
        vectors = Embedding.objects.of(home.account_id).filter(embedder=embedder, chunk__in=wanted)
        if weight and vectors.exists():
            try:
                vector = embedder.program().embed([query.text], Purpose.QUERY)[0]
            except (EmbeddingFailed, CannotUnseal) as error:
                return Reason("embedder_failed", f"The question could not be embedded: {error}")
            ranks[str(embedder)] = _exact_rank(home, embedder.pk, literal(vector), list(wanted))
    if not ranks:
        return Reason("no_vector", "No embedder of the space has embedded it; ingest it again.")
    rank, score = min(ranks.values())
    sentence = f"It is further down: in place {rank:,} by its vector, and {query.limit} were asked for."
    return Reason("beyond_limit", sentence, rank, score, {"by_embedder": ranks})


RANK = """
WITH scored AS (
    SELECT e.chunk_id, -(e.emb <#> %s::halfvec) AS score FROM memories_embedding e
    JOIN memories_chunk c ON c.account_id = e.account_id AND c.id = e.chunk_id
    JOIN memories_memory m ON m.account_id = c.account_id AND m.id = c.memory_id
    WHERE e.account_id = %s AND e.container_id = %s AND e.embedder_id = %s AND NOT c.is_disabled AND {condition}
), best AS (SELECT max(score) AS score FROM scored WHERE chunk_id = ANY(%s::uuid[]))
SELECT 1 + (SELECT count(*) FROM scored, best WHERE scored.score > best.score), (SELECT score FROM best)
"""


def _exact_rank(home: Container, embedder: UUID, vector: str, chunks: list[UUID]) -> tuple[int, float]:
    condition, values = home.memories
    with connection.cursor() as cursor:
        sql = RANK.format(condition=condition)
        cursor.execute(sql, [vector, home.account_id, home.id, embedder, *values, chunks])
        rank, score = cursor.fetchone()
    return rank, score
