"""Where a recursive chunking likes to cut: a list of levels, the best first."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Final

from .configuration import KeepStrategy, Recursive
from .graphemes import whole
from .patterns import Searcher
from .sentences import CONTEXT, LIST_ITEM, sentence_ends

Level = Callable[[int, int], int | None]
"""Takes ``low`` and ``high``; returns the last good place above ``low`` and at most at ``high``, if any."""

# A line that is over: one that ends a sentence or a row, or that a list goes on after. Other ends of lines are where
# a line of a PDF or an e-mail was full.
LINE_END: Final = re.compile(rf"(?<=[.!?:;|…”\"»])\n|\n(?={LIST_ITEM})")


def levels_of(text: str, chunking: Recursive) -> list[Level]:
    """Return the levels of a chunking for one text."""
    at_start = chunking.keep is KeepStrategy.KEEP_START
    if not chunking.separators:
        return built_in(text, at_start)
    return [_level(text, each, at_start, chunking.separator_is_regex) for each in chunking.separators]


def built_in(text: str, at_start: bool = False) -> list[Level]:
    """Return paragraphs, lines, sentences, lines that only look so, words."""
    return [_literal(text, "\n\n", at_start), partial(_line, text), *fine_levels(text, at_start)]


def fine_levels(text: str, at_start: bool = False) -> list[Level]:
    """Return the levels inside of a paragraph."""
    return [partial(_sentence, text), _literal(text, "\n", at_start), partial(_word, text, at_start)]


def _level(text: str, separator: str, at_start: bool, is_regex: bool) -> Level:
    if not separator:
        return partial(whole, text)
    if is_regex:
        return partial(Searcher(separator, text).last, at_start=at_start)
    return _literal(text, separator, at_start)


def _literal(text: str, separator: str, at_start: bool) -> Level:
    size, last = len(separator), text.rfind

    def before(low: int, high: int) -> int | None:
        place = last(separator, low + 1, high + size)
        return place if place >= 0 else None

    def behind(low: int, high: int) -> int | None:
        first = low - size + 1
        place = last(separator, first if first > 0 else 0, high)
        return place + size if place >= 0 else None

    return before if at_start else behind


def _line(text: str, low: int, high: int) -> int | None:
    found = None
    for match in LINE_END.finditer(text, low, high + CONTEXT):
        if match.end() > high:
            break
        found = match.end()
    return found if found is not None and found > low else None


def _sentence(text: str, low: int, high: int) -> int | None:
    return max(sentence_ends(text, low, high), default=None)


def _word(text: str, at_start: bool, low: int, high: int) -> int | None:
    window = text[low + 1 : high + 1] if at_start else text[low:high]  # what would be the space
    if window[-1:].isspace():
        return low + len(window)
    rest = window.rsplit(maxsplit=1)[-1]
    return low + len(window) - len(rest) if len(rest) < len(window) else None
