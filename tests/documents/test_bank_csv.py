"""CSV statements as German banks write them, read by a layout; what cannot be read is named by row and column."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from billing.bank_lines import Movement
from billing.errors import Invalid
from documents.bank_csv import Layout, peek, read_csv
from tests.documents.statements import OWN

PLAIN = Layout({0: "booked_on", 1: "other_name", 2: "purpose", 3: "amount"})
HEAD = "Buchungstag;Name;Verwendungszweck;Betrag\n"


def read(text: str, layout: Layout = PLAIN) -> tuple[Movement, ...]:
    (found,) = read_csv(text.encode(layout.encoding), layout, OWN)
    return found.movements


def amount_of(text: str, layout: Layout = PLAIN) -> int:
    return read(f'{HEAD}10.11.2026;A;B;"{text}"\n', layout)[0].amount_cents


@pytest.mark.feature("X-06")
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "iso-8859-15", "utf-16"])
def test_a_row_is_a_movement_whatever_letters_the_bank_uses(encoding: str) -> None:
    layout = Layout(PLAIN.columns, encoding)
    (found,) = read(f"{HEAD}10.11.2026;Müller;Rechnung RE-2026-00012;119,00\n", layout)
    assert found == Movement(date(2026, 11, 10), 11_900, "EUR", other_name="Müller", purpose="Rechnung RE-2026-00012")


@pytest.mark.feature("X-06")
@pytest.mark.parametrize("kept", ["utf-8-sig", "cp1252", "iso-8859-15", "utf-16"])
@pytest.mark.parametrize("sent", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_layout_reads_the_next_file_though_the_bank_has_changed_its_letters(kept: str, sent: str) -> None:
    (found,) = read_csv(f"{HEAD}10.11.2026;Müller;Größe;1,00\n".encode(sent), Layout(PLAIN.columns, kept), OWN)
    (line,) = found.movements
    assert (line.other_name, line.purpose) == ("Müller", "Größe")


def test_between_two_character_sets_of_eight_bits_the_layout_decides() -> None:
    euro = f"{HEAD}10.11.2026;A;5 €;1,00\n".encode("iso-8859-15")
    (found,) = read_csv(euro, Layout(PLAIN.columns, "iso-8859-15"), OWN)
    assert found.movements[0].purpose == "5 €"


@pytest.mark.feature("X-06")
@pytest.mark.parametrize(("text", "cents"), [
    ("1.234,56", 123_456), ("-12,50", -1_250), ("12,5", 1_250), ("+7", 700), ("12,50-", -1_250), ("(12,50)", -1_250),
    ("1 234,56 EUR", 123_456), ("\u22123,00 \u20ac", -300), ("1234,00", 123_400),
])  # fmt: skip
def test_amounts_as_banks_write_them(text: str, cents: int) -> None:
    assert amount_of(text) == cents


def test_an_amount_that_is_missing_is_told_as_missing() -> None:
    with pytest.raises(Invalid, match="csv_cell_empty"):
        amount_of("")


@pytest.mark.parametrize("text", ["zwölf", "1,234.56", "12,345", "1.23,00", "--1", "9" * 40, "=1+1", "１２,00"])
def test_an_amount_that_is_none_is_named_by_its_row(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        amount_of(text)
    assert (caught.value.code, caught.value.facts["row"], caught.value.facts["meaning"]) == ("csv_cell", 2, "amount")


def test_points_as_decimals_where_the_layout_says_so() -> None:
    assert amount_of("1,234.56", Layout(PLAIN.columns, decimal=".")) == 123_456


@pytest.mark.feature("X-06")
def test_two_columns_or_a_letter_say_the_direction() -> None:
    two = Layout({0: "booked_on", 1: "debit", 2: "credit"})
    assert [each.amount_cents for each in read("h\n10.11.2026;5,00;\n10.11.2026;;7,00\n", two)] == [-500, 700]
    letter = Layout({0: "booked_on", 1: "amount", 2: "sign"})
    assert [each.amount_cents for each in read("h\n10.11.2026;5,00;S\n10.11.2026;7,00;H\n", letter)] == [-500, 700]


@pytest.mark.parametrize(("dates", "text"), [("d.m.y", "10.11.26"), ("Y-m-d", "2026-11-10"), ("d/m/Y", "10/11/2026")])
def test_days_in_the_banks_form(dates: str, text: str) -> None:
    (found,) = read(f"{HEAD}{text};A;B;1,00\n", Layout(PLAIN.columns, dates=dates))
    assert found.booked_on == date(2026, 11, 10)


def test_a_day_that_is_none_is_named_and_rows_without_one_are_remarks() -> None:
    with pytest.raises(Invalid, match="csv_cell") as caught:
        read(f"{HEAD}31.02.2026;A;B;1,00\n")
    assert caught.value.facts["meaning"] == "booked_on"
    assert len(read(f"Umsätze\n{HEAD}10.11.2026;A;B;1,00\n;;Summe;1,00\n", Layout(PLAIN.columns, first_row=3))) == 1


def test_rows_of_several_accounts_are_several_statements() -> None:
    layout = Layout({0: "booked_on", 1: "amount", 2: "own_iban"})
    text = f"h\n10.11.2026;1,00;{OWN}\n11.11.2026;2,00;DE02 1203 0000 0000 2020 51\n"
    assert [(each.iban, each.closed_on.day) for each in read_csv(text.encode(), layout, "")] == [
        (OWN, 10), ("DE02120300000000202051", 11)]  # fmt: skip


@pytest.mark.parametrize(("data", "field"), [
    ({"encoding": "rot13"}, "encoding"), ({"separator": "x"}, "separator"), ({"dates": "%Y"}, "dates"),
    ({"first_row": 0}, "first_row"), ({"columns": {"0": "amount"}}, "columns"),
    ({"columns": {"0": "booked_on"}}, "columns"),
    ({"columns": {"0": "booked_on", "1": "amount", "2": "amount"}}, "columns"),
    ({"columns": {"0": "booked_on", "1": "amount", "99": "purpose"}}, "columns"),
])  # fmt: skip
def test_a_layout_that_cannot_be_is_refused_at_its_field(data: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        Layout.of(data)
    assert caught.value.field == field


def test_a_layout_is_kept_and_read_again_unchanged() -> None:
    assert Layout.of(PLAIN.as_data()) == PLAIN


@pytest.mark.parametrize(("content", "code"), [
    (b"\xff\xfe;", "csv_undecodable"), (b"", "csv_no_rows"), (HEAD.encode(), "csv_no_rows"),
    (b'h\n10.11.2026;A;"' + b"x" * 200_000, "csv_row"),
])  # fmt: skip
def test_a_file_that_holds_nothing_readable_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        read_csv(content, PLAIN, OWN)


def test_lines_of_two_currencies_are_no_statement() -> None:
    with pytest.raises(Invalid, match="statement_mixes_currencies"):
        read("h\n10.11.2026;1,00;EUR\n10.11.2026;1,00;CHF\n", Layout({0: "booked_on", 1: "amount", 2: "currency"}))


@pytest.mark.feature("X-06")
def test_a_look_at_a_file_guesses_its_letters_and_its_separator_and_shows_the_first_rows() -> None:
    layout, rows = peek(f"{HEAD}10.11.2026;Müller, Jana;A, B, C;1,00\n".encode("cp1252"))
    assert (layout.encoding, layout.separator) == ("cp1252", ";")
    assert rows[1] == ["10.11.2026", "Müller, Jana", "A, B, C", "1,00"]
    assert peek(b"\x00\xff\xfe\x01")[1] is not None
    assert peek(b"Tag;Text\r10.11.2026;A\r")[1] == [["Tag", "Text"], ["10.11.2026", "A"]]
