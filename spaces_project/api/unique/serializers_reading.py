"""What requests for contents and searches may say, in the vendor's words."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from spaces_project.kit import limits

from .fields import Body, Choice, Flag, Number, Object, Objects, Text, Texts
from .query import MOST_SKIPPED

# ruff: noqa: N815 (the wire's names)

INFOS_DEFAULT, INFOS_MOST = 50, 250
SEARCH_TYPES = ("VECTOR", "COMBINED", "FULL_TEXT", "POSTGRES_FULL_TEXT")
MERGES = ("RRF", "ZIP", "DBSF")


def _skip() -> Number:
    return Number(min_value=0, max_value=MOST_SKIPPED)


class ContentSearch(Body):
    """The body of content/search; ``skip``, ``take`` and ``chunkSkip``, of the first content, are additions."""

    where = Object()
    chatId = Text()
    includeFailedContent = Flag()
    metadataFilter = Object()
    skip = _skip()
    take = Number(min_value=1, max_value=limits.CONTENTS_PER_ANSWER)
    chunkSkip = _skip()


class InfoQuestion(Body):
    """The body of content/info; what is given must all hold."""

    metadataFilter = Object()
    filePath = Text()
    contentId = Text()
    chatId = Text()
    skip = _skip()
    take = Number(min_value=1, max_value=INFOS_MOST)


class InfosQuestion(Body):
    """The body of content/infos: ``metadataFilter`` or ``parentId``, or neither."""

    metadataFilter = Object()
    parentId = Text()
    skip = _skip()
    take = Number(min_value=1, max_value=INFOS_MOST)

    def validate(self, attrs: Any) -> Any:
        if "metadataFilter" in attrs and "parentId" in attrs:
            raise serializers.ValidationError({"parentId": "Give metadataFilter or parentId, not both."})
        return attrs


class ContentChange(Body):
    """The body of PATCH content/{id}; what is absent or null stays. Within ``metadata`` null removes a key."""

    title = Text()
    description = Text()
    url = Text()
    metadata = Object()
    ownerId = Text(allow_blank=False)
    ownerType = Choice(("SCOPE", "CHAT", "COMPANY"))
    chatId = Text()


class RerankerChoice(Body):
    """Which reranker."""

    deploymentName = Text(required=True, allow_blank=False)
    options = Object()


class Fraction(serializers.FloatField):
    """A number from 0 to 1; a text is none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "min_value": 0, "max_value": 1, **kwargs})

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float):
            raise serializers.ValidationError("Must be a number from 0 to 1.")
        return super().to_internal_value(data)


class SearchBody(Body):
    """The body of search/search."""

    searchString = Text(required=True, max_length=limits.QUESTION_CHARS)
    searchType = Choice(SEARCH_TYPES, required=True)
    chatId = Text()
    chatOnly = Flag()
    scopeIds = Texts()
    contentIds = Texts()
    metaDataFilter = Object()
    limit = Number(min_value=1, max_value=limits.RETRIEVED_CHUNKS)
    page = Number(min_value=0)
    scoreThreshold = Fraction()
    reranker = RerankerChoice(required=False)
    mergeStrategy = Choice(MERGES)
    includeScores = Flag()
    language = Text()
    qdrantParams = Object()


class Turn(Body):
    """A message of a talk."""

    role = Text(required=True)
    text = Text(required=True)


class SearchStringBody(Body):
    """The body of search/search-string."""

    prompt = Text(required=True, max_length=limits.QUESTION_CHARS)
    chatId = Text()
    messages = Objects(Turn())
    languageModel = Text()


class EmbeddingsBody(Body):
    """The body of openai/embeddings."""

    texts = Texts(required=True, child=Text(max_length=limits.QUESTION_CHARS), max_length=limits.EMBEDDED_PER_CALL)


class CompletionMessage(Body):
    """A message to a language model."""

    role = Choice(("system", "user", "assistant"), required=True)
    content = Text(required=True)


class CompletionBody(Body):
    """The body of openai/chat/completions; ``timeout`` is in milliseconds."""

    model = Text()
    messages = Objects(CompletionMessage(), required=True, allow_empty=False)
    timeout = Number(min_value=1)
    options = Object()
