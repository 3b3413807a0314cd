"""The answer without a language model: quotes of the best passages of the space's memories, with references."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from memories.retrieval import Passage

from .base import Debug, Dialogue, Piece, References, Responder, Said
from .passages import found

PASSAGES = 4
NOTHING = (
    "I am the built-in answerer of this space: not a language model, I only quote what is stored here. "
    "I found nothing about this in the memories that I may use."
)
NOTHING_IN_FILES = (
    "I am the built-in answerer of this space: not a language model, I only quote what is stored here. "
    "There is no text in the files that were selected."
)
BEGINNINGS = "This is how the selected files begin. I quote; I am not a language model.\n"
INTRODUCTION = "This is what the memories of this space say. I quote; I am not a language model.\n"


class Extractive(Responder):
    """Finds, quotes and numbers; says plainly what it is."""

    name = "extractive"

    def __init__(self, note: dict[str, Any] | None = None) -> None:
        self.note = note or {}

    def respond(self, dialogue: Dialogue) -> Iterator[Piece]:
        passages = found(dialogue, PASSAGES)
        yield Debug({"responder": self.name, "passages": len(passages)})
        asks = bool(dialogue.question.strip())
        if not passages:
            yield Said(NOTHING if asks else NOTHING_IN_FILES)
            return
        yield Said(INTRODUCTION if asks else BEGINNINGS)
        for number, passage in enumerate(passages, start=1):
            yield Said(f"\n{quoted(passage)} <sup>{number}</sup>\n")
        yield References(passages)


def quoted(passage: Passage) -> str:
    """The passage as a block quotation in Markdown."""
    return "\n".join(f"> {line}" for line in passage.text.strip().splitlines())
