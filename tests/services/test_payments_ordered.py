"""The list of payments stands by the day on which the money moved."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from billing.money import Money
from extensions import db
from models import Payment, Receivable
from queries.lists import conditions
from queries.lists.listing import page
from queries.lists.payments import PAYMENTS
from queries.lists.shape import Wish
from services import clock
from services.payments import Receipt, receive
from services.write_offs import write_off
from tests.services.reminding import ANKE, after, statements

DAY = after(20)


def paid(owed: Receivable, cents: int, on: date = DAY) -> int:
    return receive(ANKE, owed.id, Receipt(Money(cents, owed.currency_code), on)).payment_id


def days(wish: Wish) -> list[date]:
    return [row.received_on for row in page(PAYMENTS, wish, 50).rows]


@pytest.mark.feature("M1-03")
def test_payments_stand_by_the_day_of_the_money_however_late_it_was_booked(owed: Receivable) -> None:
    came = [DAY - timedelta(back) for back in (3, 9, 0, 9, 5)]
    with clock.stand_at(DAY):
        for on in came:
            paid(owed, 100, on)
    assert days(Wish()) == sorted(came, reverse=True)
    assert days(Wish(sort="received_on")) == sorted(came) and days(Wish(sort="-newest")) == came[::-1]
    found, after_ = [], ""
    for _ in came:
        shown = page(PAYMENTS, Wish(), 1, after=after_)
        found, after_ = [*found, *(row.id for row in shown.rows)], shown.after or ""
    by_day = db.session.execute(select(Payment.id).order_by(Payment.received_on.desc(), Payment.id.desc()))
    assert found == [each for (each,) in by_day], "two of one day: the later booked first, and none twice"
    assert statements(lambda: page(PAYMENTS, Wish(), 50)) == 1


@pytest.mark.feature("M1-03")
def test_more_of_a_kind_than_can_be_sorted_stand_as_their_own_index_has_them(
    owed: Receivable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the day, every payment would be asked whether it is of the kind."""
    with clock.stand_at(DAY):
        paid(owed, 100)
        for _ in range(2):
            write_off(ANKE, owed.id, "Kulanz", Money(50, owed.currency_code))
    written_off = Wish(narrow={"kind": "write_off"})
    assert page(PAYMENTS, written_off, 50).sort == "received_on"
    monkeypatch.setattr(conditions, "FEW", 1)
    assert (page(PAYMENTS, written_off, 50).sort, page(PAYMENTS, Wish(), 50).sort) == ("newest", "received_on")
