"""Our own debits on a statement: paid by their end-to-end id, and given back with the bank's fee."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from models import BankLine, Debit
from queries.bank import find_lines
from services import (
    bank_facts,
    bank_import,
    bank_matching,
    bank_order_facts,
    bank_sums,
    clock,
    payment_changes,
    payment_files,
)
from services.checks import check_books
from tests.documents.statements import Entry, Part, camt
from tests.services import shop
from tests.services.desk import YUSUF
from tests.services.test_debits import COLLECTED, ISSUED, at_bank, debtor, fresh, ground, the_debit

__all__ = ["ground"]
LATER = timedelta(40)


def bring(entry: Entry, on: date) -> list[str]:
    """The states of the lines once the statement is matched."""
    with clock.stand_at(on):
        done = bank_import.bring_in(YUSUF, bank_import.keep(camt([entry], key=entry.amount), "x.xml"))
        for each in done.statement_ids:
            bank_matching.match_statement(each)
    return [line.state for line in fresh(BankLine)]


@pytest.mark.feature("X-06")
@pytest.mark.feature("SEP-8")
@pytest.mark.usefixtures("ground")
def test_a_debit_is_booked_as_paid_and_given_back_by_its_end_to_end_id() -> None:
    debtor()
    name, debit = at_bank(), the_debit()
    euros, day = debit.amount_cents, debit.collect_on + timedelta(1)
    paid = Entry(f"{euros / 100:.2f}", day.isoformat(), [Part(end_to_end=name)])
    assert bring(paid, day) == ["matched"] and the_debit().state == "paid"
    back = Entry(f"-{(euros + 300) / 100:.2f}", (day + LATER).isoformat(), [Part(end_to_end=name, code="AC04")])
    assert bring(back, day + LATER) == ["matched", "matched"]
    assert (the_debit().state, the_debit().return_code) == ("returned", "AC04")
    assert [each for each in check_books().findings if each["rule"] == "L9"] == []
    assert isinstance(the_debit(), Debit)


@pytest.mark.feature("SEP-6")
@pytest.mark.usefixtures("ground")
@pytest.mark.parametrize("deed", [payment_files.submit, payment_files.discard])
def test_a_payment_undone_leaves_the_debit_in_the_file_that_nobody_handed_in(deed: Callable[..., object]) -> None:
    """The bank told of it though nobody said that the file was handed in, and then it was another one's money."""
    debtor()
    shop.bill(ISSUED)
    (file_id,) = payment_files.make_debit_files(YUSUF, COLLECTED).file_ids
    debit = the_debit()
    day = debit.collect_on + timedelta(1)
    paid = Entry(f"{debit.amount_cents / 100:.2f}", day.isoformat(), [Part(end_to_end=debit.end_to_end_id)])
    assert bring(paid, day) == ["matched"] and the_debit().state == "paid"
    with clock.stand_at(day):
        payment_changes.cancel(YUSUF, the_debit().payment_id or 0, "verwechselt")
        assert the_debit().state == "in_file" and misplaced() == []
        deed(YUSUF, file_id)
        assert the_debit().state in ("submitted", "planned") and misplaced() == []


def misplaced() -> list[dict[str, Any]]:
    return [each for each in check_books().findings if each["rule"] == "L4"]


@pytest.mark.usefixtures("ground")
def test_another_amount_than_the_debits_is_left_to_a_person() -> None:
    debtor()
    name, debit = at_bank(), the_debit()
    day = debit.collect_on + timedelta(1)
    assert bring(Entry("1.00", day.isoformat(), [Part(end_to_end=name)]), day) == ["unmatched"]
    assert the_debit().state == "submitted" and why() == ["amount"]


def why() -> list[str]:
    """What the screen tells of each line that waits."""
    rows = find_lines(bank_facts.offers, bank_order_facts.orders_of, bank_sums.booked_otherwise, "open").rows
    return [row.hint.why if row.hint else "" for row in reversed(rows)]


@pytest.mark.feature("SEP-5")
@pytest.mark.usefixtures("ground")
def test_what_comes_before_the_bank_collects_waits_for_a_person_who_is_told_why() -> None:
    debtor()
    name, debit = at_bank(), the_debit()
    day, sum_ = debit.collect_on - timedelta(2), f"{debit.amount_cents / 100:.2f}"
    back = Entry(f"-{sum_}", day.isoformat(), [Part(end_to_end=name, code="AC04")])
    paid = Entry(sum_, day.isoformat(), [Part(end_to_end=name)])
    assert bring(back, day) == ["unmatched"] and bring(paid, day) == ["unmatched"] * 2
    assert the_debit().state == "submitted" and why() == ["early", "early"]


@pytest.mark.feature("SEP-5")
@pytest.mark.usefixtures("ground")
def test_a_second_return_and_a_second_credit_of_a_debit_say_so() -> None:
    debtor()
    name, debit = at_bank(), the_debit()
    day, sum_ = debit.collect_on + timedelta(1), f"{debit.amount_cents / 100:.2f}"
    paid = Entry(sum_, day.isoformat(), [Part(end_to_end=name)])
    assert bring(paid, day) == ["matched"]
    assert bring(Entry(sum_, day.isoformat(), [Part(["again"], end_to_end=name)]), day)[1:] == ["unmatched"]
    assert why() == ["paid"]
    for purpose, state in (("a", "matched"), ("b", "unmatched")):
        back = Entry(f"-{sum_}", day.isoformat(), [Part([purpose], end_to_end=name, code="AC04")])
        assert bring(back, day)[-1] == state
    assert why() == ["returned", "returned"]
