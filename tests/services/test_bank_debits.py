"""Our own debits on a statement: paid by their end-to-end id, and given back with the bank's fee."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from models import BankLine, Debit
from services import bank_import, bank_matching, clock
from services.checks import check_books
from tests.documents.statements import Entry, Part, camt
from tests.services.desk import YUSUF
from tests.services.test_debits import at_bank, debtor, fresh, ground, the_debit

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


@pytest.mark.usefixtures("ground")
def test_another_amount_than_the_debits_is_left_to_a_person() -> None:
    debtor()
    name, debit = at_bank(), the_debit()
    day = debit.collect_on + timedelta(1)
    assert bring(Entry("1.00", day.isoformat(), [Part(end_to_end=name)]), day) == ["unmatched"]
    assert the_debit().state == "submitted"
