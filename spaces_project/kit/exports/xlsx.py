"""Workbooks, written row by row into the answer.

An .xlsx is a zip of a few XML files (ECMA-376, part 1), and a zip can be written without ever looking back. So a
workbook streams as a CSV does: nothing of it is kept in memory or in a file.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import IO, Any, cast
from zipfile import ZIP_DEFLATED, ZipFile

from django.db.models import QuerySet

from spaces_project.kit import limits

from .resource import Batch, TooManyRows

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CELL_CHARS = 32_767  # Excel's own limit, in UTF-16
CUT = " … (cut: a cell holds 32,767 characters; the CSV has it all)"
SHEET_BYTES = 2**31 - 1  # a larger file in a zip needs its 64-bit form, which Excel does not read from a stream
ROWS_AT_ONCE = 200
SQUEEZE = 3  # of zlib's nine levels: much quicker than its usual sixth, and hardly larger
DAY_ZERO, FIRST_DAY = datetime(1899, 12, 30), datetime(1900, 3, 1)  # before that, Excel counts a day that never was

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}  # a bare CR would be read as LF

_DECLARED = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_SHEET = "xl/worksheets/sheet1.xml"
# what stands before the sheet: which files there are, one sheet, and two styles: plain (0), and a moment (1)
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>'
    f'<Override PartName="/{_SHEET}" ContentType="{_KIND}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="Export" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
_START = (
    f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>'
)
_END = "</sheetData></worksheet>"


def check_rows(queryset: QuerySet[Any], take: int | None) -> None:
    """Raises TooManyRows when more than limits.XLSX_ROWS would come."""
    most = limits.XLSX_ROWS
    if (take is None or take > most) and queryset.order_by()[: most + 1].count() > most:
        raise TooManyRows(most)


def workbook(headers: Sequence[str], batches: Iterator[Batch]) -> Iterator[bytes]:
    """The pieces of a workbook with one sheet: ``headers`` on top, which stay in sight, then the rows of ``batches``
    (of the form "cells").

    Raises ValueError midway when there is more than one file can hold.
    """
    out = _Out()
    with ZipFile(cast(IO[bytes], out), "w", ZIP_DEFLATED, compresslevel=SQUEEZE) as archive:
        for name, text in _PARTS.items():
            archive.writestr(name, _DECLARED + text)
        with archive.open(_SHEET, "w") as sheet:
            size = 0
            for rows in _sheet(headers, batches):
                size += sheet.write(rows)
                if size > SHEET_BYTES:
                    raise ValueError("A workbook's sheet would be larger than 2 GiB; the CSV has it all.")
                if piece := out.taken():
                    yield piece
    yield out.taken()


class _Out:
    """A file to write to, and to take away from what was written: without ``tell``, so that zipfile never seeks."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.written.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back here."""

    def taken(self) -> bytes:
        data = b"".join(self.written)
        self.written.clear()
        return data


def _sheet(headers: Sequence[str], batches: Iterator[Batch]) -> Iterator[bytes]:
    letters = [_letters(index) for index in range(len(headers))]
    yield (_DECLARED + _START + _row(letters, 1, headers)).encode()
    number = 1
    for batch in batches:
        rows = iter(batch.lines)
        while some := list(islice(rows, ROWS_AT_ONCE)):
            yield "".join([_row(letters, number + nth, row) for nth, row in enumerate(some, 1)]).encode()
            number += len(some)
    yield _END.encode()


def _letters(index: int) -> str:
    """How a column is called: A, B … Z, AA …"""
    before, last = divmod(index, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


def _row(letters: Sequence[str], number: int, values: Sequence[Any]) -> str:
    cells = [
        _CELLS.get(type(value), _text)(f"{column}{number}", value)
        for column, value in zip(letters, values, strict=True)
        if value is not None and value != ""
    ]
    return f'<row r="{number}">{"".join(cells)}</row>'


def _text(place: str, value: Any) -> str:
    """Texts stay texts, also those that look like formulas."""
    text = cell_text(str(value))
    for char, spelled in _MARKUP.items():
        text = text.replace(char, spelled)
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _bool(place: str, value: bool) -> str:
    return f'<c r="{place}" t="b"><v>{value:d}</v></c>'


def _number(place: str, value: int | float | Decimal) -> str:
    """What is not finite is a word."""
    return f'<c r="{place}"><v>{value}</v></c>' if math.isfinite(value) else _text(place, value)


def _moment(place: str, value: datetime) -> str:
    """A moment without a zone, in days since Excel's day zero; as a text when Excel has no number for it."""
    if value < FIRST_DAY:
        return _text(place, value.isoformat(" "))
    return f'<c r="{place}" s="1"><v>{(value - DAY_ZERO) / timedelta(days=1)!r}</v></c>'


_CELLS: dict[type, Callable[[str, Any], str]] = {
    str: _text,
    bool: _bool,
    int: _number,
    float: _number,
    Decimal: _number,
    datetime: _moment,
}


def unescaped(text: str) -> str:
    """A text as it was before ``cell_text`` escaped it."""
    return text.replace("_x005F_", "_")


def cell_text(text: str) -> str:
    """``text`` as a cell can hold it: control characters replaced, cut at Excel's limit with a word that says so."""
    text = _ESCAPE.sub("_x005F_", _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text))
    if len(text) <= CELL_CHARS // 2:
        return text
    wide = text.encode("utf-16-le")
    if len(wide) <= 2 * CELL_CHARS:
        return text
    return wide[: 2 * (CELL_CHARS - len(CUT))].decode("utf-16-le", "ignore") + CUT
