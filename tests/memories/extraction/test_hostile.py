"""Files that want to hurt: each ends with a reason, soon, and takes little memory."""

from __future__ import annotations

import resource
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from memories.extraction import Code, ExtractionFailed, extract
from memories.extraction.html import read_html
from spaces_project.kit import limits
from tests.memories.extraction.makers import W, document, docx, paragraph, pdf, shown, zeros, zip_of

GIGA = 10**9
LAUGHS = "<!DOCTYPE d [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + at)} '{f'&{chr(97 + at)};' * 10}'>" for at in range(12)
)


def failure(path: Path, data: bytes, name: str) -> ExtractionFailed:
    file = path / name
    file.write_bytes(data)
    with pytest.raises(ExtractionFailed) as caught:
        extract(file, name=name)
    return caught.value


def entities(tmp_path: Path) -> bytes:
    return docx(document(paragraph("&m;"), LAUGHS + "]>"))


def external(tmp_path: Path) -> bytes:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    return docx(document(paragraph("&x;"), f"<!DOCTYPE d [<!ENTITY x SYSTEM '{secret.as_uri()}'>]>"))


def members(tmp_path: Path) -> bytes:
    return docx(document(paragraph("hi")) | {f"word/media/{at}": "" for at in range(limits.EXTRACTION_MEMBERS)})


def says_ten_gigabytes(tmp_path: Path) -> bytes:
    return zip_of("word/document.xml", zeros(2**20), 10 * GIGA, 0)


def says_little(tmp_path: Path) -> bytes:
    return zip_of("word/document.xml", zeros(300 * 2**20), 100, zlib.crc32(b" " * 100))


def nested(tmp_path: Path) -> bytes:
    return docx({"word/document.xml": f"<w:document {W}>" + "<w:p>" * 50_000})


def not_xml(tmp_path: Path) -> bytes:
    return docx({"word/document.xml": b"\xff\xfe\x00<<<"})


def no_document(tmp_path: Path) -> bytes:
    return docx({"word/else.xml": "<a/>"})


def flate(tmp_path: Path) -> bytes:
    return pdf([zeros(600 * 2**20)], "/Filter /FlateDecode")


def flate_twice(tmp_path: Path) -> bytes:
    return pdf([zeros(600 * 2**20, times=2)], "/Filter [/FlateDecode /FlateDecode]")


def many_pages(tmp_path: Path) -> bytes:
    return pdf([shown("Hello")], kids=20_000)


def a_loop(tmp_path: Path) -> bytes:
    return pdf([shown("Hello")]).replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]")


QUICK: list[tuple[Callable[[Path], bytes], str, Code]] = [
    (entities, "a.docx", Code.CORRUPT),
    (external, "a.docx", Code.CORRUPT),
    (says_ten_gigabytes, "a.docx", Code.TOO_LARGE),
    (nested, "a.docx", Code.CORRUPT),
    (many_pages, "a.pdf", Code.TOO_LARGE),
]
SLOW: list[tuple[Callable[[Path], bytes], str, Code]] = [
    (members, "a.docx", Code.TOO_LARGE),
    (says_little, "a.docx", Code.CORRUPT),
    (not_xml, "a.docx", Code.CORRUPT),
    (no_document, "a.docx", Code.CORRUPT),
    (flate, "a.pdf", Code.TOO_LARGE),
    (flate_twice, "a.pdf", Code.TOO_LARGE),
    (a_loop, "a.pdf", Code.CORRUPT),
    (lambda _: b"%PDF-1.7\n" + b"[" * 50_000, "a.pdf", Code.CORRUPT),
    (lambda _: b"PK\3\4" + b"\0" * 9_000, "a.docx", Code.CORRUPT),
]


def check(tmp_path: Path, make: Callable[[Path], bytes], name: str, code: Code) -> None:
    data = make(tmp_path)
    began = time.monotonic()
    failed = failure(tmp_path, data, name)
    assert (failed.code, failed.message.endswith(".")) == (code, True), failed.message
    assert time.monotonic() - began < 30
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1.2 * 2**20


@pytest.mark.parametrize(("make", "name", "code"), QUICK, ids=lambda value: getattr(value, "__name__", ""))
def test_hostile_files_fail_with_a_reason(tmp_path: Path, make: Callable[[Path], bytes], name: str, code: Code) -> None:
    check(tmp_path, make, name, code)


@pytest.mark.slow
@pytest.mark.parametrize(("make", "name", "code"), SLOW, ids=lambda value: getattr(value, "__name__", ""))
def test_more_hostile_files(tmp_path: Path, make: Callable[[Path], bytes], name: str, code: Code) -> None:
    check(tmp_path, make, name, code)


PAGES = {
    "deep": "<div>" * 200_000 + "end",
    "tags": "<" * 100_000,
    "comments": "<!--" * 50_000,
    "attributes": "<a " + "b=" * 100_000,
    "references": "&" * 300_000,
    "sections": "<![CDATA[" * 50_000,
}


ENDLESS = {
    "comments": "<!--", "tags": "<a ", "values": '<a b="x', "ends": "</a ", "sections": "<![CDATA[", "signs": "<",
    "quotes": "<a b='", "dropped": "<svg>", "scripts": "<script>",
}  # fmt: skip


@pytest.mark.parametrize("begun", ENDLESS.values(), ids=ENDLESS)
def test_what_is_begun_and_not_ended_takes_no_longer_than_text(begun: str) -> None:
    """A megabyte takes a few seconds of the processor at most; where its square counts it took hours."""
    page = ("<p>start</p>" + begun * (1_000_000 // len(begun))).encode() + b"</math>" * 10_000
    began = time.process_time()
    assert read_html(page, "text/html").text.startswith("start")
    assert time.process_time() - began < 20


@pytest.mark.slow
@pytest.mark.parametrize("html", PAGES.values(), ids=PAGES)
def test_hostile_pages_end(tmp_path: Path, html: str) -> None:
    page = tmp_path / "a.html"
    page.write_text("<p>start</p>" + html)
    began = time.monotonic()
    assert "start" in extract(page).text
    assert time.monotonic() - began < limits.EXTRACTION_SECONDS


def test_a_page_that_is_broken_is_left_out_and_said(tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(pdf([shown("Hello"), b"BT /F1 12 Tf (", shown("World")], ""))
    document = extract(file)
    assert document.text in {"Hello\n\nWorld", "Hello\n\n(\n\nWorld"}
    assert document.page_starts[0] == 0
    assert len(document.page_starts) == 3
