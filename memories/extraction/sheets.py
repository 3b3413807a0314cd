"""Spreadsheets: rows as lines with `` | `` between their cells, as stored (a formula is its last result)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from spaces_project.kit import limits

from .plain import too_long
from .xml import Element, Take

Parse = Callable[[str, Take], None]
DATE_FORMATS: Final = frozenset([*range(14, 23), *range(45, 48)])  # ECMA-376 18.8.30, the built-in formats of dates
FIRST_DAY: Final = datetime(1899, 12, 30)


def read_strings(parse: Parse) -> list[str]:
    """Return the texts that cells refer to by number."""
    strings: list[str] = []
    parts: list[str] = []

    def take(element: Element) -> None:
        if element.closed and element.name == "t":
            parts.append(element.text)
        elif element.closed and element.name == "si":
            strings.append("".join(parts))
            parts.clear()

    parse("xl/sharedStrings.xml", take)
    return strings


def read_dates(parse: Parse) -> set[str]:
    """Return the numbers of the cell styles that show a number as a date."""
    custom: set[str] = set()
    formats: list[str] = []
    inside: list[bool] = [False]

    def take(element: Element) -> None:
        if element.name == "cellXfs":
            inside[0] = not element.closed
        elif element.name == "numFmt" and not element.closed:
            code = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", element.attributes.get("formatCode", ""))
            custom.update([element.attributes.get("numFmtId", "")] if re.search("[ymdhs]", code, re.I) else [])
        elif element.name == "xf" and not element.closed and inside[0]:
            formats.append(element.attributes.get("numFmtId", ""))

    parse("xl/styles.xml", take)
    known = custom | {str(number) for number in DATE_FORMATS}
    return {str(at) for at, number in enumerate(formats) if number in known}


class Rows:
    """Takes the elements of a sheet, gives lines."""

    def __init__(self, strings: list[str], dates: set[str]) -> None:
        self.strings, self.dates = strings, dates
        self.lines: list[str] = []
        self.cells: list[str] = []
        self.cell: dict[str, str] = {}
        self.length = 0

    def take(self, element: Element) -> None:
        if not element.closed:
            self.cell = element.attributes if element.name == "c" else self.cell
        elif element.name in {"v", "t"} and element.text:
            self.cells.append(self._value(element.text))
        elif element.name == "row" and self.cells:
            self._add(" | ".join(self.cells))
            self.cells.clear()

    def _add(self, line: str) -> None:
        """Add a line; a short text may be referred to by a million cells."""
        self.lines.append(line)
        self.length += len(line)
        if self.length > limits.MEMORY_TEXT_CHARS:
            raise too_long()

    def _value(self, text: str) -> str:
        kind = self.cell.get("t", "n")
        if kind == "s":
            return self.strings[int(text)] if text.isdecimal() and int(text) < len(self.strings) else ""
        if kind == "b":
            return "TRUE" if text == "1" else "FALSE"
        return _date(text) if kind == "n" and self.cell.get("s") in self.dates else text


def _date(number: str) -> str:
    try:
        moment = FIRST_DAY + timedelta(days=float(number))
    except (ValueError, OverflowError):
        return number
    day = moment.strftime("%Y-%m-%d")
    return day if float(number).is_integer() else f"{day} {moment.strftime('%H:%M')}"


def read_sheet(parse: Parse, name: str, strings: list[str], dates: set[str]) -> str:
    """Return the text of one sheet."""
    rows = Rows(strings, dates)
    parse(name, rows.take)
    return "\n".join(rows.lines)
