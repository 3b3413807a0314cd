"""The marks a language model puts behind what it took from a passage: ``<sup>3</sup>``.

The model knows the passages by the numbers it was given; a reader sees those that are cited, numbered 1, 2, … in the
order of their first use. So the text is rewritten while it streams, and a mark that came in pieces is held back.
"""

from __future__ import annotations

import re

MARK = re.compile(
    r"<sup>\s*(?:source\s*)?(\d{1,4}(?:\s*[,;]\s*(?:source\s*)?\d{1,4})*)\s*</sup>|\[source\s*(\d{1,4})\]", re.I | re.A
)
BEGINNING = re.compile(
    r"(?:<(?:s(?:u(?:p(?:>[\s\d,;a-z]{0,40}(?:<(?:/(?:s(?:u(?:p)?)?)?)?)?)?)?)?)?"
    r"|\[(?:s(?:o(?:u(?:r(?:c(?:e\s*\d{0,4})?)?)?)?)?)?)\Z",
    re.I | re.A,
)
NUMBER = re.compile(r"\d+", re.A)


class Citations:
    """Rewrites a streamed text; afterwards ``used`` are the model's numbers in the order of their first use."""

    def __init__(self, passages: int) -> None:
        self.passages = passages
        self.used: list[int] = []
        self.original: list[str] = []
        self._held = ""

    def feed(self, text: str) -> str:
        """What of the text so far may be shown, rewritten; the rest is held back."""
        self.original.append(text)
        text = self._held + text
        beginning = BEGINNING.search(text)
        end = beginning.start() if beginning else len(text)
        self._held = text[end:]
        return MARK.sub(self._rewritten, text[:end])

    def rest(self) -> str:
        """What was held back when the text has ended."""
        held, self._held = self._held, ""
        return held

    def _rewritten(self, mark: re.Match[str]) -> str:
        numbers = [int(number) for number in NUMBER.findall(mark[1] or mark[2])]
        shown = [self._shown(number) for number in numbers if 1 <= number <= self.passages]
        return "".join(f"<sup>{number}</sup>" for number in dict.fromkeys(shown))

    def _shown(self, number: int) -> int:
        if number not in self.used:
            self.used.append(number)
        return self.used.index(number) + 1
