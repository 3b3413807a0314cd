"""all-MiniLM-L6-v2 on the CPU: the vectors of sentence-transformers (tests compare them), without its gigabytes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from threading import BoundedSemaphore
from typing import Any

import numpy as np

from . import files
from .base import Embedder, EmbeddingFailed, Purpose
from .bert import Bert, Shape
from .safetensors import BadWeights, tensors
from .tokens import first_ids

MOST_TOKENS = (
    256  # sentence_bert_config.json; the tokenizer's own file says 128, which is not what the model is used with
)
PACK_TOKENS = 1_024  # of several texts at once: more is not faster, and takes memory
NOT_INSTALLED = "The files of all-MiniLM-L6-v2 are not installed."


class MiniLM(Embedder):
    """384 numbers that tell what a text of up to 256 tokens is about, best in English."""

    name = "all-MiniLM-L6-v2"
    dimension = 384
    max_tokens = MOST_TOKENS
    is_semantic = True

    def __init__(self) -> None:
        """Raises EmbeddingFailed when the files are missing or damaged."""
        self._bert = _loaded()
        # Each thread works on one core; more at once than cores would only take memory and each other's caches.
        self._cores = BoundedSemaphore(len(os.sched_getaffinity(0)))

    def embed(self, texts: Sequence[str], purpose: Purpose = Purpose.DOCUMENT) -> np.ndarray:
        vectors = np.empty((len(texts), self.dimension), np.float32)
        for places, ids in _packs([first_ids(text, MOST_TOKENS) for text in texts]):
            with self._cores:
                vectors[places] = self._bert.means(ids)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


def _loaded() -> Bert:
    folder = files.minilm_dir()
    if folder is None:
        raise EmbeddingFailed("EMBEDDER_FAILED", NOT_INSTALLED)
    try:
        config = json.loads((folder / "config.json").read_text())
        return Bert(tensors(folder / "model.safetensors"), _shape(config))
    except (BadWeights, OSError, ValueError, KeyError) as error:
        raise EmbeddingFailed(
            "EMBEDDER_FAILED", "The files of all-MiniLM-L6-v2 are damaged or cannot be read."
        ) from error


def _shape(config: dict[str, Any]) -> Shape:
    return Shape(
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        width=config["hidden_size"],
        inner=config["intermediate_size"],
        positions=config["max_position_embeddings"],
        vocabulary=config["vocab_size"],
        epsilon=config["layer_norm_eps"],
    )


def _packs(ids: Sequence[Sequence[int]]) -> Iterator[tuple[list[int], list[Sequence[int]]]]:
    """Texts that are worked on together, each with its place, the short ones first (their packs hold many)."""
    places: list[int] = []
    tokens = 0
    for place in sorted(range(len(ids)), key=lambda each: len(ids[each])):
        if places and tokens + len(ids[place]) > PACK_TOKENS:
            yield places, [ids[each] for each in places]
            places, tokens = [], 0
        places.append(place)
        tokens += len(ids[place])
    if places:
        yield places, [ids[each] for each in places]
