"""What sizes are counted in: so many characters or tokens from a place in a text. A cut goes through no token."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import Final, Protocol

from .configuration import LengthMeasurement

TOKEN_CHARS: Final = 64  # tokenizers make one token of a whole line without spaces; it must not make an endless chunk


class Units(Protocol):
    """Counts in one text; places are offsets in characters."""

    def after(self, place: int, count: int) -> int:
        """Return the last place with at most ``count`` units between ``place`` and it; always beyond ``place``."""

    def before(self, place: int, count: int) -> int:
        """Return the place ``count`` units before ``place``; 0 if there are fewer."""

    def count(self, start: int, end: int) -> int:
        """Return how many units are between two places."""

    def apart(self, place: int, low: int) -> int:
        """Return ``place``, or a place near it and above ``low`` that no unit is across."""


class Characters:
    """Units that are characters (code points)."""

    def __init__(self, text: str) -> None:
        self.length = len(text)

    def after(self, place: int, count: int) -> int:
        return min(place + count, self.length)

    def before(self, place: int, count: int) -> int:
        return max(place - count, 0)

    def count(self, start: int, end: int) -> int:
        return end - start

    def apart(self, place: int, low: int) -> int:
        return place


class Tokens:
    """Units that are tokens; what is between two tokens belongs to the first."""

    def __init__(self, spans: Iterable[tuple[int, int]], length: int) -> None:
        pieces = list(_pieces(spans))
        self.starts = [start for start, _ in pieces]
        self.ends = [end for _, end in pieces]
        self.length = length

    def after(self, place: int, count: int) -> int:
        at = bisect_right(self.ends, place) + count
        return self.starts[at] if at < len(self.starts) else self.length

    def before(self, place: int, count: int) -> int:
        at = bisect_left(self.starts, place) - count
        if count == 0:
            return place
        return self.starts[at] if at > 0 else 0

    def count(self, start: int, end: int) -> int:
        return max(bisect_left(self.starts, end) - bisect_right(self.ends, start), 0)

    def apart(self, place: int, low: int) -> int:
        at = bisect_left(self.starts, place) - 1  # the last token that begins before
        if at < 0 or self.ends[at] <= place:
            return place
        return self.starts[at] if self.starts[at] > low else self.ends[at]


def _pieces(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the tokens that have characters of their own, long ones cut (byte tokens can share a character)."""
    reached = 0
    for start, end in spans:
        start = max(start, reached)
        while start < end:
            reached = min(start + TOKEN_CHARS, end)
            yield start, reached
            start = reached


def units_of(text: str, measure: LengthMeasurement) -> Units:
    """Return the counter of ``text`` for a measure of a chunking."""
    if measure is not LengthMeasurement.TOKEN_COUNT:
        return Characters(text)
    from memories.embedders.tokens import token_spans  # here: the tokenizer is large, and few chunkings count tokens

    return Tokens(token_spans(text), len(text))
