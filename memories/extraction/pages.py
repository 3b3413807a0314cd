"""The pages of a document, put together with their offsets."""

from __future__ import annotations

from spaces_project.kit import limits

from .plain import tidy, too_long

BETWEEN = "\n\n"


class Pages:
    """Takes the texts of pages in order. A page without text begins where the next one does."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.starts: list[int] = []
        self.notes: list[str] = []
        self.length = 0

    def add(self, text: str, note: str = "") -> None:
        """Add a page; raises ExtractionFailed (TOO_LARGE) where all together are too long."""
        text = tidy(text)
        self.starts.append(self.length)
        if note:
            self.notes.append(note)
        if text:
            self.texts.append(text)
            self.length += len(text) + len(BETWEEN)
        if self.length - len(BETWEEN) > limits.MEMORY_TEXT_CHARS:
            raise too_long()

    def finish(self) -> tuple[str, tuple[int, ...], tuple[str, ...]]:
        """Return the text, where the pages begin in it, and notes."""
        text = BETWEEN.join(self.texts)
        return text, tuple(min(start, len(text)) for start in self.starts), tuple(self.notes)
