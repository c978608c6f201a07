"""Who does not pay: through every level until the contract is off, and back; three weeks without a run."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from extensions import db
from models import Receivable, Reminder, Subscription
from services import base_rates, clock, dunning_settings
from services.actor import SYSTEM
from services.dunning_levels import LevelWish
from services.unit import end_reading
from tests.scenarios.story import Story

LEVELS = (
    LevelWish("Zahlungserinnerung", 7),
    LevelWish("1. Mahnung", 14, consumer_fee_cents=70),
    LevelWish("2. Mahnung", 21, consumer_fee_cents=70, with_interest=True),
    LevelWish("3. Mahnung", 28, consumer_fee_cents=76, with_interest=True, deactivate_after=True),
)


@pytest.fixture(autouse=True)
def levels(story: Story) -> None:
    with clock.stand_at(date(2026, 9, 1)):
        dunning_settings.save_levels(SYSTEM, LEVELS)
        base_rates.enter(SYSTEM, date(2026, 7, 1), Decimal("1.27"))


def state(contract: int) -> str:
    end_reading()
    return db.session.get_one(Subscription, contract).status


def beside() -> list[tuple[str, int]]:
    """What stands beside the invoices."""
    end_reading()
    query = select(Receivable.kind, Receivable.amount_cents).where(Receivable.kind != "invoice")
    return list(db.session.execute(query.order_by(Receivable.id)).tuples())


@pytest.mark.feature("M2-12")
@pytest.mark.feature("M2-17")
@pytest.mark.feature("X-12")
def test_through_every_level_to_the_end_of_the_service_and_back_once_invoices_fees_and_interest_are_paid(
    story: Story,
) -> None:
    """119.00 of 1 October, due on the 15th. The first reminder is a letter of the 22nd, which arrives on the 25th: in
    default from the 26th on. At level 3, on 5 November, 10 days of 6.27 per cent are owed: 0.2044; at level 4 17 days:
    0.3475, less 0.20. October alone is taken to the last level; November, overdue by then, holds the contract back.
    """
    contract = story.on("2026-10-01").subscribe("100.00")
    story.on("2026-10-01").run()
    assert story.dun_between("2026-10-02", "2026-10-31") == {"2026-10-22": [1], "2026-10-29": [2]}
    story.on("2026-11-01").run()
    assert story.dun_between("2026-11-01", "2026-11-11") == {"2026-11-05": [3]}
    assert state(contract) == "active"
    assert story.dun_between("2026-11-12", "2026-12-09") == {
        "2026-11-12": [4], "2026-11-22": [1], "2026-11-29": [2], "2026-12-06": [3],
    }  # fmt: skip
    assert state(contract) == "deactivated"
    assert beside()[:5] == [("fee", 70), ("interest", 20), ("fee", 6), ("interest", 15), ("fee", 70)]
    story.bill_until("2026-12-09")

    october, november = (bill.number for bill in story.invoices())
    story.on("2026-12-10").pay(october)
    assert story.on("2026-12-10").dun() == [] and state(contract) == "deactivated"
    assert story.on("2026-12-11").pay_beside(october) == [70, 20, 6, 15]
    assert story.on("2026-12-11").dun() == [] and state(contract) == "deactivated"
    story.on("2026-12-12").pay(november)
    assert story.on("2026-12-12").dun() == [] and state(contract) == "deactivated"
    assert story.on("2026-12-13").pay_beside(november)[0] == 70
    assert story.on("2026-12-13").dun() == [] and state(contract) == "active"
    story.bill_until("2027-01-01")
    assert [bill.issued_on.isoformat() for bill in story.invoices()] == ["2026-10-01", "2026-11-01", "2027-01-01"]
    assert story.dun_between("2026-12-14", "2027-01-10") == {}


@pytest.mark.feature("F15")
@pytest.mark.feature("MAH-7")
def test_three_weeks_without_a_run(story: Story) -> None:
    """The machine was off from the day of the first level on: each run then takes one, none comes twice, and none
    before the deadline of the letter before has passed."""
    story.on("2026-10-01").subscribe("100.00")
    story.on("2026-10-01").run()
    assert story.on("2026-10-21").dun() == []
    days = ("11-12", "11-12", "11-13", "11-19", "11-26", "12-03", "12-20")
    assert [story.on(f"2026-{day}").dun() for day in days] == [[1], [], [], [2], [3], [4], []]
    end_reading()
    assert list(db.session.scalars(select(Reminder.level).order_by(Reminder.id))) == [1, 2, 3, 4]


@pytest.mark.feature("EB-54")
def test_paid_charged_back_after_weeks_and_reminded_from_the_start(story: Story) -> None:
    story.on("2026-10-01").subscribe("100.00")
    story.on("2026-10-01").run()
    (october,) = (bill.number for bill in story.invoices())
    assert story.dun_between("2026-10-16", "2026-10-30") == {"2026-10-22": [1], "2026-10-29": [2]}
    payment = story.on("2026-10-31").pay(october)
    assert story.dun_between("2026-11-01", "2026-12-18") == {}
    story.on("2026-12-19").cancel_payment(payment, "Rückbuchung nach sieben Wochen")
    assert story.dun_between("2026-12-19", "2027-01-02") == {"2026-12-26": [1], "2027-01-02": [2]}
