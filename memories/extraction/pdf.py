"""PDF, by pypdf: page by page, whose offsets are kept.

pypdf stops streams that unpack to more than 75 MB; the time and memory of the process bound the rest.
"""

from __future__ import annotations

import logging
from typing import BinaryIO

from pypdf import PdfReader
from pypdf.errors import DependencyError, LimitReachedError

from spaces_project.kit import limits

from .documents import Code, Document, ExtractionFailed
from .pages import Pages
from .plain import title_of
from .types import PDF

logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def read_pdf(file: BinaryIO) -> Document:
    """Return the text of a PDF. One that is encrypted opens if it needs no password to be read."""
    try:
        reader = PdfReader(file)
        _open(reader)
        count = reader.get_num_pages()
    except LimitReachedError:
        raise _too_large() from None
    if count > limits.EXTRACTION_PAGES:
        raise ExtractionFailed(Code.TOO_LARGE, f"It has more than {limits.EXTRACTION_PAGES:,} pages.")
    pages = Pages()
    for number in range(count):
        pages.add(*_page(reader, number))
    return _document(reader, pages, count)


def _open(reader: PdfReader) -> None:
    try:
        if reader.is_encrypted and not reader.decrypt(""):
            raise ExtractionFailed(Code.ENCRYPTED, "It is encrypted: it needs a password.")
    except (DependencyError, NotImplementedError):
        raise ExtractionFailed(Code.ENCRYPTED, "It is encrypted in a way that is not known here.") from None


def _page(reader: PdfReader, number: int) -> tuple[str, str]:
    """Return the text of a page, and a note if there is none as it cannot be read."""
    try:
        return reader.pages[number].extract_text(), ""
    except LimitReachedError:
        raise _too_large() from None
    except (MemoryError, ExtractionFailed):
        raise
    except Exception:  # pypdf raises all kinds for broken pages
        return "", f"Page {number + 1} could not be read."


def _document(reader: PdfReader, pages: Pages, count: int) -> Document:
    text, starts, notes = pages.finish()
    if not text and len(notes) == count:
        raise ExtractionFailed(Code.CORRUPT, "It is damaged: no page of it can be read.")
    if not text:
        raise ExtractionFailed(Code.NO_TEXT, "It has no text: it seems to be scanned.")
    return Document(text, PDF, _title(reader), starts, notes)


def _title(reader: PdfReader) -> str:
    try:
        title = reader.metadata.title if reader.metadata else None
    except Exception:
        return ""
    return title_of(title) if isinstance(title, str) else ""


def _too_large() -> ExtractionFailed:
    return ExtractionFailed(Code.TOO_LARGE, "It unpacks to more than is read here.")
