"""Cutting: one loop for all ways, which differ in where they like to cut.

Spans are in order, cover every character and are never empty. A chunk has at most ``size`` units; the next one begins
exactly ``overlap`` units before its end. Every cut is taken in the last three quarters of what a chunk may add, so
that no chunk is a lone heading, every chunk is longer than the overlap, and their number is bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import NamedTuple

from spaces.errors import TooLarge
from spaces_project.kit import limits

from .configuration import Chunking, NoChunking, Recursive, Sentence
from .graphemes import whole
from .levels import Level, fine_levels, levels_of
from .sentences import sentence_ends
from .units import Characters, Units, units_of


class Span(NamedTuple):
    """A chunk: ``text[start:end]``, in characters."""

    start: int
    end: int


Places = Iterator[tuple[int, int]]  # what spans are made of
_SPAN: Callable[[tuple[int, int]], Span] = partial(tuple.__new__, Span)  # Span itself is twice as slow


def split(text: str, chunking: Chunking) -> list[Span]:
    """Cut ``text``; an empty text has no chunks. TooLarge if there would be more than CHUNKS_PER_MEMORY."""
    spans = list(map(_SPAN, islice(_places(text, chunking), limits.CHUNKS_PER_MEMORY + 1)))
    if len(spans) > limits.CHUNKS_PER_MEMORY:
        raise TooLarge(f"The text has more than {limits.CHUNKS_PER_MEMORY:,} chunks; choose a larger chunk size.")
    return spans


def _places(text: str, chunking: Chunking) -> Places:
    if not text:
        return iter(())
    if isinstance(chunking, NoChunking):
        return iter([(0, len(text))])
    if isinstance(chunking, Recursive):
        return _recursive(text, chunking)
    return _sentences(text, chunking)


def _recursive(text: str, chunking: Recursive) -> Places:
    units = units_of(text, chunking.measure)
    levels = levels_of(text, chunking)
    least = chunking.overlap + max(1, (chunking.size - chunking.overlap) // 4)
    if isinstance(units, Characters):
        return _by_characters(text, chunking, levels, least)
    return _by_units(text, chunking, levels, least, units)


def _by_characters(text: str, chunking: Recursive, levels: list[Level], least: int) -> Places:
    """As `_by_units`, where a unit is a character: places are reckoned, with nothing to look up."""
    start, end, size, overlap, (best, *others) = 0, len(text), chunking.size, chunking.overlap, levels
    while (high := start + size) < end:
        low = start + least - 1
        cut = best(low, high)
        if cut is None:
            cut = _cut(text, others, low, high)
        yield start, cut
        start = cut - overlap
    yield start, end


def _by_units(text: str, chunking: Recursive, levels: list[Level], least: int, units: Units) -> Places:
    start = 0
    while (high := units.after(start, chunking.size)) < len(text):
        low = _low(units, start, least - 1)
        cut = units.apart(_cut(text, levels, low, high), low)
        yield start, cut
        start = units.before(cut, chunking.overlap)
    yield start, len(text)


def _low(units: Units, start: int, count: int) -> int:
    """Return the place above which there are more than ``count`` units since ``start``: white space alone is none."""
    return max(start, units.after(start, count))


def _cut(text: str, levels: list[Level], low: int, high: int) -> int:
    """Return the best place to cut above ``low`` and at most at ``high``."""
    for level in levels:
        if (place := level(low, high)) is not None:
            return place
    return whole(text, low, high)


def _sentences(text: str, chunking: Sentence) -> Places:
    units = units_of(text, chunking.measure)
    levels = fine_levels(text)
    start = 0
    while start < len(text):
        high = units.after(start, chunking.most)
        end = _sentence_end(text, units, chunking, start, high)
        if end is None:
            low = _low(units, start, chunking.most // 4)
            end = units.apart(_cut(text, levels, low, high), low)
        yield start, end
        start = end


def _sentence_end(text: str, units: Units, chunking: Sentence, start: int, high: int) -> int | None:
    """Return where a chunk from ``start`` ends: with a sentence; None if none ends up to ``high``."""
    found = None
    for end in sentence_ends(text, start, high, chunking.detect_language):
        found = end
        if units.count(start, end) >= chunking.least:
            break
    if high < len(text):
        return found
    enough = found is not None and units.count(start, found) >= chunking.least
    return found if enough and units.count(found or 0, high) >= chunking.least else len(text)
