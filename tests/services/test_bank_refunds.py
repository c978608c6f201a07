"""A refund is on one line of a statement, also where two movements bear its name."""

from __future__ import annotations

from functools import partial

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from models import BankLine, Payment, Refund
from services import bank_import, bank_links, bank_matching, bank_orders, clock, refunds
from tests.at_once import at_once
from tests.documents.statements import Entry, Part, camt
from tests.services.desk import YUSUF
from tests.services.test_bank_orders import LATER, in_order, refund, state
from tests.services.test_debits import fresh, ground

__all__ = ["ground"]
pytestmark = pytest.mark.usefixtures("ground")


def movements(*rows: Refund) -> list[BankLine]:
    """What went out of the account on one day, by the names of these refunds; not matched yet."""
    entries = [
        Entry(f"{-row.amount_cents / 100:.2f}", LATER.isoformat(), [Part([f"Nr. {n}"], end_to_end=f"R-{row.id}")])
        for n, row in enumerate(rows)
    ]
    with clock.stand_at(LATER):
        bank_import.bring_in(YUSUF, bank_import.keep(camt(entries), "x.xml"))
    return fresh(BankLine)


@pytest.mark.feature("X-06", "SEP-8")
@pytest.mark.parametrize("noted", [True, False], ids=["noted by hand", "waiting"])
def test_of_two_movements_that_bear_one_refund_s_name_one_is_it_and_the_rest_goes_on(noted: bool) -> None:
    """The other one waits for a person: the bank may have sent the money twice."""
    row, other = refund(), refund("Jung")
    if noted:
        refunds.note_sent(YUSUF, row.id)
    lines = movements(row, row, other)
    with clock.stand_at(LATER):
        bank_matching.match_all(YUSUF)
    assert [state(line)[0] for line in lines] == ["matched", "unmatched", "matched"]
    assert [each.kind for each in fresh(Payment)].count("refund") == 2 and in_order()


@pytest.mark.feature("X-06", "F1")
def test_of_two_people_who_take_two_movements_for_one_refund_at_once_one_is_right(context: Flask) -> None:
    row = refund()
    refunds.note_sent(YUSUF, row.id)
    order = bank_orders.Order("refund", row.id, row.amount_cents)
    clicks = [partial(bank_orders.book, YUSUF, line.id, order) for line in movements(row, row)]
    with clock.stand_at(LATER):
        assert at_once(context, clicks) == ["done", "suggestion_changed"]
    assert in_order()


@pytest.mark.feature("X-06", "F1")
def test_without_the_look_only_the_index_keeps_a_refund_on_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    row = refund()
    order = bank_orders.Order("refund", row.id, row.amount_cents)
    first, second = movements(row, row)
    monkeypatch.setattr(bank_links, "is_on_a_line", lambda *_: False)
    with clock.stand_at(LATER):
        bank_orders.book(YUSUF, first.id, order)
        with pytest.raises(IntegrityError):
            bank_orders.book(YUSUF, second.id, order)
