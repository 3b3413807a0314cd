"""What each kind of server wants to be asked, and how its answer is read.

Sources: OpenAI API reference, "Create embeddings" (vLLM, Gemini and DashScope serve the same under ``…/embeddings``);
llama.cpp, tools/server/README.md (its ``/embeddings`` answers a bare list, ``/v1/embeddings`` as OpenAI);
text-embeddings-inference OpenAPI, ``/embed``; Cohere API v2 "Embed"; Voyage API "Text embeddings"; Jina "Embeddings".
"""

from __future__ import annotations

import binascii
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pybase64

from .base import Purpose
from .calls import NOT_UNDERSTOOD, CallFailed

SMALL, LARGE = 1e-9, 1e9  # between these a length that is computed in float32 is exact enough


class Shape(ABC):
    """The wire of one kind of server.

    ``texts`` and ``chars`` are what one request may hold, ``optional`` the parameters that some of its models do not
    know, ``size`` the parameter that asks for vectors of fewer numbers than the model's own.
    """

    texts: ClassVar[int]
    chars: ClassVar[int] = 100_000
    optional: ClassVar[frozenset[str]] = frozenset()
    size: ClassVar[str | None] = None

    @abstractmethod
    def body(self, model: str, texts: Sequence[str], purpose: Purpose) -> dict[str, Any]:
        """The JSON that asks for the vectors of ``texts``."""

    @abstractmethod
    def vectors(self, answer: Any) -> list[Any]:
        """The vectors in the order of the texts, each as numbers or base64; CallFailed when the answer is none."""


class OpenAI(Shape):
    """``{"model", "input"}`` → ``{"data": [{"index", "embedding"}]}``. Never 2,048 texts: many servers take fewer."""

    texts = 128
    optional = frozenset({"encoding_format", "dimensions"})
    size = "dimensions"
    encoding = "float"

    def body(self, model: str, texts: Sequence[str], purpose: Purpose) -> dict[str, Any]:
        return {"model": model, "input": list(texts), "encoding_format": self.encoding}

    def vectors(self, answer: Any) -> list[Any]:
        rows = answer.get("data") if isinstance(answer, dict) else None
        return [row.get("embedding") for row in in_order(rows)]


class OpenAIItself(OpenAI):
    """The same, a third of the bytes: base64 of little-endian float32 is what OpenAI's own client asks for."""

    encoding = "base64"


class Vllm(OpenAI):
    texts = 64


class Gemini(OpenAI):
    texts = 100


class DashScope(OpenAI):
    texts = 10


class LlamaCpp(OpenAI):
    """Also its older answer: a list of ``{"index", "embedding": [[…]]}``."""

    texts = 16

    def vectors(self, answer: Any) -> list[Any]:
        if not isinstance(answer, list):
            return super().vectors(answer)
        return [_unnested(row.get("embedding")) for row in in_order(answer)]


def _unnested(vector: Any) -> Any:
    return vector[0] if isinstance(vector, list) and len(vector) == 1 else vector


class Voyage(OpenAI):
    texts = 64
    optional = frozenset({"input_type", "truncation", "output_dimension"})
    size = "output_dimension"

    def body(self, model: str, texts: Sequence[str], purpose: Purpose) -> dict[str, Any]:
        return {"model": model, "input": list(texts), "input_type": purpose.value, "truncation": True}


class Jina(OpenAI):
    texts = 64
    optional = frozenset({"task", "truncate", "dimensions"})
    TASKS: ClassVar[dict[Purpose, str]] = {
        Purpose.DOCUMENT: "retrieval.passage",
        Purpose.QUERY: "retrieval.query",
    }

    def body(self, model: str, texts: Sequence[str], purpose: Purpose) -> dict[str, Any]:
        return {"model": model, "input": list(texts), "task": self.TASKS[purpose], "truncate": True}


