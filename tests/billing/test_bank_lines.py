"""What a statement is: movements known again by their key, and sums that agree."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from billing.bank_lines import Movement, Statement, given, line_keys, missing_cents, mixes_currencies, plain

DAY = date(2026, 11, 10)
ONE = Movement(DAY, 11_900, "EUR", "B-77", other_iban="DE02120300000000202051", purpose="RE-2026-00012")
BARE = replace(ONE, reference="")


@pytest.mark.feature("F13")
@pytest.mark.parametrize("line", [ONE, BARE])
def test_a_movement_keeps_its_key_in_every_statement_that_tells_of_it(line: Movement) -> None:
    other = replace(line, amount_cents=1, reference="B-78" if line.reference else "")
    assert line_keys([line])[0] == line_keys([other, line])[1] == line_keys([line, other])[0]
    assert len(line_keys([line])[0]) <= 80


@pytest.mark.feature("F13")
def test_equal_movements_of_a_day_are_counted() -> None:
    first, second = line_keys([BARE, BARE])
    assert first == line_keys([BARE])[0] and second != first
    assert line_keys([BARE, replace(BARE, booked_on=date(2026, 11, 11))])[1] not in (first, second)


@pytest.mark.feature("F13")
def test_one_reference_for_several_amounts_makes_several_keys() -> None:
    assert len(set(line_keys([ONE, replace(ONE, amount_cents=500), ONE]))) == 3


def test_blanks_and_case_of_what_is_told_make_no_other_movement() -> None:
    assert line_keys([BARE]) == line_keys([replace(BARE, purpose="re-2026- 00012")])


def statement(*movements: Movement, opening: int | None = 100, closing: int | None = None) -> Statement:
    return Statement("DE1", "camt", "k", "EUR", DAY, movements, opening_cents=opening, closing_cents=closing)


@pytest.mark.feature("SEP-8")
def test_a_statement_must_add_up_in_one_currency() -> None:
    assert missing_cents(statement(ONE, closing=12_000)) == 0
    assert missing_cents(statement(ONE, closing=12_001)) == 1
    assert missing_cents(statement(ONE, opening=None)) == 0
    assert mixes_currencies(statement(replace(ONE, currency="CHF"))) and not mixes_currencies(statement(ONE))


def test_text_of_a_bank_is_one_line_of_bounded_length() -> None:
    assert plain("a\r\n b\u202e\x00c  ", 5) == "a b c"
    assert plain("x" * 9, 4) == "xxxx"


@pytest.mark.parametrize("said", ["NOTPROVIDED", "Not Provided", "NONREF"])
def test_a_reference_that_says_there_is_none_is_none(said: str) -> None:
    assert given(said) == "" and given("E-1") == "E-1"
