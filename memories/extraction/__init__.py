"""Extraction: the text of a file, whatever the file is or does (see docs/ingestion.md).

Knows no database and no memory: a path goes in, a `Document` or `ExtractionFailed` comes out.
"""

from __future__ import annotations

from pathlib import Path

from spaces_project.kit import limits

from .documents import Code, Document, ExtractionFailed
from .plain import read_plain
from .types import HEAD, OLE, ZIP, is_text, sniff

__all__ = ["Code", "Document", "ExtractionFailed", "extract", "sniff"]

WORDS = {
    OLE: "It is encrypted, or of an Office before 2007: save it as DOCX, XLSX, PPTX or PDF without a password.",
    ZIP: "Archives are not unpacked: upload the files in it.",
}


def extract(path: Path, declared: str = "", name: str = "") -> Document:
    """Return the text of the file at ``path``; raises ExtractionFailed and nothing else that depends on its content.

    ``declared`` is a media type, with a charset or without; ``name`` a file name, whose ending may help. Everything but
    small text is read in a child process with limits on its memory, time and output.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        _check_size(size)
        mime_type = sniff(file.read(HEAD), declared, name)
        file.seek(0)
        _check_type(mime_type)
        if is_text(mime_type) and size <= limits.EXTRACTION_HERE_BYTES:
            return read_plain(file.read(), mime_type, declared)
        from .process import read_apart

        return read_apart(file, mime_type, declared)


def _check_size(size: int) -> None:
    if size == 0:
        raise ExtractionFailed(Code.EMPTY, "It is empty.")
    if size > limits.ORIGINAL_BYTES:
        raise ExtractionFailed(Code.TOO_LARGE, f"It is larger than {limits.ORIGINAL_BYTES // 2**20} MiB.")


def _check_type(mime_type: str) -> None:
    if mime_type == OLE:
        raise ExtractionFailed(Code.ENCRYPTED, WORDS[OLE])
    if mime_type == ZIP:
        raise ExtractionFailed(Code.UNSUPPORTED, WORDS[ZIP])
