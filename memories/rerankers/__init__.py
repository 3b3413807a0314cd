"""Scoring texts against a question, by a server that somebody configured.

scores = remote("TEI", Endpoint("https://tei.example/rerank"), "bge-reranker-base").rank(question, texts)
"""

from __future__ import annotations

from memories.embedders.calls import Endpoint

from .base import Reranker, RerankingFailed
from .servers import RemoteReranker, shape_of

__all__ = ["Endpoint", "Reranker", "RerankingFailed", "remote"]


def remote(provider: str, endpoint: Endpoint, model: str) -> Reranker:
    """A reranker on a server; nothing is called before `rank`.

    ``provider`` is GoodMem's word: TEI, COHERE, JINA, VOYAGE, VLLM or LLAMA_CPP. Raises RerankingFailed for another.
    """
    return RemoteReranker(shape_of(provider), endpoint, model)
