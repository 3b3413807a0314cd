"""What kind of file something is: its first bytes decide, then what was declared, then its name."""

from __future__ import annotations

import re
from typing import Final

UNKNOWN: Final = "application/octet-stream"
PDF: Final = "application/pdf"
HTML: Final = "text/html"
OFFICE: Final = "application/vnd.openxmlformats-officedocument"
DOCX: Final = f"{OFFICE}.wordprocessingml.document"
XLSX: Final = f"{OFFICE}.spreadsheetml.sheet"
PPTX: Final = f"{OFFICE}.presentationml.presentation"
ZIP: Final = "application/zip"
OLE: Final = "application/x-ole-storage"  # Office before 2007, and encrypted Office files

HEAD: Final = 4096  # bytes that are looked at
SHORT: Final = 200

SUFFIXES: Final = {
    **dict.fromkeys(("txt", "text", "log", "rst", "adoc", "org", "srt", "vtt", "tex", "ini", "conf"), "text/plain"),
    **dict.fromkeys(("md", "markdown", "mdown"), "text/markdown"),
    **dict.fromkeys(("html", "htm", "xhtml"), HTML),
    **dict.fromkeys(("yaml", "yml"), "application/yaml"),
    **dict.fromkeys(("jsonl", "ndjson"), "application/x-ndjson"),
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": "application/json",
    "xml": "application/xml",
    "pdf": PDF,
    "docx": DOCX,
    "xlsx": XLSX,
    "pptx": PPTX,
    "rtf": "application/rtf",
    "toml": "application/toml",
}

# Signs at the beginning of files that have no text for us, or that need a reader of their own.
MAGIC: Final = (
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (b"{\\rtf", "application/rtf"),
    (b"\x89PNG\r\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ", "application/x-xz"),
    (b"7z\xbc\xaf", "application/x-7z-compressed"),
    (b"Rar!", "application/vnd.rar"),
    (b"\x7fELF", "application/x-elf"),
    (b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"%!PS", "application/postscript"),
)
TEXTUAL: Final = re.compile(
    r"text/.+|application/(?:json|xml|yaml|toml|x-yaml|x-ndjson|jsonl|x-jsonlines|javascript|x-javascript|sql|x-sh|csv"
    r"|.+\+json|.+\+xml)"
)
CONTROLS: Final = bytes(sorted(set(range(32)) - set(b"\t\n\v\f\r\x1b")))
BOMS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
PARTS: Final = {"word": DOCX, "xl": XLSX, "ppt": PPTX}


def is_text(mime_type: str) -> bool:
    """Say whether files of this type are read as they are written."""
    return mime_type != HTML and TEXTUAL.fullmatch(mime_type) is not None


def bare(declared: str) -> str:
    """Return a media type without its parameters, in lower case; "" if it is none."""
    found = re.match(r"\s*([\w.+-]+/[\w.+-]+)\s*(?:;|$)", declared, re.A)
    return found[1].lower() if found else ""


def sniff(head: bytes, declared: str = "", name: str = "") -> str:
    """Return the media type of a file from its first bytes (HEAD are enough), a declared type and a file name.

    Bytes that prove a type win. Text has no such bytes: there, what was declared counts, then the name's ending.
    """
    named = SUFFIXES.get(name.rpartition(".")[2].lower(), "") if "." in name else ""
    wanted = bare(declared)
    if wanted in {"", UNKNOWN, "binary/octet-stream", "application/x-www-form-urlencoded"}:
        wanted = named
    if proven := _proven(head):
        return _inside_zip(head, wanted, named) if proven == ZIP else proven
    if not wanted:
        return _text_of(head) if looks_textual(head) else UNKNOWN
    return wanted


def _proven(head: bytes) -> str:
    if b"%PDF-" in head[:1024]:
        return PDF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return "video/mp4"
    return next((kind for sign, kind in MAGIC if head.startswith(sign)), "")


def _inside_zip(head: bytes, wanted: str, named: str) -> str:
    """Tell the office documents apart by the folder that their first files are in."""
    folders = re.findall(rb"PK\x03\x04.{26}(word|xl|ppt)/", head, re.S)
    if folders:
        return PARTS[folders[0].decode()]
    return next((kind for kind in (wanted, named) if kind in PARTS.values()), ZIP)


def looks_textual(head: bytes) -> bool:
    """Say whether bytes could be text in some encoding: few of them are controls, or it is UTF-16.

    In a note of a few words one stray control is many, so of short ones SHORT is taken as their length, unless there
    is a NUL: that no text has.
    """
    if head.startswith(BOMS) or utf16_of(head):
        return True
    sample = head[:HEAD]
    controls = len(sample) - len(sample.translate(None, CONTROLS))
    return controls * 50 <= (len(sample) if b"\x00" in sample else max(len(sample), SHORT))


def utf16_of(head: bytes) -> str:
    """Return "utf-16-le" or "utf-16-be" for text without a mark whose every second byte is mostly NUL, else ""."""
    sample = head[: HEAD // 2 * 2]
    even, odd = sample[0::2], sample[1::2]
    if len(sample) >= 4 and odd.count(0) * 10 >= len(odd) * 4 and even.count(0) * 20 <= len(even):
        return "utf-16-le"
    if len(sample) >= 4 and even.count(0) * 10 >= len(even) * 4 and odd.count(0) * 20 <= len(odd):
        return "utf-16-be"
    return ""


def _text_of(head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:64].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return HTML
    return "application/xml" if start.startswith(b"<?xml") else "text/plain"
