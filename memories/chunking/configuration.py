"""The three ways of chunking, in GoodMem's words: its `ChunkingConfiguration` is what all dialects and pages store."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class LengthMeasurement(StrEnum):
    """What sizes count. CUSTOM is GoodMem's word for a measure of the server's choice: characters, here."""

    CHARACTER_COUNT = "CHARACTER_COUNT"
    TOKEN_COUNT = "TOKEN_COUNT"  # noqa: S105
    CUSTOM = "CUSTOM"


class KeepStrategy(StrEnum):
    """On which side of a cut the separator stays. KEEP_NONE is deprecated in GoodMem and behaves as KEEP_END."""

    KEEP_NONE = "KEEP_NONE"
    KEEP_START = "KEEP_START"
    KEEP_END = "KEEP_END"


@dataclass(frozen=True)
class NoChunking:
    """The whole text is one chunk."""


@dataclass(frozen=True)
class Recursive:
    """Chunks of at most ``size``, cut at the first separator that gives a good cut (empty: the built-in ones)."""

    size: int = 512
    overlap: int = 64
    separators: tuple[str, ...] = ()
    keep: KeepStrategy = KeepStrategy.KEEP_END
    separator_is_regex: bool = False
    measure: LengthMeasurement = LengthMeasurement.CHARACTER_COUNT


@dataclass(frozen=True)
class Sentence:
    """Whole sentences, together until a chunk has ``least``, and never more than ``most``."""

    most: int = 1000
    least: int = 100
    detect_language: bool = False
    measure: LengthMeasurement = LengthMeasurement.CHARACTER_COUNT


Chunking = NoChunking | Recursive | Sentence
DEFAULT = Recursive()


def as_json(chunking: Chunking) -> dict[str, Any]:
    """Return the wire form, all fields filled; exactly one of none, recursive and sentence is not null."""
    none: dict[str, Any] | None = None
    recursive: dict[str, Any] | None = None
    sentence: dict[str, Any] | None = None
    if isinstance(chunking, Recursive):
        recursive = _recursive_json(chunking)
    elif isinstance(chunking, Sentence):
        sentence = _sentence_json(chunking)
    else:
        none = {}
    return {"none": none, "recursive": recursive, "sentence": sentence}


def _recursive_json(chunking: Recursive) -> dict[str, Any]:
    return {
        "chunkSize": chunking.size,
        "chunkOverlap": chunking.overlap,
        "separators": list(chunking.separators),
        "keepStrategy": chunking.keep.value,
        "separatorIsRegex": chunking.separator_is_regex,
        "lengthMeasurement": chunking.measure.value,
    }


def _sentence_json(chunking: Sentence) -> dict[str, Any]:
    return {
        "maxChunkSize": chunking.most,
        "minChunkSize": chunking.least,
        "enableLanguageDetection": chunking.detect_language,
        "lengthMeasurement": chunking.measure.value,
    }
