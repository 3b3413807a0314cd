"""What extraction gives back, and how it fails."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Document:
    """The text of a file, normalised; offsets into it are in characters and stay right as it is stored as it is."""

    text: str
    mime_type: str
    title: str = ""
    page_starts: tuple[int, ...] = ()
    """Where each page, slide or sheet begins (the first at 0); empty for what has no pages."""
    notes: tuple[str, ...] = ()
    """Sentences for users about what could not be read, though the rest could."""


class Code(StrEnum):
    """Why there is no text."""

    EMPTY = "EMPTY"
    NO_TEXT = "NO_TEXT"
    ENCRYPTED = "ENCRYPTED"
    CORRUPT = "CORRUPT"
    TOO_LARGE = "TOO_LARGE"
    UNSUPPORTED = "UNSUPPORTED"
    TIMED_OUT = "TIMED_OUT"
    OUT_OF_MEMORY = "OUT_OF_MEMORY"


class ExtractionFailed(Exception):
    """The file gives no text; ``message`` is one sentence for users."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message
