"""XML of office documents as a stream of elements: no tree, no document type, so no entities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO
from xml.parsers import expat

from .documents import Code, ExtractionFailed

BLOCK = 64 * 1024
DEPTH = 10_000
Take = Callable[["Element"], None]


@dataclass
class Element:
    """The begin or (``closed``) the end of an element, by its name without a namespace.

    ``text`` is what was directly before that point: at the end, the text since the last element began or ended.
    """

    name: str
    attributes: dict[str, str]
    text: str = ""
    closed: bool = False


class _Stream:
    def __init__(self, take: Take) -> None:
        self.take, self.depth = take, 0
        self.texts: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEPTH:
            raise ExtractionFailed(Code.CORRUPT, "It is nested too deeply.")
        local = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        self.take(Element(name.rpartition(":")[2], local, self._text()))

    def end(self, name: str) -> None:
        self.depth -= 1
        self.take(Element(name.rpartition(":")[2], {}, self._text(), closed=True))

    def _text(self) -> str:
        text = "".join(self.texts)
        self.texts.clear()
        return text


def parse(file: IO[bytes], take: Take) -> None:
    """Give every begin and end of an element to ``take``; ExpatError if it is not XML."""
    stream = _Stream(take)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler, parser.EndElementHandler = stream.start, stream.end
    parser.CharacterDataHandler = stream.texts.append
    while block := file.read(BLOCK):
        parser.Parse(block, False)
    parser.Parse(b"", True)


def _refuse(*declared: object) -> None:
    raise ExtractionFailed(Code.CORRUPT, "It declares a document type, which office documents do not have.")
