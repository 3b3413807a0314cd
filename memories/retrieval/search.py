"""A search from the question to the passages: embed it, find, fuse, rerank, read."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from memories.embedders.base import EmbeddingFailed, Purpose
from memories.models import Embedder
from memories.models.memories import UNTITLED
from spaces.actors import Actor
from spaces_project.kit import prepared
from spaces_project.kit.exports import release_connection
from spaces_project.kit.sealed import CannotUnseal

from .containers import Container, containers
from .fusion import fused
from .nearest import COLUMNS, ChunkId, Rows, Scored, nearest, scores_of
from .setups import Outdated, recall
from .types import Found, Mode, Passage, Place, Problem, Query, Stage
from .words import by_words

if TYPE_CHECKING:
    import numpy as np

# Of two lists that are fused, so many times what is asked for are looked at, and so many at least: what one of them has
# far down may be first where the other has it, too.
DEPTH, LEAST = 3, 30
MORE = 50  # what several embedders sum up, each is asked for twice as much and this
# The least an answer builds on, by embedders that compare meanings, or words; and of the rare words of a question. By
# tests/memories/ingestion/test_answers.py: what answers nothing has a cosine up to 0.29 and up to 0.37 of the words.
SIMILAR = {True: 0.30, False: 0.12}
SPOKEN_FOR = 0.5  # from here on words have a say in the order, too
UNSAID = (0, 0.0)
RERANKED = 100  # passages a reranker is asked about at most


@dataclass
class Search:
    """One search on its way."""

    query: Query
    least: float | None = None
    problems: list[Problem] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    scores: dict[ChunkId, dict[str, float]] = field(default_factory=dict)  # by embedder
    places: dict[str, dict[ChunkId, tuple[int, float]]] = field(default_factory=dict)  # by list: rank and score
    rows: Rows = field(default_factory=dict)  # COLUMNS of what has been read already

    @contextmanager
    def stage(self, name: str) -> Iterator[list[Any]]:
        """Time a step; what it appends to the list is counted."""
        began, left = time.perf_counter(), list[Any]()
        yield left
        self.stages.append(Stage(name, round((time.perf_counter() - began) * 1000, 3), len(left)))

    def note(self, name: str, ranked: Scored) -> None:
        """What a list, best first, says of each chunk."""
        self.places[name] = {chunk: (rank, score) for rank, (chunk, score) in enumerate(ranked, start=1)}

    def said_of(self, chunk: ChunkId) -> dict[str, float]:
        """Its scores by name, as Passage has them."""
        scores = dict(self.scores.get(chunk, ()))
        for name, places in self.places.items():
            if chunk in places:
                scores[f"rank_{name}"], scores[name] = places[chunk]
        return scores


def run(actor: Actor, places: Sequence[Place], query: Query) -> Found:
    """Search. Raises InvalidFilter for a rule that is not understood; what fails later is among the problems."""
    if _finds_at_once(places, query):
        with suppress(Outdated):
            return _run(query, containers(actor, places, query, recall))
    return _run(query, containers(actor, places, query))


def _finds_at_once(places: Sequence[Place], query: Query) -> bool:
    """Whether the first statement is one that finds vectors, so that it can say how the container is set up."""
    of_query = query.rules or query.chat or query.folders or query.contact or query.memory_ids is not None
    of_places = any(place.filter is not None or place.weights for place in places)
    return query.mode != Mode.FULL_TEXT and not of_query and not of_places


def _run(query: Query, where: Sequence[Container]) -> Found:
    """Raises Outdated for a container that is not set up as it was assumed."""
    search = Search(query, _least(query, where))
    order = _fused(search, _lists(search, where))
    passages = _read(search, order)
    if query.reranker is not None and passages:
        passages = _reranked(search, passages)
    if query.min_score is not None:
        passages = [each for each in passages if each.score >= query.min_score]
    return Found(tuple(passages[: query.limit]), tuple(search.problems), tuple(search.stages))


def _lists(search: Search, where: Sequence[Container]) -> dict[str, Scored]:
    """What is found, by way of finding. The words are looked for while vectors are compared."""
    query, lists = search.query, {}
    vectors = {} if query.mode == Mode.FULL_TEXT else _question(search, where)
    with ExitStack() as asked:
        spoken = [] if query.mode == Mode.VECTOR else [by_words(each, query.text, _width(query)) for each in where]
        words = [asked.enter_context(each) for each in spoken]
        if query.mode != Mode.FULL_TEXT:
            lists["vector"] = _by_vector(search, where, vectors)
        if not all(each.setup is None or each.setup.is_sure for each in where):
            raise Outdated
        if query.mode != Mode.VECTOR:
            lists["text"] = _by_words(search, words)
    return lists


def _least(query: Query, where: Sequence[Container]) -> float | None:
    """What the similarity has to be at least."""
    if query.min_similarity is not None or not query.for_answer:
        return query.min_similarity
    return SIMILAR[any(embedder.is_semantic for each in where for embedder, _ in each.weights)]


def _width(query: Query) -> int:
    """How many of each list are looked at."""
    depth = max(DEPTH * query.limit, LEAST) if query.mode == Mode.COMBINED else query.limit
    return max(depth, RERANKED if query.reranker else 0)


# --------------------------------------------------------------------- by meaning


def _by_vector(search: Search, where: Sequence[Container], vectors: dict[UUID, np.ndarray]) -> Scored:
    """Of all containers together, by the weighted sum of the inner products, best first."""
    width, totals = _width(search.query), dict[ChunkId, float]()
    with search.stage("vectors") as left:
        for container in where:
            weights = [(embedder, weight) for embedder, weight in container.weights if embedder.pk in vectors]
            totals |= _weighted(search, container, weights, vectors, width)
        ranked = list(totals.items())
        if sum(len(each.weights) for each in where) > 1:  # those of one are in order
            ranked = sorted(ranked, key=lambda each: (-each[1], each[0]))[:width]
        left.extend(ranked)
    search.note("vector", ranked)
    return ranked


def _question(search: Search, where: Sequence[Container]) -> dict[UUID, np.ndarray]:
    """The question's vector by every embedder that counts; one that fails is a problem, and is left out."""
    found = dict[UUID, Any]()
    with search.stage("embedding") as left:
        for embedder in {embedder.pk: embedder for each in where for embedder, _ in each.weights}.values():
            if not embedder.builtin:
                release_connection()  # a server may take its time
            try:
                found[embedder.pk] = embedder.program().embed([search.query.text], Purpose.QUERY)[0]
            except EmbeddingFailed as error:
                search.problems.append(Problem(error.code, f"Embedding failed: {error.message}", _named(embedder)))
            except CannotUnseal as error:
                search.problems.append(Problem("CONFIGURATION_ERROR", str(error), _named(embedder)))
        left.extend(found)
    return found


