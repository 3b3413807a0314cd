"""Paragraphs, lists and tables of WordprocessingML and of slides, whose elements have the same names here.

Rows of tables are lines with `` | `` between their cells. What was deleted with changes tracked is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from .xml import Element, Take

SIGNS: Final = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}
SKIPPED: Final = frozenset(["Fallback", "del", "moveFrom", "instrText", "pPrChange", "rPrChange"])


class Paragraphs:
    """Takes elements, gives text."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.skipped = self.rows = self.cells = 0
        self.in_text = self.in_item = self.in_run_of_items = False

    def take(self, element: Element) -> None:
        if element.name in SKIPPED:
            self.skipped += -1 if element.closed else 1
        if self.skipped:
            return
        if element.closed:
            self._end(element)
        else:
            self._begin(element)

    def _begin(self, element: Element) -> None:
        if element.name == "tr":
            self.rows, self.cells = self.rows + 1, 0
        elif element.name == "tc" and self.rows:
            self.parts.append("| " if self.cells else "")
            self.cells += 1
        elif element.name == "numPr":
            self.in_item = True
        elif element.name in SIGNS and not self._is_tab_stop(element):
            self.parts.append(" " if self.rows else SIGNS[element.name])
        elif element.name == "p":
            self.in_item = False

    def _is_tab_stop(self, element: Element) -> bool:
        """Say whether this ``tab`` only defines a tab stop of the paragraph."""
        return element.name == "tab" and "pos" in element.attributes

    def _end(self, element: Element) -> None:
        if element.name == "t":
            self.parts.append(element.text)
        elif element.name == "p":
            self._end_paragraph()
        elif element.name == "tr":
            self.rows = max(self.rows - 1, 0)
            self.parts.append("\n")
        elif element.name == "tbl":
            self.parts.append("\n")

    def _end_paragraph(self) -> None:
        if self.rows:
            self.parts.append(" ")
        else:
            self.parts.append("\n" if self.in_item else "\n\n")

    def text(self) -> str:
        return "".join(self.parts)


def read_paragraphs(parse: Callable[[str, Take], None], name: str) -> str:
    """Return the text of a member of an archive, "" if there is no such member."""
    paragraphs = Paragraphs()
    parse(name, paragraphs.take)
    return paragraphs.text()
