"""Characters that are several code points: an accent on a letter, an emoji of a family, a flag."""

from __future__ import annotations

import unicodedata
from typing import Final

JOINER: Final = "\u200d"
FURTHEST: Final = 64


def whole(text: str, low: int, high: int) -> int:
    """Return ``high``, or the place before it where the character ends that ``high`` is inside of; above ``low``."""
    for place in range(high, max(low, high - FURTHEST), -1):
        if not _inside(text, place):
            return place
    return high


def _inside(text: str, place: int) -> bool:
    if not 0 < place < len(text):
        return False
    char = text[place]
    if char.isascii():
        return False
    return _continues(char) or text[place - 1] == JOINER or (_is_flag(char) and _flags_before(text, place) % 2 == 1)


def _continues(char: str) -> bool:
    return char == JOINER or unicodedata.category(char)[0] == "M" or _modifies_emoji(char)


def _modifies_emoji(char: str) -> bool:
    return "\U0001f3fb" <= char <= "\U0001f3ff" or "\U000e0020" <= char <= "\U000e007f"


def _is_flag(char: str) -> bool:
    """Say whether ``char`` is half of a flag."""
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _flags_before(text: str, place: int) -> int:
    count = 0
    while count < FURTHEST and place > count and _is_flag(text[place - count - 1]):
        count += 1
    return count
