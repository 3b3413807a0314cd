"""HTML: headings, paragraphs, list items and table rows as lines; no scripts, no styles."""

from __future__ import annotations

import re
from typing import Final

from .documents import Code, Document, ExtractionFailed
from .markup import tokens
from .plain import decode, tidy, title_of
from .types import HTML

DROPPED: Final = frozenset(re.split(" ", "script style template noscript svg math iframe object canvas audio video"))
PARAGRAPHS: Final = frozenset(
    re.split(
        " ",
        "p h1 h2 h3 h4 h5 h6 blockquote pre table ul ol dl figure section article header footer main nav aside form "
        "address fieldset details hr",
    )
)
LINES: Final = frozenset(re.split(" ", "div li dt dd tr br caption figcaption legend option summary title"))
CELLS: Final = frozenset(["td", "th"])


class Reader:
    """Collects the text; ``titles`` are those of the page."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.titles: list[str] = []
        self.dropped: list[str] = []  # the elements we are inside of that are left out
        self.breaks = 0  # line ends before the next text
        self.verbatim = 0
        self.in_title = self.in_row = False

    def read(self, page: str) -> None:
        for text, tag, starts, ends in tokens(page):
            if starts:
                self._start(tag)
            if ends:
                self._end(tag)
            if text:
                self._data(text)

    def _start(self, tag: str) -> None:
        if tag == "title" and not self.titles:
            self.in_title = True
        if tag == "body":
            self.dropped.clear()
        elif tag in DROPPED and tag not in self.dropped:
            self.dropped.append(tag)
        self._break(tag)
        self.verbatim += tag == "pre"
        if tag in CELLS and self.in_row:
            self._add(" | ")
        elif tag == "li":
            self._add("- ")
        self.in_row |= tag in CELLS

    def _end(self, tag: str) -> None:
        if tag == "title":
            self.in_title = False
        if tag in self.dropped:
            del self.dropped[self.dropped.index(tag) :]
        self.verbatim = max(self.verbatim - (tag == "pre"), 0)
        self._break(tag)

    def _break(self, tag: str) -> None:
        if tag == "tr":
            self.in_row = False
        if self.in_row and tag in PARAGRAPHS | LINES:
            self._add(" ")
        elif tag in PARAGRAPHS or tag in LINES:
            self.breaks = max(self.breaks, 2 if tag in PARAGRAPHS else 1)

    def _data(self, data: str) -> None:
        if self.in_title:
            self.titles.append(data)
        elif not self.dropped:
            self._add(data if self.verbatim else re.sub(r"\s+", " ", data))

    def _add(self, text: str) -> None:
        if self.breaks and not self.verbatim:
            text = text.lstrip()
        if text:
            self.parts.append("\n" * self.breaks + text)
            self.breaks = 0


def read_html(data: bytes, declared: str) -> Document:
    """Return the text of a page; its charset is declared, in its ``meta``, or found as for other text."""
    inside = data[:4096].decode("latin-1")
    reader = Reader()
    reader.read(decode(data, declared if "charset" in declared.lower() else inside))
    text = tidy("".join(reader.parts))
    if not text:
        raise ExtractionFailed(Code.NO_TEXT, "It has no text.")
    return Document(text, HTML, title_of(" ".join(reader.titles)))
