"""Types by bytes, declaration and name; encodings; the normal form of text."""

from __future__ import annotations

import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memories.extraction import Code, ExtractionFailed, extract, sniff
from memories.extraction.plain import decode, normalise, tidy
from spaces_project.kit import limits
from tests.tiers import examples

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("head", "declared", "name", "kind"),
    [
        (b"%PDF-1.7", "text/plain", "a.txt", "application/pdf"),
        (b"\n\n%PDF-1.4", "", "", "application/pdf"),
        (b"PK\3\4" + b"\0" * 26 + b"word/document.xml", "application/zip", "", DOCX),
        (b"PK\3\4" + b"\0" * 26 + b"[Content_Types].xml", "", "Report.DOCX", DOCX),
        (b"PK\3\4" + b"\0" * 26 + b"photos/1.png", "text/plain", "a.txt", "application/zip"),
        (b"\x89PNG\r\n\x1a\n", "text/plain", "a.txt", "image/png"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", DOCX, "a.docx", "application/x-ole-storage"),
        (b"a,b", "text/csv; charset=utf-8", "a.txt", "text/csv"),
        (b"a,b", "TEXT/CSV", "", "text/csv"),
        (b"a,b", "application/octet-stream", "A.CSV", "text/csv"),
        (b"a,b", "nonsense", "notes.md", "text/markdown"),
        (b"hello", "", "", "text/plain"),
        (b"  <!DOCTYPE HTML><p>", "", "", "text/html"),
        (b"<html>", "text/plain", "", "text/plain"),
        (b"<?xml version='1.0'?>", "", "file", "application/xml"),
        ("grüezi".encode("utf-16-le"), "", "", "text/plain"),
        (bytes(range(256)), "", "", "application/octet-stream"),
        (b"", "", "", "text/plain"),
    ],
)
def test_types(head: bytes, declared: str, name: str, kind: str) -> None:
    assert sniff(head, declared, name) == kind


@pytest.mark.parametrize(
    ("data", "declared", "text"),
    [
        ("\ufeffÄ".encode(), "", "Ä"),
        ("Ä€".encode("utf-16"), "text/plain; charset=utf-8", "Ä€"),
        ("Ä€".encode("utf-32"), "", "Ä€"),
        ("Tea for two".encode("utf-16-be"), "", "Tea for two"),
        ("Tea for two".encode("utf-16-le"), "", "Tea for two"),
        ("Ä€ “x”".encode("cp1252"), "", "Ä€ “x”"),
        ("Ä€".encode("cp1252"), "text/plain; charset=iso-8859-1", "Ä€"),
        ("Ä".encode(), "text/plain; charset=us-ascii", "Ä"),
        ("Привет".encode("koi8-r"), "text/plain; charset=koi8-r", "Привет"),
        ("Ä".encode(), "text/plain; charset=utf-8", "Ä"),
        ("Ä".encode(), "text/plain; charset=bz2_codec", "Ä"),
        (b"+AGEA", "text/plain; charset=utf-7", "+AGEA"),
        ("Ä".encode(), "text/plain; charset=no-such", "Ä"),
        (b"\x81\x9d", "", "\ufffd\ufffd"),
    ],
)
def test_encodings(data: bytes, declared: str, text: str) -> None:
    assert decode(data, declared) == text


def test_an_xml_file_says_its_own_encoding(tmp_path: Path) -> None:
    file = tmp_path / "a.xml"
    file.write_bytes("<?xml version='1.0' encoding='koi8-r'?><a>Привет</a>".encode("koi8-r"))
    assert "Привет" in extract(file).text


def test_the_normal_form() -> None:
    assert normalise("a\r\nb\rc\u2028d\x85e\ff") == "a\nb\nc\nd\ne\nf"
    assert normalise("ef\ufb01cient\x00 \x1b[1mso\xadft\ufeff \ud800 ①\u00a0e\u0301") == "efficient [1msoft \ufffd 1 é"
    assert tidy("  a  \n\n\n\n b \t\n") == "  a\n\n b"


@given(st.text(st.characters(max_codepoint=127)) | st.lists(st.sampled_from("a\r\n\v\f\x00\x1b\x7f")).map("".join))
@settings(max_examples=examples(200), deadline=None)
def test_ascii_has_the_same_normal_form_as_other_text(text: str) -> None:
    assert normalise(text) + "é" == normalise(text + "é")


@given(st.text())
@settings(max_examples=examples(200), deadline=None)
def test_normal_text_stays_as_it_is(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFKC", once)
    assert not {"\0", "\r", "\ud800"} & set(once)
    once.encode()


def test_a_million_accents_take_no_longer_than_other_text(tmp_path: Path) -> None:
    began = time.process_time()
    assert len(normalise("a" + "\u0301\u0316" * 250_000)) > 500_000
    assert normalise("a  " + " " * 300_000 + "b").startswith("a  ")
    assert tidy("a" + " " * 300_000 + "b").endswith("b")
    assert time.process_time() - began < 2


@pytest.mark.parametrize("data", [b"x\x01y", b"Call back\x08 at 5", "Grüße\x1f\x1e, 3 µ".encode()])
def test_a_stray_control_makes_no_note_a_binary_file(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(data)
    text = extract(file, "text/plain").text
    assert text == "".join(char for char in unicodedata.normalize("NFKC", data.decode()) if char >= " ")


@pytest.mark.parametrize(
    ("data", "declared", "code"),
    [
        (b"", "text/plain", Code.EMPTY),
        (b"\n\n \t", "text/plain", Code.EMPTY),
        (b"\xef\xbb\xbf", "", Code.EMPTY),
        (bytes(range(256)) * 9, "text/plain", Code.UNSUPPORTED),
        (bytes(range(256)) * 9, "", Code.UNSUPPORTED),
        (b"\x89PNG\r\n\x1a\n", "text/plain", Code.UNSUPPORTED),
        (b"PK\3\4" + b"\0" * 90, "", Code.UNSUPPORTED),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "", Code.ENCRYPTED),
        (b"hello", "application/pdf", Code.CORRUPT),
    ],
)
def test_what_is_no_text_says_why(tmp_path: Path, data: bytes, declared: str, code: Code) -> None:
    file = tmp_path / "file"
    file.write_bytes(data)
    with pytest.raises(ExtractionFailed) as caught:
        extract(file, declared)
    assert (caught.value.code, str(caught.value)[-1:]) == (code, ".")


def test_a_nul_in_a_text_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"A long enough text with one NUL \0 in it, as old programs write it." * 2)
    assert "NUL  in it" in extract(file, "text/plain").text


def test_a_limit_is_allowed_and_one_more_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MEMORY_TEXT_CHARS", 10)
    monkeypatch.setattr(limits, "ORIGINAL_BYTES", 45)
    file = tmp_path / "file"
    for text, code in [
        ("é" * 10, None),
        ("é" * 11, Code.TOO_LARGE),
        ("a" * 46, Code.TOO_LARGE),
        ("\ufdfa", Code.TOO_LARGE),
    ]:
        file.write_text(text)
        if code is None:
            assert extract(file).text == text
        else:
            with pytest.raises(ExtractionFailed) as caught:
                extract(file)
            assert caught.value.code == code
