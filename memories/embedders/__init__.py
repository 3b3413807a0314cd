"""Turning texts into vectors: on this machine, or by a server that somebody configured.

embedder = builtin("minilm")
vectors = embedder.embed(["How do I return a parcel?"], Purpose.QUERY)

numpy is loaded when the first embedder is made, not before: most web processes never need it.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from .base import Embedder, EmbeddingFailed, Purpose
from .calls import Endpoint
from .files import minilm_dir

__all__ = ["Embedder", "EmbeddingFailed", "Endpoint", "Purpose", "builtin", "is_installed", "remote"]

Builtin = Literal["minilm", "hashing"]


def is_installed(name: Builtin) -> bool:
    """Whether `builtin` can make it: hashing always, minilm when its files are there."""
    return name == "hashing" or minilm_dir() is not None


@cache
def builtin(name: Builtin) -> Embedder:
    """The embedder of this machine with that name, one for the whole process.

    Raises EmbeddingFailed when the files of minilm are missing or damaged, LookupError for any other name.
    """
    if name == "minilm":
        from .minilm import MiniLM

        return MiniLM()
    if name == "hashing":
        from .hashing import LexicalHashing

        return LexicalHashing()
    raise LookupError(name)


def remote(provider: str, endpoint: Endpoint, model: str, dimension: int, max_tokens: int | None = None) -> Embedder:
    """An embedder on a server; nothing is called before `embed`.

    ``provider`` is GoodMem's word: OPENAI, VLLM, LLAMA_CPP, TEI, COHERE, VOYAGE, JINA, DASHSCOPE or GEMINI. Raises
    EmbeddingFailed when the provider cannot be called at this address.
    """
    from .servers import RemoteEmbedder, shape_of

    return RemoteEmbedder(shape_of(provider, endpoint.url), endpoint, model, dimension, max_tokens)