def _named(embedder: Embedder) -> dict[str, str]:
    return {"embedder_id": str(embedder.pk)}


def _weighted(
    search: Search,
    container: Container,
    weights: Sequence[tuple[Embedder, float]],
    vectors: dict[UUID, np.ndarray],
    width: int,
) -> dict[ChunkId, float]:
    """What any of the embedders finds near, with the weighted sum of what all of them say about it."""
    if len(weights) == 1:  # which is what most have
        return _by_only_one(search, container, weights[0], vectors, width)
    near = partial(_near, search, container, vectors, 2 * width + MORE)
    by_embedder = {embedder.pk: dict(near(embedder, weight)) for embedder, weight in weights if weight}
    chunks = {chunk for found in by_embedder.values() for chunk in found}
    totals, counted = dict.fromkeys(chunks, 0.0), dict.fromkeys(chunks, 0.0)
    for embedder, weight in weights:
        known, name = by_embedder.get(embedder.pk, {}), str(embedder.pk)
        missing = chunks - known.keys()
        if missing:
            known |= scores_of(container, embedder, vectors[embedder.pk], list(missing))
        for chunk, score in known.items():
            totals[chunk] += weight * score
            counted[chunk] += abs(weight)
            search.scores.setdefault(chunk, {})[name] = score
    for chunk in chunks:
        search.scores[chunk]["similarity"] = totals[chunk] / (counted[chunk] or 1)
    return totals


def _by_only_one(
    search: Search,
    container: Container,
    weighted: tuple[Embedder, float],
    vectors: dict[UUID, np.ndarray],
    width: int,
) -> dict[ChunkId, float]:
    embedder, weight = weighted
    if not weight:
        return {}
    found, name = _near(search, container, vectors, width, embedder, weight), str(embedder.pk)
    sign = 1 if weight > 0 else -1
    search.scores.update((chunk, {name: score, "similarity": sign * score}) for chunk, score in found)
    return {chunk: weight * score for chunk, score in found}


