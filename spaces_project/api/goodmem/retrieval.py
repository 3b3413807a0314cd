"""From a request to retrieve to what is told of it: everything that needs the database, before the first event."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from memories.filters import expressions
from memories.models import Chunk, LanguageModel, Memory, Reranker, embedders_of
from memories.permissions import get_language_model, get_reranker
from memories.retrieval import Found, HnswOptions, Mode, Passage, Place, Problem, Query, search
from spaces.actors import Actor
from spaces.errors import InvalidInput, NotFound
from spaces.models import Space
from spaces.permissions import can, readable_space
from spaces_project.kit import limits
from spaces_project.kit.ids import new_id

from .errors import InvalidFields
from .serializers_retrieve import CHAT, SCANS, SIZE

RERANK, RETRIEVE = "rerank", "retrieve"
EMBEDDING = "embedding"


@dataclass(frozen=True)
class Status:
    """Something that went otherwise than asked, told within the stream."""

    code: str
    message: str
    details: dict[str, str] = field(default_factory=dict)


@dataclass
class Chat:
    """What the post-processor is to do: which models, if they are there, and how."""

    config: dict[str, Any]
    reranker: Reranker | None = None
    llm: LanguageModel | None = None
    before: list[Status] = field(default_factory=list)  # told before the hits
    after: list[Status] = field(default_factory=list)  # and behind them


@dataclass
class Retrieved:
    """All that the stream tells, but for the language model's answer."""

    given: dict[str, Any]
    stage: str
    statuses: list[Status]
    passages: list[Passage]
    chunks: dict[UUID, Chunk]
    memories: dict[UUID, Memory]
    chat: Chat | None
    is_dead: bool = False  # nothing could be searched at all
    id: str = field(default_factory=lambda: str(new_id()))


def retrieve(actor: Actor, given: dict[str, Any], config: dict[str, Any]) -> Retrieved:
    """Search as ``given`` (a RetrieveBody) and ``config`` (a ChatConfig) say.

    Raises NotFound for a space, InvalidExpression, InvalidFields for an embedder that a space does not have.
    """
    places = [_place(actor, key, number) for number, key in enumerate(given["spaceKeys"])]
    is_foreign = any(place.space.account_id != actor.account.pk for place in places)  # type: ignore[union-attr]
    chat = _chat(actor, given["postProcessor"], config, is_foreign=is_foreign) if "postProcessor" in given else None
    query = Query(
        given["message"],
        limit=given["requestedSize"] or SIZE,
        mode=Mode.VECTOR,
        hnsw=_hnsw(given.get("hnsw", {})),
        reranker=chat.reranker if chat else None,
    )
    found = search(actor, places, query, source="goodmem")
    passages = _chosen(found, given, chat)
    return Retrieved(
        given=given,
        stage=RERANK if any("rerank" in each.scores for each in found) else RETRIEVE,
        statuses=[
            *(chat.before if chat else ()),
            *(_told(problem, is_foreign=is_foreign) for problem in found.problems),
        ],
        passages=passages,
        chunks=Chunk.objects.in_bulk([each.chunk_id for each in passages]),
        memories=Memory.objects.in_bulk({each.memory_id for each in passages}),
        chat=chat,
        is_dead=_is_dead(found),
    )


def _told(problem: Problem, *, is_foreign: bool) -> Status:
    """Which servers an account has, and what they say, is not for strangers."""
    if is_foreign:
        return Status(problem.code, "A part of the search failed.")
    return Status(problem.code, problem.message, dict(problem.details))


def _is_dead(found: Found) -> bool:
    """Whether no embedder could say where to look."""
    asked = [stage for stage in found.stages if stage.name == EMBEDDING]
    return bool(found.problems and asked and not asked[0].count)


def _place(actor: Actor, key: dict[str, Any], number: int) -> Place:
    pk = key["spaceId"]
    try:
        space = readable_space(actor, pk)
    except NotFound:
        raise NotFound(f"Space not found: {pk}") from None
    filter = _filter(key["filter"], f"spaceKeys[{number}].filter")
    return Place(space, weights=_weights(space, key, number), filter=filter)


def _filter(text: str, where: str) -> expressions.Filter | None:
    if not text.strip():
        return None
    try:
        return expressions.parse(text)
    except InvalidInput as error:
        error.field = where
        raise