class Tei(Shape):
    """``{"inputs", "truncate"}`` → a list of vectors; the server has one model, so none is named."""

    texts = 32  # its --max-client-batch-size

    def body(self, model: str, texts: Sequence[str], purpose: Purpose) -> dict[str, Any]:
        return {"inputs": list(texts), "truncate": True}

    def vectors(self, answer: Any) -> list[Any]:
        return listed(answer)


class Cohere(Shape):
    texts = 96
    optional = frozenset({"output_dimension"})
    size = "output_dimension"

    def body(self, model: str, texts: Sequence[str], purpose: Purpose) -> dict[str, Any]:
        asked = {"model": model, "texts": list(texts), "input_type": f"search_{purpose.value}"}
        return {**asked, "embedding_types": ["float"], "truncate": "END"}

    def vectors(self, answer: Any) -> list[Any]:
        found = answer.get("embeddings") if isinstance(answer, dict) else None
        return listed(found.get("float") if isinstance(found, dict) else None)


def listed(rows: Any) -> list[Any]:
    """``rows`` if it is a list; else CallFailed."""
    if not isinstance(rows, list):
        raise CallFailed(NOT_UNDERSTOOD)
    return rows


def in_order(rows: Any) -> list[dict[str, Any]]:
    """Rows by their ``index`` (every one from 0 once), or as they came where none has one; else CallFailed."""
    if not all(isinstance(row, dict) for row in listed(rows)):
        raise CallFailed(NOT_UNDERSTOOD)
    if not any("index" in row for row in rows):
        return list(rows)
    by_index = {row["index"]: row for row in rows if type(row.get("index")) is int}
    if sorted(by_index) != list(range(len(rows))):
        raise CallFailed("answered with texts missing or named twice.")
    return [by_index[place] for place in range(len(rows))]


def matrix(vectors: list[Any], count: int, dimension: int) -> np.ndarray:
    """float32 rows of L2 norm 1. Raises CallFailed unless there are ``count`` finite rows, none of them zero.

    A row may be longer than ``dimension``; the caller asks again for shorter ones.
    """
    if len(vectors) != count:
        raise CallFailed(f"answered with {len(vectors)} vectors for {count} texts.")
    if not count:
        return np.empty((0, dimension), np.float32)
    try:
        rows = _rows(vectors)
    except (ValueError, TypeError, OverflowError, binascii.Error):
        raise CallFailed(NOT_UNDERSTOOD) from None
    if rows.ndim != 2:
        raise CallFailed(NOT_UNDERSTOOD)
    return _unit(rows)


def _rows(vectors: list[Any]) -> np.ndarray:
    """The numbers: float32 where all came as base64 of these, else float64. Raises what is no vectors, or uneven."""
    if set(map(type, vectors)) != {str}:
        return np.array([_numbers(vector) for vector in vectors], dtype=np.float64)
    decoded = [pybase64.b64decode(vector, validate=True) for vector in vectors]
    if len({len(each) for each in decoded}) != 1:
        raise ValueError("of different lengths")
    return np.frombuffer(b"".join(decoded), dtype="<f4").reshape(len(decoded), -1)


def _unit(rows: np.ndarray) -> np.ndarray:
    """The same directions, of length 1. Raises CallFailed when one has none."""
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        if rows.dtype != np.float64 and not ((lengths > SMALL) & (lengths < LARGE)).all():
            return _unit(rows.astype(np.float64))
    if not np.isfinite(lengths).all() or not lengths.all():
        raise CallFailed("answered with a vector that is zero or not finite.")
    unit: np.ndarray = (rows / lengths).astype(np.float32, copy=False)
    return unit


def _numbers(vector: Any) -> np.ndarray:
    if isinstance(vector, str):
        return np.frombuffer(pybase64.b64decode(vector, validate=True), dtype="<f4").astype(np.float64)
    if not isinstance(vector, list) or not all(type(number) in (float, int) for number in vector):
        raise ValueError(type(vector))
    return np.array(vector, dtype=np.float64)
