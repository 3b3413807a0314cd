"""One order of several lists: by rank, in turn, or by scores that are made comparable."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from statistics import fmean, pstdev

from .nearest import ChunkId
from .types import Merge

RRF = 60  # reciprocal rank fusion: 1 / (RRF + rank); the constant of its authors
SPREAD = 3  # standard deviations around the mean that become 0 to 1

Ranked = Sequence[tuple[ChunkId, float]]
"""Chunks with their scores, best first."""


def fused(lists: Sequence[Ranked], merge: Merge, least: Sequence[float]) -> dict[ChunkId, float]:
    """Each chunk's points of all lists together. What scores below a list's ``least`` gets no points of it."""
    totals: dict[ChunkId, float] = {}
    together = max if merge == Merge.ZIP else operator.add
    for place, ranked in enumerate(lists):
        points = _POINTS[merge](ranked, place)
        for (chunk, score), given in zip(ranked, points, strict=True):
            own = given if score >= least[place] else 0.0
            totals[chunk] = together(totals[chunk], own) if chunk in totals else own
    return totals


def _by_rank(ranked: Ranked, place: int) -> list[float]:
    return [1 / (RRF + rank) for rank in range(1, len(ranked) + 1)]


def _in_turn(ranked: Ranked, place: int) -> list[float]:
    """The first of each list, then the second of each; of two lists."""
    return [1 / (1 + 2 * rank + place) for rank in range(len(ranked))]


def _by_distribution(ranked: Ranked, place: int) -> list[float]:
    """Distribution-based score fusion: what lies SPREAD deviations below the mean of its list is 0, above it 1."""
    scores = [score for _, score in ranked]
    spread = SPREAD * pstdev(scores) if scores else 0.0
    if not spread:
        return [0.5] * len(scores)
    lowest = fmean(scores) - spread
    return [min(max((score - lowest) / (2 * spread), 0.0), 1.0) for score in scores]


_POINTS: dict[Merge, Callable[[Ranked, int], list[float]]] = {
    Merge.RRF: _by_rank,
    Merge.ZIP: _in_turn,
    Merge.DBSF: _by_distribution,
}