def _weights(space: Space, key: dict[str, Any], number: int) -> dict[UUID, float] | None:
    given = {each["embedderId"]: each["weight"] for each in key["embedderWeights"]}
    if not given:
        return None
    known = {each.embedder.pk for each in embedders_of(space)}
    for index, each in enumerate(key["embedderWeights"]):
        if each["embedderId"] not in known:
            where = f"spaceKeys[{number}].embedderWeights[{index}].embedderId"
            raise InvalidFields([(where, "The space has no such embedder.")])
    return given


def _hnsw(given: dict[str, Any]) -> HnswOptions | None:
    if not given:
        return None
    return HnswOptions(
        ef_search=given.get("efSearch"),
        iterative_scan=SCANS[given["iterativeScan"]] if "iterativeScan" in given else None,
        max_scan_tuples=given.get("maxScanTuples"),
        scan_mem_multiplier=given.get("scanMemMultiplier"),
    )


def _chosen(found: Found, given: dict[str, Any], chat: Chat | None) -> list[Passage]:
    """What is left after the post-processor's threshold, number and order."""
    passages = list(found)
    if chat is None:
        return passages
    threshold = chat.config.get("relevance_threshold")
    if threshold is not None:  # of a reranker alone: scores of vectors are no such measure
        passages = [each for each in passages if each.scores.get("rerank", threshold) >= threshold]
    passages = passages[: chat.config.get("max_results") or given["requestedSize"] or 10]
    if chat.config["chronological_resort"]:
        passages.sort(key=lambda each: (each.created_at, each.memory_id, each.order))
    return passages


# --------------------------------------------------------------- post-processing


def _chat(actor: Actor, processor: dict[str, Any], config: dict[str, Any], *, is_foreign: bool) -> Chat:
    """The models that are named, as far as they are there; what is missing is told, and the search goes on."""
    chat = Chat(config)
    if processor["name"] != CHAT:
        chat.before.append(Status("INVALID_ARGUMENT", f"Unknown post-processor; there is {CHAT}."))
    elif is_foreign:
        message = "In spaces of other accounts no reranker and no language model runs."
        chat.before.append(Status("PERMISSION_DENIED", message))
    elif not can(actor, "model.use"):  # as ping asks: a call can cost money
        chat.before.append(Status("PERMISSION_DENIED", "With this key no reranker and no language model runs."))
    else:
        _find_reranker(actor, chat)
        _find_llm(actor, chat)
    return chat


def _find_reranker(actor: Actor, chat: Chat) -> None:
    pk = chat.config.get("reranker_id")
    if pk is None:
        chat.before.append(_disabled("reranker_id", "reranking"))
        return
    try:
        chat.reranker = get_reranker(actor, pk)
    except NotFound:
        details = {"reranker_id": str(pk)}
        chat.before.append(Status("NOT_FOUND", f"Reranker not found: {pk}", details))
        chat.before.append(Status("RERANKING_FAILED", "Reranking failed: reranker not found", details))


def _find_llm(actor: Actor, chat: Chat) -> None:
    pk = chat.config.get("llm_id")
    if pk is None:
        chat.before.append(_disabled("llm_id", "summarization"))
        return
    try:
        llm = get_language_model(actor, pk)
        if not llm.is_active:
            raise NotFound
        chat.llm = llm
    except NotFound:
        details = {"llm_id": str(pk)}
        chat.before.append(Status("NOT_FOUND", f"LLM not found: {pk}", details))
        chat.after.append(Status("SUMMARIZATION_FAILED", "Summarization failed: LLM not found", details))


def _disabled(parameter: str, feature: str) -> Status:
    message = f"{feature.capitalize()} is off: {parameter} is not given"
    return Status("FEATURE_DISABLED", message, {"required_param": parameter, "feature": feature})


def token_budget(given: dict[str, Any], chat: Chat) -> int:
    """How many tokens the answer may have: the first of these that is positive."""
    asked = (given.get("outputBudget") or {}).get("tokens"), chat.config["gen_token_budget"]
    most = chat.llm.max_tokens if chat.llm else None
    return next((each for each in (*asked, most) if each), limits.REPLY_TOKENS)
