"""Lexical hashing: vectors made of a text's words and parts of words. It knows spellings, not meanings.

Each feature (a word, two words in a row, four letters in a row) adds to one of the numbers or takes from it, which and
whether its CRC says. Texts that share many features get similar vectors. Deterministic on every machine.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from zlib import crc32

import numpy as np

from .base import Embedder, Purpose
from .tokens import writable

WORD = re.compile(r"\w+")
GRAM = 4
MOST_CHARS = 20_000
WORD_WEIGHT, PAIR_WEIGHT, GRAM_WEIGHT = 1.0, 0.7, 0.4


class LexicalHashing(Embedder):
    """1024 numbers, without any model: for tests, and where MiniLM is not installed. Reads 20,000 characters."""

    name = "Lexical hashing"
    dimension = 1024
    max_tokens = None
    is_semantic = False

    def embed(self, texts: Sequence[str], purpose: Purpose = Purpose.DOCUMENT) -> np.ndarray:
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            _add(vector, text)
        return vectors


def _add(vector: np.ndarray, text: str) -> None:
    words = WORD.findall(unicodedata.normalize("NFKC", writable(text[:MOST_CHARS])).casefold())
    counts = Counter(words)
    for weight, features in (
        (WORD_WEIGHT, counts),
        (PAIR_WEIGHT, Counter(f"{first} {second}" for first, second in pairwise(words))),
        (GRAM_WEIGHT, _grams(counts)),
    ):
        for feature, count in features.items():
            number = crc32(feature.encode())
            sign = 1 if number & 0x8000_0000 else -1
            vector[number % LexicalHashing.dimension] += sign * weight * count**0.5
    if not (length := float(np.linalg.norm(vector))):  # no words, or features that cancel each other out
        vector[0] = length = 1
    vector /= length


def _grams(words: Counter[str]) -> Counter[str]:
    """Four letters in a row, the ends of words marked."""
    grams: Counter[str] = Counter()
    for word, count in words.items():
        whole = f"<{word}>"
        for begin in range(len(whole) - GRAM + 1):
            grams[whole[begin : begin + GRAM]] += count
    return grams
