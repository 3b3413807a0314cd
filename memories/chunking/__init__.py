"""Chunking: cutting a text into the pieces that are embedded and found (see docs/ingestion.md).

Cutting knows no database and no memory: a text and a configuration go in, spans of the text come out.
"""

from __future__ import annotations

from .configuration import (
    DEFAULT,
    Chunking,
    KeepStrategy,
    LengthMeasurement,
    NoChunking,
    Recursive,
    Sentence,
    as_json,
)
from .parsing import parse
from .splitting import Span, split

__all__ = [
    "DEFAULT",
    "Chunking",
    "KeepStrategy",
    "LengthMeasurement",
    "NoChunking",
    "Recursive",
    "Sentence",
    "Span",
    "as_json",
    "parse",
    "split",
]
