"""Three ways to make one order of what is found by meaning and by words."""

from __future__ import annotations

import math
from uuid import UUID

import pytest

from memories.retrieval import Merge
from memories.retrieval.fusion import RRF, Ranked, fused

A, B, C, D = (UUID(int=number) for number in range(4))
NEAR: Ranked = [(A, 0.9), (B, 0.5), (C, 0.1)]
SAID: Ranked = [(C, 1.0), (D, 0.6), (A, 0.2)]
NO_LEAST = (-math.inf, -math.inf)


def order(merge: Merge, least: tuple[float, float] = NO_LEAST) -> list[UUID]:
    totals = fused([NEAR, SAID], merge, least)
    return sorted(totals, key=lambda chunk: (-totals[chunk], chunk))


def test_ranks_are_added_up() -> None:
    totals = fused([NEAR, SAID], Merge.RRF, NO_LEAST)
    assert totals[A] == totals[C] == pytest.approx(1 / (RRF + 1) + 1 / (RRF + 3))
    assert order(Merge.RRF) == [A, C, B, D]


def test_lists_take_turns() -> None:
    assert order(Merge.ZIP) == [A, C, B, D]
    assert list(fused([NEAR, SAID], Merge.ZIP, NO_LEAST).values()) == [1, 1 / 3, 1 / 2, 1 / 4]


def test_scores_of_one_scale_are_added_up() -> None:
    totals = fused([NEAR, SAID], Merge.DBSF, NO_LEAST)
    spread = 3 * math.sqrt((0.4**2 + 0 + 0.4**2) / 3)
    assert totals[B] == pytest.approx(0.5)
    assert totals[A] == pytest.approx(0.5 + 0.4 / (2 * spread) + 0.5 - 0.4 / (2 * spread))
    assert all(0 <= total <= 2 for total in totals.values())
    assert fused([[(A, 0.3)], []], Merge.DBSF, NO_LEAST) == {A: 0.5}


@pytest.mark.parametrize("merge", Merge)
def test_what_scores_too_little_in_a_list_gets_nothing_of_it(merge: Merge) -> None:
    totals = fused([NEAR[:1], SAID], merge, (-math.inf, 0.7))
    assert totals[D] == 0
    assert totals[A] == fused([NEAR[:1], []], merge, NO_LEAST)[A]
    assert set(totals) == {A, C, D}
