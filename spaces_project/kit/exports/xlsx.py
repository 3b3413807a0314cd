"""Workbooks: written row by row to a temporary file, which the answer then sends."""

from __future__ import annotations

import re
import tempfile
from datetime import datetime
from typing import IO, Any

from django.db.models import QuerySet

from spaces_project.kit import limits

from .openpyxl_alone import Workbook, WriteOnlyCell
from .resource import Resource, TooManyRows

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CELL_CHARS = 32_767  # Excel's own limit
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
CUT = " … (cut: a cell holds 32,767 characters; the CSV has it all)"


def workbook_file(resource: Resource, queryset: QuerySet[Any], *, raw: bool = False, **batching: Any) -> IO[bytes]:
    """An open temporary file with one sheet. Raises TooManyRows before anything is written."""
    if queryset.order_by()[: limits.XLSX_ROWS + 1].count() > limits.XLSX_ROWS and not batching.get("take"):
        raise TooManyRows(limits.XLSX_ROWS)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Export")
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, name, raw) for name in resource.headers()])
    for batch in resource.batches(queryset, form="cells", raw=raw, **batching):
        for row in batch.lines:
            sheet.append([_cell(sheet, value, raw) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    try:
        book.save(file)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def _cell(sheet: Any, value: Any, raw: bool) -> Any:
    """Texts stay texts, also those that look like formulas; times get a format that shows them."""
    if isinstance(value, str):
        text = cell_text(value)
        if not text.startswith("="):
            return text
        cell = WriteOnlyCell(sheet, text)
        cell.data_type = "s"
        return cell
    if isinstance(value, datetime):
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = "yyyy-mm-dd hh:mm:ss"
        return cell
    return value


def unescaped(text: str) -> str:
    """A text as it was before ``cell_text`` escaped it."""
    return text.replace("_x005F_", "_")


def cell_text(text: str) -> str:
    """``text`` as a cell can hold it: control characters replaced, cut at Excel's limit with a word that says so."""
    text = _ESCAPE.sub("_x005F_", _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text))
    return text if len(text) <= CELL_CHARS else text[: CELL_CHARS - len(CUT)] + CUT
