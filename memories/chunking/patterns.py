"""Regular expressions that users wrote: RE2, whose time is linear in the text whatever the expression.

The price is that RE2 has no lookaround and no back-references.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import Any

import re2  # type: ignore[import-untyped]

from spaces_project.kit import limits

LOOKAROUND = ("(?=", "(?!", "(?<=", "(?<!")


@lru_cache(maxsize=256)
def compiled(pattern: str) -> Any:
    """Compile ``pattern`` (RE2 syntax); ValueError with a reason for users if it is refused."""
    options = re2.Options()
    options.log_errors = False  # else it writes to the standard error of the process
    options.max_mem = limits.SEPARATOR_MEMORY_BYTES
    options.never_capture = True
    try:
        return re2.compile(pattern, options=options)
    except re2.error as error:
        raise ValueError(_reason(pattern, error)) from None


def _reason(pattern: str, error: Exception) -> str:
    if any(sign in pattern for sign in LOOKAROUND):
        return "lookahead and lookbehind are not available (its syntax is RE2's)"
    said = error.args[0] if error.args else "it is not understood"
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)


class Searcher:
    """Finds the last match of a pattern in a part of one text, in time about linear in that part.

    All matches of a whole text could take quadratic time: each search may read to the end before it gives up.
    Anchors and ``\\b`` see the whole text.
    """

    FIRST, GROWTH, MATCHES = 256, 4, 1_000  # characters looked at first, then four times as many; matches read in each

    def __init__(self, pattern: str, text: str) -> None:
        self.regexp = compiled(pattern)
        self.text, self.data = text, text.encode()
        self.is_ascii = len(self.data) == len(text)
        self.known = (0, 0)  # a place in characters, and the same in bytes

    def last(self, low: int, high: int, at_start: bool) -> int | None:
        """Return the last start (else: end) of a match inside low..high that is above ``low``, or None."""
        size = self.FIRST
        while True:
            begin = max(high - size, low)
            if (found := self._last_from(begin, low, high, at_start)) is not None or begin == low:
                return found
            size *= self.GROWTH

    def _last_from(self, begin: int, low: int, high: int, at_start: bool) -> int | None:
        first, stop = self._bytes(begin), self._bytes(high + limits.SEPARATOR_CHARS if at_start else high)
        found = None
        for match in islice(self.regexp.finditer(self.data, first, stop), self.MATCHES):
            place = begin + self._chars(first, match.start() if at_start else match.end())
            found = place if low < place <= high else found
        return found

    def _bytes(self, place: int) -> int:
        """Count the bytes before a place; windows move on, so the last answer is near."""
        if self.is_ascii:
            return min(place, len(self.text))
        chars, octets = self.known
        between = len(self.text[min(chars, place) : max(chars, place)].encode())
        self.known = (place, octets + between if place >= chars else octets - between)
        return self.known[1]

    def _chars(self, first: int, stop: int) -> int:
        return stop - first if self.is_ascii else len(self.data[first:stop].decode(errors="ignore"))
