"""Money that came in by hand: booked once and in balance, and the receivable knows what is left."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from billing.errors import AlreadyDone, Invalid, KontorError, NotFound
from billing.money import Money
from extensions import db
from models import Activity, ActivityDetail, Invoice, JournalEntry, Posting, Receivable
from services import clock
from services.actor import Actor
from services.checks import check_books
from services.payments import record_payment
from tests.services.owing import reread

DAY = date(2026, 11, 1)
PAID_ON = date(2026, 11, 9)
YUSUF = Actor("staff", 1, "Yusuf Demir")


def euros(cents: int) -> Money:
    return Money(cents, "EUR")


def payments() -> list[tuple[str, int]]:
    query = select(Posting.account, Posting.amount_cents).join(JournalEntry, JournalEntry.id == Posting.entry_id)
    return [(row.account, row.amount_cents) for row in
            db.session.execute(query.where(JournalEntry.kind == "payment").order_by(Posting.id))]  # fmt: skip


@pytest.mark.feature("X-03")
def test_what_was_paid_wholly_is_settled_on_the_day_the_money_came(owed: Receivable) -> None:
    assert record_payment(YUSUF, owed.id, euros(owed.open_cents), PAID_ON) == 0
    row = reread()
    assert (row.open_cents, row.settled_on) == (0, PAID_ON)
    assert payments() == [("bank", row.amount_cents), ("receivable", -row.amount_cents)]
    assert check_books().findings == []


@pytest.mark.feature("X-03")
def test_a_part_payment_leaves_the_rest_open_until_that_has_come_too(owed: Receivable) -> None:
    rest = owed.open_cents - 100
    assert record_payment(YUSUF, owed.id, euros(100), PAID_ON) == rest
    assert (reread().open_cents, reread().settled_on) == (rest, None)
    assert record_payment(YUSUF, owed.id, euros(rest), PAID_ON + timedelta(3)) == 0
    assert reread().settled_on == PAID_ON + timedelta(3)
    assert check_books().findings == []


def test_without_a_day_it_came_today(owed: Receivable) -> None:
    with clock.stand_at(PAID_ON):
        record_payment(YUSUF, owed.id, euros(1))
    assert set(db.session.scalars(select(JournalEntry.booked_on).where(JournalEntry.kind == "payment"))) == {PAID_ON}


@pytest.mark.feature("GOB-2")
def test_the_record_says_who_booked_how_much_for_which_invoice(owed: Receivable) -> None:
    record_payment(YUSUF, owed.id, euros(250), PAID_ON)
    query = select(Activity, ActivityDetail.details).join(ActivityDetail, ActivityDetail.activity_id == Activity.id)
    activity, details = db.session.execute(query.where(Activity.code == "payment.recorded")).one()
    number = db.session.scalars(select(Invoice.number)).one()
    assert (activity.actor_id, activity.customer_id) == (1, owed.customer_id)
    assert f'"number":"{number}"' in details.replace('": ', '":') and "250" in details and "2026-11-09" in details


@pytest.mark.feature("X-03")
@pytest.mark.parametrize(
    ("paid", "on", "field", "code"),
    [
        (euros(10_000_000), PAID_ON, "amount", "more_than_open"),
        (euros(0), PAID_ON, "amount", "out_of_range"),
        (euros(-100), PAID_ON, "amount", "out_of_range"),
        (Money(100, "CHF"), PAID_ON, "amount", "other_currency"),
        (euros(100), date(2026, 11, 10), "received_on", "in_the_future"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field_and_nothing_is_booked(
    owed: Receivable, paid: Money, on: date, field: str, code: str
) -> None:
    with clock.stand_at(PAID_ON), pytest.raises(Invalid) as refused:
        record_payment(YUSUF, owed.id, paid, on)
    assert (refused.value.field, refused.value.code) == (field, code)
    assert payments() == [] and reread().open_cents == reread().amount_cents


def test_a_second_click_finds_it_settled_and_an_unknown_one_is_not_found(owed: Receivable) -> None:
    record_payment(YUSUF, owed.id, euros(owed.open_cents), PAID_ON)
    errors: list[type[KontorError]] = [AlreadyDone, NotFound]
    for receivable_id, error in zip((owed.id, 4711), errors, strict=True):
        with pytest.raises(error):
            record_payment(YUSUF, receivable_id, euros(1), PAID_ON)
    assert db.session.scalar(select(func.count()).where(JournalEntry.kind == "payment")) == 1
