"""Embedders on other servers."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

import numpy as np

from . import shapes
from .base import Code, Embedder, EmbeddingFailed, Purpose
from .calls import Adaptable, CallFailed, Endpoint, Kind, ask, batches, halving, says
from .tokens import writable

CODES: dict[Kind, Code] = {
    Kind.FAILED: "EMBEDDER_FAILED",
    Kind.UNAVAILABLE: "EMBEDDER_UNAVAILABLE",
    Kind.TIMEOUT: "EMBEDDER_TIMEOUT",
    Kind.RATE_LIMITED: "RATE_LIMITED",
}
SHAPES: dict[str, type[shapes.Shape]] = {
    "OPENAI": shapes.OpenAIItself,
    "VLLM": shapes.Vllm,
    "LLAMA_CPP": shapes.LlamaCpp,
    "TEI": shapes.Tei,
    "COHERE": shapes.Cohere,
    "VOYAGE": shapes.Voyage,
    "JINA": shapes.Jina,
    "DASHSCOPE": shapes.DashScope,
    "GEMINI": shapes.Gemini,
}
OPENAI_PATH = "/embeddings"
ONLY_COMPATIBLE = frozenset({"DASHSCOPE", "GEMINI"})  # their own interfaces are others, which we do not speak
NUMBERS_PER_ANSWER = 200_000  # as JSON some 4 MB
BLANK = "."  # instead of a text without a sign, which some servers refuse
TOO_LONG = ("context length", "context_length", "context size", "too long", "too large to process", "max_seq_len")


class RemoteEmbedder(Embedder):
    """One model of one server. What it learns of the server (unknown parameters) it forgets with itself."""

    is_semantic = True

    def __init__(
        self, shape: shapes.Shape, endpoint: Endpoint, model: str, dimension: int, max_tokens: int | None
    ) -> None:
        self.name, self.dimension, self.max_tokens = model, dimension, max_tokens
        self._shape, self._endpoint = shape, endpoint
        self.at_once = max(1, min(shape.texts, NUMBERS_PER_ANSWER // dimension))  # in one call
        self._asks_for_size = model.startswith("text-embedding-3")

    def embed(self, texts: Sequence[str], purpose: Purpose = Purpose.DOCUMENT) -> np.ndarray:
        sent = self._sendable(texts)
        rows: list[np.ndarray] = []
        try:
            for batch in batches(sent, self.at_once, self._shape.chars):
                rows += halving(batch, lambda part: [self._vectors(part, purpose)])
        except CallFailed as failure:
            raise EmbeddingFailed(
                CODES[failure.kind],
                f"The embedder {failure}",
                is_temporary=failure.is_temporary,
                retry_after=failure.retry_after,
            ) from None
        return np.concatenate(rows) if rows else np.empty((0, self.dimension), np.float32)

    def _sendable(self, texts: Sequence[str]) -> list[str]:
        """At most what the model can read: a token has seldom less than four letters, and never more than all."""
        longest = self._shape.chars if self.max_tokens is None else min(self._shape.chars, 8 * self.max_tokens)
        return [writable(text)[:longest] if text.strip() else BLANK for text in texts]

    def _vectors(self, texts: list[str], purpose: Purpose) -> np.ndarray:
        try:
            return self._of_right_size(texts, purpose)
        except CallFailed as failure:
            if self.max_tokens is None or failure.because is None or not says(failure.because, *TOO_LONG):
                raise
        return self._of_right_size([text[: self.max_tokens] for text in texts], purpose)

    def _of_right_size(self, texts: list[str], purpose: Purpose) -> np.ndarray:
        found = self._asked(texts, purpose)
        if found.shape[1] > self.dimension and self._shape.size and not self._asks_for_size:
            self._asks_for_size = True
            found = self._asked(texts, purpose)
        if found.shape[1] != self.dimension:
            raise CallFailed(f"answered with vectors of {found.shape[1]} numbers, not {self.dimension}.")
        return found

    def _asked(self, texts: list[str], purpose: Purpose) -> np.ndarray:
        body = self._shape.body(self.name, texts, purpose)
        if self._asks_for_size and self._shape.size:
            body[self._shape.size] = self.dimension
        answer = ask(self._endpoint, Adaptable(body, self._shape.optional))
        return shapes.matrix(self._shape.vectors(answer), len(texts), self.dimension)


def shape_of(provider: str, url: str) -> shapes.Shape:
    """How a provider's server is spoken to at this address. Raises EmbeddingFailed where we cannot."""
    is_compatible = urlsplit(url).path.rstrip("/").endswith(OPENAI_PATH)
    if provider not in SHAPES:
        raise EmbeddingFailed("EMBEDDER_FAILED", "The embedder is of a kind that Spaces cannot call.")
    if provider in ONLY_COMPATIBLE and not is_compatible:
        raise EmbeddingFailed(
            "EMBEDDER_FAILED",
            "The embedder can only be called at the provider's OpenAI-compatible address, which ends in /embeddings.",
        )
    if provider == "TEI" and is_compatible:
        return shapes.OpenAI()
    return SHAPES[provider]()
