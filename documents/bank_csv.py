"""Statements as CSV, as German banks write them: a layout says which column means what. Bytes in, frozen facts out.

`Layout.of` reads a layout from plain values (a form's or the database's); `peek` shows the first rows of a file, so
that a person can tell the columns; `read_csv` reads it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any, Final

from billing.bank_lines import Movement, Statement, given, mixes_currencies, plain
from billing.errors import Invalid

ENCODINGS: Final = ("utf-8-sig", "cp1252", "iso-8859-15", "utf-16")
_EIGHT_BITS: Final = ("cp1252", "iso-8859-15")  # the last one reads any byte
SEPARATORS: Final = (";", ",", "\t", "|")
DATES: Final = {"d.m.Y": "%d.%m.%Y", "d.m.y": "%d.%m.%y", "Y-m-d": "%Y-%m-%d", "d/m/Y": "%d/%m/%Y"}
DECIMALS: Final = (",", ".")
# What a column may mean. Of `purpose` there may be several; `debit` and `credit` are two columns for one amount.
MEANINGS: Final = (
    "booked_on", "amount", "debit", "credit", "sign", "currency", "purpose", "other_name", "other_iban",
    "end_to_end_id", "mandate_reference", "reference", "own_iban",
)  # fmt: skip
MOST_ROWS, MOST_COLUMNS, SHOWN = 200_000, 60, 8
_SIGNS: Final = {"S": -1, "SOLL": -1, "D": -1, "DEBIT": -1, "-": -1, "H": 1, "HABEN": 1, "C": 1, "CREDIT": 1, "+": 1}
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")


@dataclass(frozen=True, slots=True)
class Layout:
    """`first_row` is the first with a movement, counted from 1. `columns` map a column, counted from 0, to MEANINGS.
    `encoding` is what the file had that it was made for; each file tells its own (encoding_of)."""

    columns: Mapping[int, str] = field(default_factory=dict)
    encoding: str = "utf-8-sig"
    separator: str = ";"
    first_row: int = 2
    dates: str = "d.m.Y"
    decimal: str = ","

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Layout:
        """Raises Invalid at the value that cannot be: encoding, separator, first_row, dates, decimal, columns."""
        columns = {int(number): str(meaning) for number, meaning in dict(data.get("columns", {})).items()}
        made = cls(columns, data.get("encoding", "utf-8-sig"), data.get("separator", ";"),
                   int(data.get("first_row", 2)), data.get("dates", "d.m.Y"), data.get("decimal", ","))  # fmt: skip
        made.require_whole()
        return made

    def as_data(self) -> dict[str, Any]:
        """The same as JSON can hold it."""
        return asdict(self) | {"columns": {str(number): meaning for number, meaning in self.columns.items()}}

    def require_whole(self) -> None:
        choices = {"encoding": ENCODINGS, "separator": SEPARATORS, "dates": tuple(DATES), "decimal": DECIMALS}
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise Invalid(name, "not_a_choice")
        if not 1 <= self.first_row <= 100:
            raise Invalid("first_row", "out_of_range")
        self._require_columns()

    def _require_columns(self) -> None:
        meant = list(self.columns.values())
        if any(each not in MEANINGS for each in meant) or any(not 0 <= at < MOST_COLUMNS for at in self.columns):
            raise Invalid("columns", "not_a_choice")
        twice = [each for each in meant if each != "purpose" and meant.count(each) > 1]
        if twice:
            raise Invalid("columns", "column_twice", meaning=twice[0])
        if "booked_on" not in meant:
            raise Invalid("columns", "column_missing", meaning="booked_on")
        if "amount" not in meant and not {"debit", "credit"} <= set(meant):
            raise Invalid("columns", "column_missing", meaning="amount")

    def at(self, meaning: str) -> list[int]:
        """The columns of that meaning, in order."""
        return sorted(number for number, each in self.columns.items() if each == meaning)


def peek(content: bytes) -> tuple[Layout, list[list[str]]]:
    """How the file seems to be written, and its first rows. Never raises for odd bytes: a person looks at them."""
    encoding = encoding_of(content)
    text = content[:65_536].decode(encoding, "replace")
    separator = max(SEPARATORS, key=lambda sign: _evenness(text, sign))
    rows = [[plain(cell, 80) for cell in row[:MOST_COLUMNS]] for row in _rows(text, separator, SHOWN * 3)]
    return Layout({}, encoding, separator), rows[: SHOWN * 3]


def read_csv(content: bytes, layout: Layout, own_iban: str, currency: str = "EUR") -> tuple[Statement, ...]:
    """One statement for each account in the file; without a column for it all lines are of `own_iban`.

    Raises Invalid("file"): csv_undecodable, csv_too_many_rows, csv_cell (`row`, `meaning`, `text`), csv_cell_empty
    (`row`, `meaning`), csv_row (`row`), csv_no_rows, statement_mixes_currencies.
    """
    layout.require_whole()
    lines: dict[str, list[Movement]] = {}
    for number, row in _movement_rows(content, layout):
        account = _account(_cell(row, layout, "own_iban")) or _account(own_iban)
        lines.setdefault(account, []).append(_movement(row, number, layout, currency))
    if not lines:
        raise Invalid("file", "csv_no_rows")
    found = tuple(_statement(account, movements) for account, movements in lines.items())
    for each in found:
        if mixes_currencies(each):
            raise Invalid("file", "statement_mixes_currencies", on=each.closed_on.isoformat())
    return found


def _statement(account: str, movements: list[Movement]) -> Statement:
    days = [each.booked_on for each in movements]
    digest = sha256("\x1f".join(repr(each) for each in movements).encode()).hexdigest()
    return Statement(account, "csv", f"csv:{digest}", movements[0].currency, max(days), tuple(movements), min(days))


def _movement_rows(content: bytes, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """The rows from the first on, with their numbers. Rows without a date are sums and remarks of the bank."""
    encoding = encoding_of(content, layout.encoding)
    try:
        text = content.decode(encoding)
    except (UnicodeDecodeError, UnicodeError):
        raise Invalid("file", "csv_undecodable", encoding=encoding) from None
    for number, row in enumerate(_rows(text, layout.separator, MOST_ROWS + 1), 1):
        if number > MOST_ROWS:
            raise Invalid("file", "csv_too_many_rows", most=MOST_ROWS)
        if number >= layout.first_row and _cell(row, layout, "booked_on"):
            yield number, row


def _movement(row: list[str], number: int, layout: Layout, currency: str) -> Movement:
    purpose = " ".join(cell for cell in (_at(row, at) for at in layout.at("purpose")) if cell)
    return Movement(
        booked_on=_day(row, number, layout), amount_cents=_amount(row, number, layout),
        currency=(_cell(row, layout, "currency").upper()[:3] or currency),
        reference=given(plain(_cell(row, layout, "reference"), 80)),
        end_to_end_id=given(plain(_cell(row, layout, "end_to_end_id"), 35)),
        mandate_reference=given(plain(_cell(row, layout, "mandate_reference"), 35)),
        other_name=plain(_cell(row, layout, "other_name"), 140), other_iban=_account(_cell(row, layout, "other_iban")),
        purpose=plain(purpose, 600),
    )  # fmt: skip


def _day(row: list[str], number: int, layout: Layout) -> date:
    text = _cell(row, layout, "booked_on")
    try:
        return datetime.strptime(text, DATES[layout.dates]).replace(tzinfo=UTC).date()
    except ValueError:
        raise _bad(number, "booked_on", text) from None


def _amount(row: list[str], number: int, layout: Layout) -> int:
    """One column with its sign or with a letter beside it (S and H), or one for each direction."""
    if layout.at("amount"):
        cents = _cents(_cell(row, layout, "amount"), number, "amount", layout.decimal)
        said = _cell(row, layout, "sign").upper()
        if said and said not in _SIGNS:
            raise _bad(number, "sign", said)
        return cents * _SIGNS[said] if said else cents
    out, into = (_cell(row, layout, name) for name in ("debit", "credit"))
    if not out and not into:
        raise _bad(number, "amount", "")
    paid = abs(_cents(out, number, "debit", layout.decimal)) if out else 0
    return (_cents(into, number, "credit", layout.decimal) if into else 0) - paid


def _cents(text: str, number: int, meaning: str, decimal: str) -> int:
    """ "1.234,56", "-12,50 EUR", "12,50-" and "(12,50)": how banks write amounts."""
    bare = re.sub(r"[\s\u00a0\u202f']|EUR|\u20ac", "", text.replace("\u2212", "-"), flags=re.IGNORECASE)
    turned = bare.endswith("-") or (bare.startswith("(") and bare.endswith(")"))
    bare = bare.strip("()").removesuffix("-").removeprefix("+")
    thousands = "." if decimal == "," else ","
    if not re.fullmatch(rf"-?(?:\d{{1,3}}(?:\{thousands}\d{{3}})+|\d{{1,13}})(?:\{decimal}\d{{1,2}})?", bare, re.ASCII):
        raise _bad(number, meaning, text)
    try:
        cents = int(Decimal(bare.replace(thousands, "").replace(decimal, ".")) * 100)
    except InvalidOperation:
        raise _bad(number, meaning, text) from None
    return -cents if turned else cents


def _bad(number: int, meaning: str, text: str) -> Invalid:
    said = plain(text, 40)
    if not said:
        return Invalid("file", "csv_cell_empty", row=number, meaning=meaning)
    return Invalid("file", "csv_cell", row=number, meaning=meaning, text=said)


def _account(text: str) -> str:
    bare = re.sub(r"\s+", "", text).upper()
    return bare if _IBAN.fullmatch(bare) else plain(bare, 34)


def _cell(row: Sequence[str], layout: Layout, meaning: str) -> str:
    at = layout.at(meaning)
    return _at(row, at[0]) if at else ""


def _at(row: Sequence[str], at: int) -> str:
    return row[at].strip() if at < len(row) else ""


def _rows(text: str, separator: str, most: int) -> Iterator[list[str]]:
    """Rows of a text whose quotes may never end: no field is longer than the csv module allows."""
    lines = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    reader = csv.reader(io.StringIO(lines), delimiter=separator)
    try:
        for number, row in enumerate(reader, 1):
            if number > most:
                return
            yield row
    except csv.Error:
        raise Invalid("file", "csv_row", row=reader.line_num) from None


def encoding_of(content: bytes, kept: str = "cp1252") -> str:
    """The character set of this very file: a bank changes it without a word. What its bytes do not tell, one of eight
    bits from another, is as it was `kept` with the layout."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    by_hand = kept if kept in _EIGHT_BITS else _EIGHT_BITS[0]
    for encoding in ("utf-8-sig", by_hand):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return _EIGHT_BITS[-1]


def _evenness(text: str, sign: str) -> tuple[int, int]:
    """How many of the first lines agree on how many columns, by this separator."""
    counts = [line.count(sign) for line in text.splitlines()[:40] if sign in line]
    return max(((counts.count(each), each) for each in set(counts)), default=(0, 0))
