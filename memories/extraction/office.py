"""Office documents (DOCX, XLSX, PPTX): archives of XML, read member by member without ever unpacking a whole one."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final
from xml.parsers.expat import ExpatError

from spaces_project.kit import limits

from .documents import Code, Document, ExtractionFailed
from .pages import Pages
from .plain import tidy, title_of
from .sheets import read_dates, read_sheet, read_strings
from .types import DOCX, PPTX, XLSX
from .words import read_paragraphs
from .xml import Element, parse

DAMAGED: Final = "It is damaged: it cannot be read."


class Archive:
    """The members of an office document, with a budget of unpacked bytes for all that are read."""

    def __init__(self, file: BinaryIO) -> None:
        self.zip = zipfile.ZipFile(file)
        self.left = limits.EXTRACTION_UNPACKED_BYTES
        infos = self.zip.infolist()
        if len(infos) > limits.EXTRACTION_MEMBERS:
            raise ExtractionFailed(Code.TOO_LARGE, f"It has more than {limits.EXTRACTION_MEMBERS:,} files inside.")
        self.infos = {info.filename: info for info in infos}

    def parse(self, name: str, take: Callable[[Element], None]) -> None:
        """Parse a member, if there is one; its real size counts as well as the one it declares."""
        info = self.infos.get(name)
        if info is None:
            return
        if info.flag_bits & 1:
            raise ExtractionFailed(Code.ENCRYPTED, "It is encrypted: it needs a password.")
        self._spend(info.file_size)
        with self.zip.open(info) as member:
            parse(member, take)

    def _spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise ExtractionFailed(Code.TOO_LARGE, "It unpacks to more than is read here.")

    def numbered(self, pattern: str) -> Iterator[str]:
        """Yield the names of members that match, in the order of the number in them; no more than pages are read."""
        found = sorted((int(match[1]), name) for name in self.infos if (match := re.fullmatch(pattern, name)))
        if len(found) > limits.EXTRACTION_PAGES:
            raise ExtractionFailed(Code.TOO_LARGE, f"It has more than {limits.EXTRACTION_PAGES:,} pages.")
        return (name for _, name in found)


def read_office(file: BinaryIO, mime_type: str) -> Document:
    """Return the text of an office document; slides and sheets are pages."""
    try:
        archive = Archive(file)
        text, starts = READERS[mime_type](archive)
        title = _title(archive)
    except (zipfile.BadZipFile, ExpatError, EOFError, NotImplementedError, ValueError):
        raise ExtractionFailed(Code.CORRUPT, DAMAGED) from None
    if not text:
        raise ExtractionFailed(Code.NO_TEXT, "It has no text.")
    return Document(text, mime_type, title, starts)


def _docx(archive: Archive) -> tuple[str, tuple[int, ...]]:
    if "word/document.xml" not in archive.infos:
        raise ExtractionFailed(Code.CORRUPT, DAMAGED)
    parts = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml", "word/comments.xml")
    return tidy("\n\n".join(read_paragraphs(archive.parse, part) for part in parts)), ()


def _pptx(archive: Archive) -> tuple[str, tuple[int, ...]]:
    pages = Pages()
    for name in archive.numbered(r"ppt/slides/slide(\d{1,6})\.xml"):
        notes = name.replace("slides/slide", "notesSlides/notesSlide")
        pages.add("\n\n".join(read_paragraphs(archive.parse, part) for part in (name, notes)))
    text, starts, _ = pages.finish()
    return text, starts


def _xlsx(archive: Archive) -> tuple[str, tuple[int, ...]]:
    pages = Pages()
    strings, dates = read_strings(archive.parse), read_dates(archive.parse)
    for name in archive.numbered(r"xl/worksheets/sheet(\d{1,6})\.xml"):
        pages.add(read_sheet(archive.parse, name, strings, dates))
    text, starts, _ = pages.finish()
    return text, starts


READERS: Final[dict[str, Callable[[Archive], tuple[str, tuple[int, ...]]]]] = {DOCX: _docx, PPTX: _pptx, XLSX: _xlsx}


def _title(archive: Archive) -> str:
    titles: list[str] = []

    def take(element: Element) -> None:
        if element.closed and element.name == "title":
            titles.append(element.text)

    archive.parse("docProps/core.xml", take)
    return title_of(" ".join(titles))
