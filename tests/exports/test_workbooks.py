"""Workbooks read back with openpyxl as what was written, whatever the texts are."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from spaces_project.kit.exports import xlsx
from spaces_project.kit.exports.xlsx import cell_text, unescaped, workbook
from tests.tiers import examples

NASTY = ["=1+1", " a ", "a\r\nb", "\t", "_x0041_", "<a&b>", "]]>", "é😀", "\x07"]
TEXTS = st.text(max_size=30) | st.sampled_from(NASTY)
MOMENTS = st.datetimes(datetime(1900, 3, 1), datetime(9999, 12, 31))
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
CELLS = st.none() | TEXTS | st.booleans() | NUMBERS | MOMENTS


class Rows:
    """As a batch of an export: its rows are its lines."""

    def __init__(self, *lines: tuple[Any, ...]) -> None:
        self.lines = lines


def written(headers: list[str], *batches: Rows) -> bytes:
    given_out: Iterator[Any] = iter(batches)
    return b"".join(workbook(headers, given_out))


def read(data: bytes) -> list[list[Any]]:
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def expected(value: Any) -> Any:
    if isinstance(value, str):
        return cell_text(value) or None
    return value


def is_same(found: Any, value: Any) -> bool:
    if isinstance(value, datetime):
        return bool(abs(found - value) <= timedelta(milliseconds=1))
    return bool(found == expected(value))


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=6))
@example([(float("1e300"), -0.0, True)])
def test_every_cell_reads_back(rows: list[tuple[Any, ...]]) -> None:
    rows.append(("last", "last", "last"))
    head, *found = read(written(["a", "b", "c"], Rows(*rows[:2]), Rows(*rows[2:])))
    assert head == ["a", "b", "c"]
    assert len(found) == len(rows)
    for row, cells in zip(rows, found, strict=True):
        assert all(is_same(cell, value) for cell, value in zip(cells, row, strict=True)), (row, cells)


@settings(max_examples=examples(200), deadline=None)
@given(TEXTS)
def test_excels_escapes_can_be_undone(text: str) -> None:
    assert unescaped(cell_text(text)) == unescaped(xlsx._ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text))


def test_columns_beyond_z_and_numbers_that_are_none() -> None:
    values = (*range(60), float("nan"), Decimal("1.50"), datetime(1850, 1, 1))
    head, row = read(written([f"c{number}" for number in range(63)], Rows(values)))
    assert head[-1] == "c62"
    assert row == [*range(60), "nan", 1.5, "1850-01-01 00:00:00"]


def test_a_text_is_cut_at_excels_limit_which_counts_in_utf_16() -> None:
    assert cell_text("x" * 32_767) == "x" * 32_767
    assert cell_text("😀" * 16_383) == "😀" * 16_383
    for text in ("x" * 32_768, "😀" * 16_384, "x" + "😀" * 20_000):
        cut = cell_text(text)
        assert cut.endswith(xlsx.CUT)
        assert 32_765 <= len(cut.encode("utf-16-le")) // 2 <= 32_767


def test_what_the_package_says_of_itself_is_there() -> None:
    """Every part that is named exists, is well-formed, and comes before the sheet, which may be long."""
    archive = zipfile.ZipFile(io.BytesIO(written(["a"], Rows(("1",)))))
    assert archive.testzip() is None
    assert archive.namelist()[-1] == "xl/worksheets/sheet1.xml"
    types = ElementTree.fromstring(archive.read("[Content_Types].xml"))
    parts = {each.get("PartName", "").lstrip("/") for each in types if each.get("PartName")}
    assert parts == {"xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml"}
    for name in archive.namelist():
        ElementTree.fromstring(archive.read(name))
    sheet = openpyxl.load_workbook(io.BytesIO(written(["a"], Rows(("1",))))).active
    assert sheet.freeze_panes == "A2"


def test_a_sheet_that_no_zip_can_hold_breaks_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "SHEET_BYTES", 5_000)
    with pytest.raises(ValueError, match="larger than 2 GiB"):
        written(["a"], Rows(*[("x" * 100,)] * 100))
