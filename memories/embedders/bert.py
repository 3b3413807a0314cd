"""The forward pass of BERT (Devlin et al. 2018, post-norm encoder) in numpy, for small models on a CPU.

The tokens of several texts lie one below the other, without padding: everything but attention works on rows, so only
attention looks at one text at a time. Temporary arrays are small and reused, so that they stay in the caches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

FFN_ROWS = 512  # rows of the wide layer at a time: 3 MB
GELU_NUMBERS = 32 * 1024  # at a time: 128 KB

# erf after Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26: off by at most 1.5e-7.
ERF_P = 0.3275911
ERF_A = (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)

Weights = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Shape:
    """The numbers of a model's ``config.json``."""

    layers: int
    heads: int
    width: int
    inner: int
    positions: int
    vocabulary: int
    epsilon: float


class Bert:
    """The encoder; ``weights`` are named as in the published files and only read, so threads may share it."""

    def __init__(self, weights: Weights, shape: Shape) -> None:
        self._weights, self._shape = weights, shape
        for name, expected in _shapes(shape).items():
            if name not in weights or weights[name].shape != expected or weights[name].dtype != np.float32:
                raise ValueError(f"the weights lack {name} of shape {expected}")

    def means(self, ids: Sequence[Sequence[int]]) -> np.ndarray:
        """The mean over the last layer's rows of each text, given as ids of tokens: float32 (len(ids), width)."""
        ends = np.cumsum([len(each) for each in ids])
        spans = [slice(end - len(each), end) for each, end in zip(ids, ends, strict=True)]
        rows = self._embedded(ids)
        for number in range(self._shape.layers):
            rows = self._layer(f"encoder.layer.{number}.", rows, spans)
        return np.stack([rows[span].mean(axis=0) for span in spans])

    def _embedded(self, ids: Sequence[Sequence[int]]) -> np.ndarray:
        words = np.concatenate([np.asarray(each, dtype=np.intp) for each in ids])
        places = np.concatenate([np.arange(len(each)) for each in ids])
        rows = self._weights["embeddings.word_embeddings.weight"][words]
        rows += self._weights["embeddings.position_embeddings.weight"][places]
        rows += self._weights["embeddings.token_type_embeddings.weight"][0]
        return self._normalised("embeddings.LayerNorm.", rows)

    def _layer(self, layer: str, rows: np.ndarray, spans: Sequence[slice]) -> np.ndarray:
        seen = self._dense(f"{layer}attention.output.dense.", self._attention(f"{layer}attention.self.", rows, spans))
        seen += rows
        seen = self._normalised(f"{layer}attention.output.LayerNorm.", seen)
        out = self._feed_forward(layer, seen)
        out += seen
        return self._normalised(f"{layer}output.LayerNorm.", out)

    def _attention(self, name: str, rows: np.ndarray, spans: Sequence[slice]) -> np.ndarray:
        heads, size = self._shape.heads, self._shape.width // self._shape.heads
        query, key, value = (
            self._dense(f"{name}{part}.", rows).reshape(-1, heads, size) for part in ("query", "key", "value")
        )
        query *= np.float32(size**-0.5)
        out = np.empty_like(rows).reshape(-1, heads, size)
        for span in spans:
            scores = query[span].transpose(1, 0, 2) @ key[span].transpose(1, 2, 0)
            scores -= scores.max(axis=-1, keepdims=True)
            np.exp(scores, out=scores)
            sums = scores.sum(axis=-1)
            out[span] = (scores @ value[span].transpose(1, 0, 2)).transpose(1, 0, 2) / sums.T[:, :, None]
        return out.reshape(rows.shape)

    def _feed_forward(self, layer: str, rows: np.ndarray) -> np.ndarray:
        out = np.empty_like(rows)
        for begin in range(0, len(rows), FFN_ROWS):
            wide = self._dense(f"{layer}intermediate.dense.", rows[begin : begin + FFN_ROWS])
            gelu(wide)
            out[begin : begin + FFN_ROWS] = self._dense(f"{layer}output.dense.", wide)
        return out

    def _dense(self, name: str, rows: np.ndarray) -> np.ndarray:
        out: np.ndarray = rows @ self._weights[f"{name}weight"].T
        out += self._weights[f"{name}bias"]
        return out

    def _normalised(self, name: str, rows: np.ndarray) -> np.ndarray:
        """Layer normalisation, in place."""
        rows -= rows.mean(axis=-1, keepdims=True)
        variance = np.einsum("ij,ij->i", rows, rows) / np.float32(rows.shape[1])
        rows /= np.sqrt(variance + np.float32(self._shape.epsilon))[:, None]
        rows *= self._weights[f"{name}weight"]
        rows += self._weights[f"{name}bias"]
        return rows


def gelu(numbers: np.ndarray) -> None:
    """x Φ(x), in place; the array is contiguous."""
    flat = numbers.reshape(-1)
    size = min(GELU_NUMBERS, flat.size)
    first, second, third = (np.empty(size, np.float32) for _ in range(3))
    for begin in range(0, flat.size, GELU_NUMBERS):
        part = flat[begin : begin + GELU_NUMBERS]
        _gelu(part, first[: part.size], second[: part.size], third[: part.size])


def _gelu(x: np.ndarray, t: np.ndarray, tail: np.ndarray, factor: np.ndarray) -> None:
    """x Φ(x) = max(x, 0) - |x| erfc(|x|/√2) / 2, where erfc(z) = exp(-z²) times a polynomial of t = 1 / (1 + p z)."""
    np.abs(x, out=t)
    np.multiply(t, t, out=factor)
    factor *= np.float32(-0.5)
    np.exp(factor, out=factor)
    factor *= t
    t *= np.float32(ERF_P / 2**0.5)
    t += np.float32(1)
    np.reciprocal(t, out=t)
    np.multiply(t, np.float32(ERF_A[0] / 2), out=tail)
    for coefficient in ERF_A[1:]:
        tail += np.float32(coefficient / 2)
        tail *= t
    tail *= factor
    np.maximum(x, np.float32(0), out=x)
    x -= tail


def _shapes(shape: Shape) -> dict[str, tuple[int, ...]]:
    """The names and shapes of all weights that are read."""
    width, inner = shape.width, shape.inner
    found: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (shape.vocabulary, width),
        "embeddings.position_embeddings.weight": (shape.positions, width),
        "embeddings.token_type_embeddings.weight": (2, width),
        **_with_bias("embeddings.LayerNorm", (width,)),
    }
    for number in range(shape.layers):
        layer = f"encoder.layer.{number}"
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            found |= _with_bias(f"{layer}.attention.{part}", (width, width))
        found |= _with_bias(f"{layer}.attention.output.LayerNorm", (width,))
        found |= _with_bias(f"{layer}.intermediate.dense", (inner, width))
        found |= _with_bias(f"{layer}.output.dense", (width, inner))
        found |= _with_bias(f"{layer}.output.LayerNorm", (width,))
    return found


def _with_bias(name: str, shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": shape, f"{name}.bias": shape[:1]}
