"""What each kind of server wants to be asked, and how its answer is read.

Sources: text-embeddings-inference OpenAPI, ``/rerank``; Cohere API v2 "Rerank", which Jina's ``/v1/rerank``, vLLM's and
llama.cpp's ``/rerank`` follow; Voyage API "Rerankers".
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from memories.embedders.calls import NOT_UNDERSTOOD, CallFailed


class Shape(ABC):
    """The wire of one kind of server; ``texts`` and ``chars`` are what one request may hold."""

    texts: ClassVar[int] = 100
    chars: ClassVar[int] = 200_000
    optional: ClassVar[frozenset[str]] = frozenset()
    score: ClassVar[str] = "relevance_score"

    @abstractmethod
    def body(self, model: str, query: str, texts: Sequence[str]) -> dict[str, Any]:
        """The JSON that asks for the scores of ``texts``."""

    @abstractmethod
    def rows(self, answer: Any) -> Any:
        """The list of scored indexes in the answer."""

    def scores(self, answer: Any, count: int) -> list[float]:
        """One score per text, in the texts' order; CallFailed unless each has exactly one finite one."""
        rows = self.rows(answer)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise CallFailed(NOT_UNDERSTOOD)
        by_index = {row.get("index"): row.get(self.score) for row in rows if type(row.get("index")) is int}
        if len(rows) != count or set(by_index) != set(range(count)):
            raise CallFailed(f"answered with scores for other texts than the {count} it was given.")
        return [_number(by_index[place]) for place in range(count)]


class Cohere(Shape):
    """``{"model", "query", "documents"}`` → ``{"results": [{"index", "relevance_score"}]}``."""

    def body(self, model: str, query: str, texts: Sequence[str]) -> dict[str, Any]:
        return {"model": model, "query": query, "documents": list(texts)}

    def rows(self, answer: Any) -> Any:
        return answer.get("results") if isinstance(answer, dict) else None


class Jina(Cohere):
    optional = frozenset({"return_documents"})

    def body(self, model: str, query: str, texts: Sequence[str]) -> dict[str, Any]:
        return {**super().body(model, query, texts), "return_documents": False}


class Voyage(Cohere):
    optional = frozenset({"truncation"})

    def body(self, model: str, query: str, texts: Sequence[str]) -> dict[str, Any]:
        return {**super().body(model, query, texts), "truncation": True}

    def rows(self, answer: Any) -> Any:
        return answer.get("data") if isinstance(answer, dict) else None


class Tei(Shape):
    """``{"query", "texts", "truncate"}`` → ``[{"index", "score"}]``; the server has one model, so none is named."""

    texts = 32  # its --max-client-batch-size
    score = "score"

    def body(self, model: str, query: str, texts: Sequence[str]) -> dict[str, Any]:
        return {"query": query, "texts": list(texts), "truncate": True}

    def rows(self, answer: Any) -> Any:
        return answer


def _number(score: Any) -> float:
    try:
        number = float(score) if type(score) in (float, int) else math.nan
    except OverflowError:
        number = math.nan
    if not math.isfinite(number):
        raise CallFailed("answered with a score that is not a number.")
    return number
