"""Charts as SVG: x in percent and y in pixels, so that text keeps its size on every screen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

PLOT_TOP, PLOT_BOTTOM = 8, 150
MINOR_EVERY = 2


@dataclass(frozen=True)
class Series:
    """One colour of the bars: its name and a value per day."""

    name: str
    values: list[int]


def spark_points(values: list[int]) -> str:
    """``x,y x,y …`` in a box of 100 x 32: the smallest value at the bottom, the largest at the top."""
    low, high = min(values), max(values)
    span = (high - low) or 1
    step = 100 / (len(values) - 1)
    flat = 30.0 if high == low else None
    return " ".join(f"{i * step:.1f},{flat or 30 - 27 * (v - low) / span:.1f}" for i, v in enumerate(values))


def nice_ceiling(value: int, steps: int = 3) -> int:
    """The smallest round number at or above ``value`` that ``steps`` divides into round parts."""
    part = max(1, math.ceil(value / steps))
    scale: int = 10 ** (len(str(part)) - 1)
    nice = next(each for each in (1, 2, 3, 4, 5, 6, 8, 10) if each * scale >= part)
    return nice * scale * steps


class BarChart:
    """What includes/bar_chart.html draws: stacked bars, one per day, the first series at the bottom."""

    height = PLOT_BOTTOM + 24
    label_y = PLOT_BOTTOM + 18

    def __init__(self, title: str, days: list[date], series: list[Series]) -> None:
        self.title, self.days, self.series = title, days, series
        self.names = [each.name for each in series]
        self.top = nice_ceiling(max((sum(column) for column in self._columns()), default=0))
        self.slot = 100 / max(1, len(days))

    def _columns(self) -> list[tuple[int, ...]]:
        return list(zip(*(each.values for each in self.series), strict=True))

    def _pixels(self, value: int) -> float:
        return (PLOT_BOTTOM - PLOT_TOP) * value / self.top

    @property
    def ticks(self) -> list[dict[str, Any]]:
        values = [self.top * i // 3 for i in range(4)]
        heights = [round(PLOT_BOTTOM - self._pixels(value), 1) for value in values]
        return [{"label": f"{v:,}", "y": y, "text_y": round(y + 4, 1)} for v, y in zip(values, heights, strict=True)]

    @property
    def bars(self) -> list[dict[str, Any]]:
        return [self._bar(i, column) for i, column in enumerate(self._columns())]

    def _bar(self, i: int, column: tuple[int, ...]) -> dict[str, Any]:
        parts, y = [], float(PLOT_BOTTOM)
        for number, value in enumerate(column, 1):
            y -= self._pixels(value)
            parts.append({"series": number, "y": f"{y:.1f}", "height": f"{self._pixels(value):.1f}"})
        said = ", ".join(f"{value:,} {name.lower()}" for value, name in zip(column, self.names, strict=True))
        title = f"{day_words(self.days[i])}: {said}"
        return {
            "title": title,
            "x": f"{(i + 0.18) * self.slot:.2f}",
            "width": f"{self.slot * 0.64:.2f}",
            "parts": parts,
        }

    @property
    def labels(self) -> list[dict[str, Any]]:
        every = max(1, len(self.days) // 6)
        chosen = range(0, len(self.days), every)
        return [
            {
                "x": f"{(i + 0.5) * self.slot:.2f}",
                "text": day_words(self.days[i]),
                "minor": n % MINOR_EVERY == 1,
            }
            for n, i in enumerate(chosen)
        ]

    @property
    def rows(self) -> list[dict[str, Any]]:
        columns = zip(self.days, self._columns(), strict=True)
        return [{"label": day_words(day), "values": column} for day, column in reversed(list(columns))]


def day_words(day: date) -> str:
    """``3 Nov``."""
    return f"{day.day} {day:%b}"
