"""Rows as files: CSV, Excel, JSON, made in slices that are appended to one another.

What people typed is text in all three: CSV gets an apostrophe before what a table program would calculate (S11), Excel
gets strings that are declared as strings, JSON has no formulas.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Cell = str | int | Decimal | date | None  # a datetime is a date; bool is told in words
MEDIA_TYPES: Mapping[str, str] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
# What Excel, LibreOffice and Google take for the beginning of a formula (OWASP), full-width forms included.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BOM = "\ufeff"  # without it Excel reads the file as Windows-1252
MOST_EXCEL_ROWS = 1_048_575  # without the head
_SHEET = "xl/worksheets/sheet1.xml"
_ROWS = re.compile(r"<sheetData>(.*)</sheetData>", re.DOTALL)
_FORMATS = ("General", "#,##0.00######", "dd\\.mm\\.yyyy", "dd\\.mm\\.yyyy\\ hh:mm")  # always all, in this order


def head(kind: str, names: Sequence[str]) -> bytes:
    """What stands before the rows. JSON needs no names: its rows bring them."""
    if kind == "csv":
        return (BOM + _csv([[harmless(name) for name in names]])).encode()
    return b"[" if kind == "json" else _excel_rows([list(names)], 0).encode()


def rows(kind: str, found: Sequence[Any], first: int) -> bytes:
    """The rows from number `first` (from 0) on: sequences of cells, for JSON mappings."""
    if kind == "csv":
        return _csv([[_spelled(cell) for cell in row] for row in found]).encode()
    if kind == "xlsx":
        return _excel_rows(found, first + 1).encode()
    lines = "".join(f",\n{json.dumps(row, ensure_ascii=False)}" for row in found)
    return (lines if first else lines.removeprefix(",")).encode()


def whole(kind: str, content: bytes) -> bytes:
    """The finished file out of its head and rows."""
    if kind == "json":
        return content + b"\n]\n"
    return _workbook(content.decode()) if kind == "xlsx" else content


def harmless(text: str) -> str:
    """The text so that no table program calculates it."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(FORMULA) or text.startswith(FORMULA) else text


def _spelled(cell: Cell) -> str:
    """Figures stay figures, with a comma; days as 30.11.2026."""
    if isinstance(cell, str):
        return harmless(cell)
    if cell is None:
        return ""
    if isinstance(cell, date):
        return f"{cell:%d.%m.%Y %H:%M}" if isinstance(cell, datetime) else f"{cell:%d.%m.%Y}"
    return f"{cell:f}".replace(".", ",") if isinstance(cell, Decimal) else str(cell)


def _csv(cells: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(cells)  # what a German Excel opens
    return text.getvalue()


def _excel_rows(found: Sequence[Sequence[Cell]], first: int) -> str:
    """The XML of these rows alone, written by XlsxWriter at their place in the sheet."""
    return _rows_of(_bare_workbook(found, first))


def _workbook(body: str) -> bytes:
    """An empty workbook with the same formats, and all rows put into its sheet."""
    source = io.BytesIO(_bare_workbook([], 0))
    target = io.BytesIO()
    with zipfile.ZipFile(source) as empty, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as full:
        for item in empty.infolist():
            content = empty.read(item.filename)
            if item.filename == _SHEET:
                before, after = content.split(b"<sheetData/>", 1)
                content = before + b"<sheetData>" + body.encode() + b"</sheetData>" + after
            full.writestr(item.filename, content)
    return target.getvalue()


def _bare_workbook(found: Sequence[Sequence[Cell]], first: int) -> bytes:
    """Constant memory writes strings into the cells themselves, so that rows of several workbooks fit together."""
    target = io.BytesIO()
    options = {"constant_memory": True, "in_memory": False, "strings_to_formulas": False, "strings_to_urls": False}
    import xlsxwriter  # by who makes such a file, not by every process

    book = xlsxwriter.Workbook(target, options)
    formats = [book.add_format({"num_format": code}) for code in _FORMATS]
    for each in formats:
        each._get_xf_index()  # numbered at its first use, which differs from slice to slice; no public way to fix it
    sheet = book.add_worksheet("Kontor")
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(found, first):
        for column, cell in enumerate(row):
            _put(sheet, number, column, cell, formats)
    book.close()
    return target.getvalue()


def _put(sheet: Any, row: int, column: int, cell: Cell, formats: Sequence[Any]) -> None:
    if isinstance(cell, str):
        sheet.write_string(row, column, cell, formats[0])
    elif isinstance(cell, datetime):
        sheet.write_datetime(row, column, cell, formats[3])
    elif isinstance(cell, date):
        sheet.write_datetime(row, column, cell, formats[2])
    elif isinstance(cell, Decimal):
        sheet.write_number(row, column, cell, formats[1])
    elif cell is not None:
        sheet.write_number(row, column, cell, formats[0])


def _rows_of(workbook: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        found = _ROWS.search(archive.read(_SHEET).decode())
    return found[1] if found else ""
