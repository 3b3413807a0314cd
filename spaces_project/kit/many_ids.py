"""Many ids at once in base 36: what exports and lists spell by the thousand.

One number at a time costs a dozen divisions in Python. Here all numbers lie side by side in one large integer, each
in a lane of 320 bits, and every step divides all lanes at once: dividing by a constant is multiplying by its
reciprocal and shifting, which ``int`` does in C in one pass. A lane is halved, and its halves, until every byte of it
holds one digit or nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from .ids import ALPHABET, DIGITS

LANE = 40  # bytes; a lane must hold the product of a number and a reciprocal
_PAD = bytes(LANE - 16)
_SPELLING = (b" " + ALPHABET.encode()).ljust(256)  # a digit is kept as its value + 1, so that 0 is nothing


@dataclass(frozen=True)
class _Step:
    """Divides lanes of ``width`` bits, below ``2**bits``: the quotient moves up by ``up`` bits, the rest stays."""

    divisor: int
    bits: int
    width: int
    up: int

    @cached_property
    def shift(self) -> int:
        """With the reciprocal rounded up, the quotient is exact for every number below ``2**bits``."""
        return self.bits + self.divisor.bit_length()

    @cached_property
    def reciprocal(self) -> int:
        return (1 << self.shift) // self.divisor + 1

    def __call__(self, lanes: int, numbers: int, count: int) -> int:
        """``lanes`` with their ``numbers`` divided."""
        kept = _every(self.width, (1 << self.bits - self.divisor.bit_length() + 1) - 1, count)
        quotients = (numbers * self.reciprocal >> self.shift) & kept
        return lanes + quotients * ((1 << self.up) - self.divisor)


_FIRST = _Step(36**24, 128, 320, 312)
_HALVES = (_Step(36**12, 125, 320, 160), _Step(36**6, 63, 160, 80), _Step(36**3, 32, 80, 40))
_SECOND, _THIRD = _Step(36**2, 16, 40, 16), _Step(36, 11, 40, 8)
_REST = (1 << 312) - 1  # a lane without its first digit
_ONES = int.from_bytes(b"\1\0" + b"\1\1\1" + 7 * b"\0\0\1\1\1", "big")


@lru_cache(maxsize=128)
def _every(width: int, value: int, count: int) -> int:
    """``value`` in each lane of ``width`` bits, of ``count`` times LANE bytes."""
    return int.from_bytes(value.to_bytes(width // 8, "big") * (count * LANE * 8 // width), "big")


def digits_of(ids: Iterable[bytes]) -> str:
    """The 25 digits of each id (16 bytes, the highest first), one after the other."""
    found = [b"", *ids]
    count = len(found) - 1
    lanes = int.from_bytes(_PAD.join(found), "big")
    lanes = _FIRST(lanes, lanes, count)
    rest = lanes & _every(320, _REST, count)
    first, lanes = lanes ^ rest, rest
    for half in _HALVES:
        lanes = half(lanes, lanes, count)
    lanes = _SECOND(lanes, lanes, count)
    lanes = _THIRD(lanes, lanes & _every(40, (1 << 11) - 1, count), count)
    lanes += first + _every(320, _ONES, count)
    return lanes.to_bytes(count * LANE, "big").translate(_SPELLING, b"\0").decode("ascii")


def spelled(ids: Iterable[bytes], before: str = "", after: str = "") -> list[str]:
    """``before`` + 25 digits + ``after`` for each id."""
    digits = digits_of(ids)
    return [f"{before}{digits[at : at + DIGITS]}{after}" for at in range(0, len(digits), DIGITS)]
