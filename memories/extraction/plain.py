"""Text files: their encoding, and the normal form that all extracted text has.

Nothing here takes more than linear time, so small files need no process of their own.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from functools import cache
from typing import Final

from spaces_project.kit import limits

from .documents import Code, Document, ExtractionFailed
from .types import HEAD, looks_textual, utf16_of

BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CHARSET: Final = re.compile(
    r"charset\s*=\s*[\"']?([\w.:-]+)|<\?xml[^>]{0,200}encoding\s*=\s*[\"']([\w.:-]+)", re.A | re.I
)
ODD_ENCODINGS: Final = {"utf-7", "punycode", "idna", "unicode_escape", "raw-unicode-escape", "undefined", "mbcs", "oem"}

# Line ends of all kinds become \n. Controls go, and what only tells a printer where a word may be broken.
LINE_ENDS: Final = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
REMOVED: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\ufeff]")
ASCII: Final = {  # what the two say of it
    code: "\n" if LINE_ENDS.match(chr(code)) else None
    for code in range(128)
    if LINE_ENDS.match(chr(code)) or REMOVED.match(chr(code))
}
SURROGATES: Final = re.compile("[\ud800-\udfff]")
MARKS_IN_A_ROW: Final = 30  # UAX 15, Stream-Safe Text Format
GRAPHEME_JOINER: Final = "\u034f"


def read_plain(data: bytes, mime_type: str, declared: str) -> Document:
    """Return the text of a file that is text already."""
    if not looks_textual(data[:HEAD]):
        raise ExtractionFailed(Code.UNSUPPORTED, "It is said to be text, but it is not.")
    text = normalise(decode(data, declared, is_xml="xml" in mime_type))
    if not text.strip():
        raise ExtractionFailed(Code.EMPTY, "It is empty.")
    return Document(text, mime_type)


def decode(data: bytes, declared: str, is_xml: bool = False) -> str:
    """Decode by byte order mark, declared charset, UTF-16 without a mark, UTF-8, and at last Windows-1252.

    ``declared`` is text that may have ``charset=…`` in it: a media type, the beginning of a page.
    """
    if len(data) > limits.MEMORY_TEXT_CHARS * 4:
        raise too_long()
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    said = [declared, data[:1024].decode("latin-1")] if is_xml else [declared]
    for encoding in [*filter(None, map(_encoding, said)), utf16_of(data[:HEAD]), "utf-8"]:
        try:
            return data.decode(encoding or "utf-8")
        except UnicodeError:
            continue
    return data.decode("cp1252", errors="replace")


def _encoding(declared: str) -> str:
    """Return the name of the encoding that ``declared`` names, "" if Python has none that is safe to use."""
    found = CHARSET.search(declared)
    name = (found[1] or found[2]) if found else ""
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    # Not zip or rot13, which are codecs of Python too. Browsers read Latin-1 as Windows-1252.
    is_text = getattr(info, "_is_text_encoding", False) and info.name not in ODD_ENCODINGS
    return {"iso8859-1": "cp1252", "ascii": "utf-8"}.get(info.name, info.name) if is_text else ""


def normalise(text: str) -> str:
    """Return ``text`` in the form that is stored: NFKC, ``\\n``, no controls, no halves of surrogate pairs.

    Raises ExtractionFailed (TOO_LARGE) if it is longer than MEMORY_TEXT_CHARS.
    """
    if text.isascii():
        text = text.replace("\r\n", "\n").translate(ASCII)
    else:
        text = REMOVED.sub("", LINE_ENDS.sub("\n", text))
        text = unicodedata.normalize("NFKC", _stream_safe(SURROGATES.sub("\ufffd", text)))
    if len(text) > limits.MEMORY_TEXT_CHARS:
        raise too_long()
    return text


def _stream_safe(text: str) -> str:
    """Part endless rows of accents, as normalising takes quadratic time in their length."""
    return _marks().sub(lambda match: match[0] + GRAPHEME_JOINER, text)


@cache
def _marks() -> re.Pattern[str]:
    marks = "".join(char for char in map(chr, range(0x300, 0x1F000)) if unicodedata.combining(char))
    return re.compile(f"[{re.escape(marks)}]{{{MARKS_IN_A_ROW}}}")


def tidy(text: str) -> str:
    """Normalise text that we put together ourselves: no spaces at line ends, at most one empty line in a row."""
    text = re.sub(r"(?<![^\S\n])[^\S\n]++(?=\n|\Z)", "", normalise(text))
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


def title_of(text: str) -> str:
    """Return what a file says its title is, as one line that a name may be."""
    return " ".join(normalise(text).split())[: limits.NAME_CHARS]


def too_long() -> ExtractionFailed:
    return ExtractionFailed(Code.TOO_LARGE, f"It has more than {limits.MEMORY_TEXT_CHARS:,} characters of text.")