def _near(
    search: Search, container: Container, vectors: dict[UUID, np.ndarray], wide: int, embedder: Embedder, weight: float
) -> Scored:
    """The chunks nearest to the question by one embedder, or farthest when its weight is negative."""
    rows = search.rows if wide <= search.query.limit else None  # all that is found will be read
    vector = vectors[embedder.pk] if weight > 0 else -vectors[embedder.pk]
    found = nearest(container, embedder, vector, wide, search.query.hnsw, rows)
    return found if weight > 0 else [(chunk, -score) for chunk, score in found]


# --------------------------------------------------------------------- by words, and both


def _by_words(search: Search, words: Sequence[Callable[[], Scored]]) -> Scored:
    with search.stage("words") as left:
        ranked = [scored for found in words for scored in found()]
        if len(words) > 1:  # those of one are in order
            ranked = sorted(ranked, key=lambda each: (-each[1], each[0]))[: _width(search.query)]
        left.extend(ranked)
    search.note("text", ranked)
    return ranked


def _fused(search: Search, lists: dict[str, Scored]) -> Scored:
    """One list: its own scores; several: by Query.merge. Words that are little of the question give nothing: they
    would put a passage with one of them before the nearest."""
    if len(lists) == 1:
        (order,) = lists.values()
    else:
        least = [SPOKEN_FOR if name == "text" else -math.inf for name in lists]
        totals, said = fused(list(lists.values()), search.query.merge, least), search.places["text"]
        ranked = sorted([(-points, -said.get(chunk, UNSAID)[1], chunk) for chunk, points in totals.items()])
        order = [(chunk, -points) for points, _, chunk in ranked]
    if search.least is None:
        return order
    return [each for each in order if _is_near(search.said_of(each[0]), search.least)]


def _is_near(scores: dict[str, float], least: float) -> bool:
    """Whether it is similar enough, or most of what the words say speaks for it."""
    return scores.get("text", 0) >= SPOKEN_FOR or scores.get("similarity", -1) >= least


# --------------------------------------------------------------------- passages


READ = f"""
SELECT {COLUMNS} FROM memories_chunk c JOIN memories_memory m ON m.account_id = c.account_id AND m.id = c.memory_id
WHERE c.id = ANY(%s::uuid[])
"""  # noqa: S608  SQL of ours
EPOCH = datetime.fromtimestamp(0, UTC)
decoded = json.JSONDecoder().raw_decode  # PostgreSQL puts no white space around


def _read(search: Search, order: Scored) -> list[Passage]:
    """The passages themselves, in this order: those that are asked for, or that a reranker is to put in another."""
    query, found = search.query, search.rows
    wanted = order[: max(query.limit, RERANKED if query.reranker else 0)]
    with search.stage("reading") as left:
        missing = [pk for pk, _ in wanted if pk not in found]
        if missing:
            found.update((row[0], row) for row in prepared.run(READ, [f"{{{','.join(missing)}}}"]))
        rows = [(found.get(pk), score, search.said_of(pk)) for pk, score in wanted]
        passages = [_passage(row, score, scores) for row, score, scores in rows if row is not None]
        left.extend(passages)
    return passages


def _passage(row: Sequence[Any], score: float, scores: dict[str, float]) -> Passage:
    chunk, text, order, start, end, first, last, memory, space, name, key, url, mime_type, meta, created_at = row
    return Passage(
        memory_id=memory,
        chunk_id=UUID(chunk),
        space_id=space,
        text=text,
        name=name or key or UNTITLED,
        score=score,
        order=order,
        start=start,
        end=end,
        pages=None if first is None else (first, last or first),
        url=url or None,
        key=key or None,
        mime_type=mime_type,
        meta=decoded(meta)[0],
        scores=scores,
        created_at=EPOCH + timedelta(microseconds=created_at),
    )


def _reranked(search: Search, passages: list[Passage]) -> list[Passage]:
    """In the reranker's order; as they are when it fails, which is a problem."""
    from memories.rerankers import RerankingFailed

    reranker: Any = search.query.reranker
    asked = passages[:RERANKED]
    release_connection()
    try:
        with search.stage("reranking") as left:
            given = reranker.program().rank(search.query.text, [each.text for each in asked])
            left.extend(given)
    except (RerankingFailed, CannotUnseal) as error:
        details = {"reranker_id": str(reranker.pk)}
        search.problems.append(Problem("RERANKING_FAILED", f"Reranking failed: {error}", details))
        return passages
    scored = [
        replace(each, score=score, scores={**each.scores, "rerank": score})
        for each, score in zip(asked, given, strict=True)
    ]
    return sorted(scored, key=lambda each: (-each.score, each.chunk_id))
