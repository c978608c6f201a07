"""Lists as CSV: escaped against formulas (S11), streamed, one statement, on a connection of its own."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from flask import Response, stream_with_context
from flask_babel import force_locale, get_locale

from admin.columns import Column, exported
from services import clock

# What Excel, LibreOffice and Google take for the beginning of a formula (OWASP), full-width forms included.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BOM = "\ufeff"  # without it Excel reads the file as Windows-1252
ROWS_AT_ONCE = 200
REPEATED = frozenset({"day", "due", "last_day", "state", "yes_no", "kind", "account"})


def respond(name: str, columns: Sequence[Column], rows: Callable[[], Iterator[Any]]) -> Response:
    """The file as a download; the rows are read while it is sent."""
    locale = str(get_locale() or "de")
    body = stream_with_context(_in_language(locale, columns, rows))
    response = Response(body, mimetype="text/csv")  # Flask adds the charset
    response.headers["Content-Disposition"] = f"attachment; filename={name}-{clock.today().isoformat()}.csv"
    response.headers["Cache-Control"] = "no-store"
    return response


def cell(column: Column, row: Any) -> str:
    """The text of one cell; figures stay figures, whatever else could be a formula gets an apostrophe."""
    text = exported(column, row)
    return text if column.is_number else harmless(text)


def harmless(text: str) -> str:
    """The text so that no table program calculates it."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(FORMULA) or text.startswith(FORMULA) else text


def _in_language(locale: str, columns: Sequence[Column], rows: Callable[[], Iterator[Any]]) -> Iterator[str]:
    known: dict[tuple[str, Any], str] = {}
    with force_locale(locale):
        yield BOM + _lines([[str(column.label) for column in columns]])
        block: list[list[str]] = []
        for row in rows():
            block.append([_cell(column, row, known) for column in columns])
            if len(block) == ROWS_AT_ONCE:
                yield _lines(block)
                block = []
        yield _lines(block)


def _cell(column: Column, row: Any, known: dict[tuple[str, Any], str]) -> str:
    """The same day or state comes many thousand times: its words are looked up once."""
    if column.kind not in REPEATED:
        return cell(column, row)
    key = (column.name, getattr(row, column.name))
    if key not in known:
        known[key] = cell(column, row)
    return known[key]


class _Kept:
    """A file that keeps what is written until it is taken."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def write(self, text: str) -> None:
        self.parts.append(text)


def _lines(cells: Iterable[Sequence[str]]) -> str:
    kept = _Kept()
    csv.writer(kept, delimiter=";", lineterminator="\r\n").writerows(cells)  # what a German Excel opens
    return "".join(kept.parts)
