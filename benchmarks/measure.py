"""Figures, medians and alternating rounds."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured number beside its goal, ``at_most`` or ``at_least``; neither: for information."""

    name: str
    value: float
    unit: str = "x"
    at_most: float | None = None
    at_least: float | None = None
    note: str = ""

    @property
    def is_met(self) -> bool:
        if self.at_most is not None:
            return self.value <= self.at_most
        return self.at_least is None or self.value >= self.at_least

    def __str__(self) -> str:
        goal = "" if self.at_most is None else f"goal ≤ {self.at_most:g} {self.unit}"
        goal = goal if self.at_least is None else f"goal ≥ {self.at_least:g} {self.unit}"
        word = ("ok" if self.is_met else "MISSED") if goal else ""
        note = f"  ({self.note})" if self.note else ""
        return f"{self.name:<58} {self.value:>9.2f} {self.unit:<5} {goal:<16} {word}{note}"


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def alternating(ways: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """The median of each way's figure, measured in turns so that a busy moment hits them all."""
    seen: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, work in ways.items():
            seen[name].append(work())
    return {name: statistics.median(values) for name, values in seen.items()}
