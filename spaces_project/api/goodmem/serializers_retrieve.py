"""What a request to retrieve may say, as JSON or as a query string."""

# ruff: noqa: N815 (the wire's names)
from __future__ import annotations

import base64
import binascii
from typing import Any

from rest_framework import serializers

from spaces_project.kit import limits

from .errors import InvalidFields
from .fields import Body, Choice, Decimal, Flag, Identifier, Number, Object, Objects, Text
from .query import Query, snake
from .serializers_memories import ContentType

SIZE = 20
SCANS = {
    "ITERATIVE_SCAN_UNSPECIFIED": None,
    "ITERATIVE_SCAN_OFF": "off",
    "ITERATIVE_SCAN_RELAXED_ORDER": "relaxed_order",
    "ITERATIVE_SCAN_STRICT_ORDER": "strict_order",
}
CHAT = "com.goodmem.retrieval.postprocess.ChatPostProcessorFactory"
ATTRIBUTES = 32


class EmbedderWeight(Body):
    embedderId = Identifier("embedder", required=True)
    weight = Decimal(required=True, min_value=-limits.RETRIEVAL_WEIGHT, max_value=limits.RETRIEVAL_WEIGHT)


class SpaceKey(Body):
    spaceId = Identifier("space", required=True)
    embedderWeights = Objects(EmbedderWeight(), max_length=limits.SPACE_EMBEDDERS, default=list)
    filter = Text(max_length=limits.FILTER_CHARS, default="")


class Binary(Body):
    contentType = ContentType(required=True, allow_blank=False)
    data = Text(required=True)  # type: ignore[assignment]  # also a property of serializers

    def validate_data(self, data: str) -> str:
        try:
            base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError) as error:
            raise serializers.ValidationError(f"Invalid Base64: {error}.") from error
        return data


class ContextItem(Body):
    """A text or something else, beside the question."""

    text = Text()
    binary = Binary(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError("Give either text or binary.")
        return attrs


class Hnsw(Body):
    """pgvector's settings of one search."""

    efSearch = Number(min_value=1, max_value=1_000)
    iterativeScan = Choice(SCANS)
    maxScanTuples = Number(min_value=1)
    scanMemMultiplier = Decimal(min_value=1, max_value=1_000)


class Budget(Body):
    tokens = Number(min_value=1, required=True)


class PostProcessor(Body):
    """``config`` is read by ChatConfig, what it does not know is let be."""

    name = Text(required=True, allow_blank=False, max_length=128)
    config = Object(default=dict)


class ChatConfig(serializers.Serializer[Any]):
    """The configuration of the one post-processor there is."""

    llm_id = Identifier("LLM")
    reranker_id = Identifier("reranker")
    relevance_threshold = Decimal()
    max_results = Number(min_value=1)
    llm_temp = Decimal(min_value=0, max_value=2, default=0.3)
    gen_token_budget = Number(min_value=0, default=0)
    chronological_resort = Flag(default=False)
    prompt = Text(max_length=limits.BACKSTORY_CHARS, default="")
    sys_prompt = Text(max_length=limits.BACKSTORY_CHARS, default="")


class Logging(Body):
    enabled = Flag(default=False)
    callerAttributes = Object(default=dict)

    def validate_callerAttributes(self, data: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 (the wire's name)
        flat = all(isinstance(value, str | bool | int | float) for value in data.values())
        if len(data) > ATTRIBUTES or not flat:
            raise serializers.ValidationError(f"At most {ATTRIBUTES} texts, numbers and booleans.")
        return data


class Size(Number):
    """How many chunks at most; 0 is the default, more than RETRIEVED_CHUNKS are that many."""

    def to_internal_value(self, data: Any) -> int:
        return min(super().to_internal_value(data), limits.RETRIEVED_CHUNKS)


class RetrieveBody(Body):
    message = Text(required=True, allow_blank=False, max_length=limits.QUESTION_CHARS)
    spaceKeys = Objects(SpaceKey(), required=True, min_length=1, max_length=limits.RETRIEVED_SPACES)
    context = Objects(ContextItem(), default=list, max_length=100)  # type: ignore[assignment]
    requestedSize = Size(min_value=0, default=0)
    fetchMemory = Flag(default=True)
    fetchMemoryContent = Flag(default=False)
    outputBudget = Budget(required=False)
    hnsw = Hnsw(required=False)
    postProcessor = PostProcessor(required=False)
    logging = Logging(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["fetchMemoryContent"] and not attrs["fetchMemory"]:
            raise serializers.ValidationError({"fetchMemoryContent": "Needs fetchMemory."})
        if not attrs["message"].strip():
            raise serializers.ValidationError({"message": "May not be blank."})
        return attrs


# ----------------------------------------------------------- as a query string

PLAIN = ("message", "requestedSize", "fetchMemory", "fetchMemoryContent")
CHAT_NAMES = (
    "RerankerId", "LlmId", "RelevanceThreshold", "LlmTemp", "MaxResults", "ChronologicalResort", "GenTokenBudget",
    "Prompt", "SysPrompt",
)  # fmt: skip


def as_body(query: Query) -> dict[str, Any]:
    """What the query string says, as the body of a POST would."""
    body: dict[str, Any] = {name: text for name in PLAIN if (text := query.text(name))}
    named = query.text("filter")
    spaces = [each.strip() for each in ",".join(query.texts("spaceIds")).split(",") if each.strip()]
    if not spaces:
        raise InvalidFields([("spaceIds", "This field is required.")])
    body["spaceKeys"] = [{"spaceId": each, "filter": named} for each in spaces]
    if config := {snake(name).lstrip("_"): text for name in CHAT_NAMES if (text := _chat(query, name))}:
        body["postProcessor"] = {"name": CHAT, "config": config}
    return body


def _chat(query: Query, name: str) -> str | None:
    """``postProcessorLlmId``, ``ppLlmId``, ``pp_llm_id`` …"""
    return query.text(f"postProcessor{name}") or query.text(f"pp{name}")
