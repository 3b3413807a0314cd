"""Rerankers on other servers."""

from __future__ import annotations

from collections.abc import Sequence

from memories.embedders.calls import Adaptable, CallFailed, Endpoint, Kind, ask, batches, halving
from memories.embedders.tokens import writable

from . import shapes
from .base import Reranker, RerankingFailed

SHAPES: dict[str, type[shapes.Shape]] = {
    "TEI": shapes.Tei,
    "COHERE": shapes.Cohere,
    "JINA": shapes.Jina,
    "VOYAGE": shapes.Voyage,
    "VLLM": shapes.Cohere,
    "LLAMA_CPP": shapes.Cohere,
}
QUERY_CHARS = 10_000
TEXT_CHARS = 32_000
BLANK = "."  # instead of a text without a sign, which some servers refuse


class RemoteReranker(Reranker):
    """One model of one server. The scores of separate requests are comparable, as each text is scored by itself."""

    def __init__(self, shape: shapes.Shape, endpoint: Endpoint, model: str) -> None:
        self.name = model
        self._shape, self._endpoint = shape, endpoint

    def rank(self, query: str, texts: Sequence[str]) -> list[float]:
        asked, sent = _sent(query, QUERY_CHARS), [_sent(text, TEXT_CHARS) for text in texts]
        try:
            return [
                score
                for batch in batches(sent, self._shape.texts, self._shape.chars)
                for score in halving(batch, lambda part: self._scores(asked, part))
            ]
        except CallFailed as failure:
            raise RerankingFailed(
                "RATE_LIMITED" if failure.kind is Kind.RATE_LIMITED else "RERANKING_FAILED",
                f"The reranker {failure}",
                is_temporary=failure.is_temporary,
                retry_after=failure.retry_after,
            ) from None

    def _scores(self, query: str, texts: list[str]) -> list[float]:
        request = Adaptable(self._shape.body(self.name, query, texts), self._shape.optional)
        return self._shape.scores(ask(self._endpoint, request), len(texts))


def _sent(text: str, most: int) -> str:
    text = writable(text[:most])
    return text if text.strip() else BLANK


def shape_of(provider: str) -> shapes.Shape:
    """How a provider's server is spoken to. Raises RerankingFailed for one that we cannot."""
    if provider not in SHAPES:
        raise RerankingFailed("RERANKING_FAILED", "The reranker is of a kind that Spaces cannot call.")
    return SHAPES[provider]()
