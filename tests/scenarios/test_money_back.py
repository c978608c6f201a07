"""Money that goes back: in parts that follow their corrections, and once more through the bank of the customer."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask, current_app
from sqlalchemy import select

from billing.errors import NotAllowed
from billing.money import Money
from extensions import db
from gateways import sandbox_deeds
from gateways.sandbox_store import Store
from models import Invoice, Payment, Receivable
from services import charge_days, clock, payments, refund_calls, refunds
from services.actor import SYSTEM, Actor
from services.payment_settings import change_payment_settings
from services.payments import Receipt
from services.unit import end_reading
from tests.scenarios.story import Moment, Story
from tests.services.charged import keep_card
from tests.services.refunding import balance

JULE, ANNA = Actor("staff", 1, "Jule"), Actor("staff", 2, "Anna")
PART = 119_00


def pay_by_card(moment: Moment, quantity: str = "1") -> None:
    """The one customer of the diary has a contract of so many times 119.00 a month, and a card that pays."""
    moment.subscribe("100.00", quantity=quantity)
    with clock.stand_at(moment.instant):
        keep_card(1, "succeeds")
    billed(moment)


def billed(moment: Moment) -> None:
    """The run of that day, and what the timetable and the provider's news do with it."""
    moment.run()
    followed(moment)


def followed(moment: Moment) -> None:
    with clock.stand_at(moment.instant):
        charge_days.follow_all()


def given_back(moment: Moment, correction: str, *, approved_by: Actor | None = None) -> str:
    """A person orders the refund of that correction; gives what became of it once its news came, too."""
    with clock.stand_at(moment.instant):
        (refund_id,) = refunds.order(JULE, _id_of(correction))
        if approved_by:
            assert refund_calls.carry_on(refund_id) == "waiting"
            refunds.approve(approved_by, refund_id)
        refund_calls.carry_on(refund_id, at_once=True)
    followed(moment)
    return refund_calls.state_of(refund_id)


def charged_back(moment: Moment, cents: int) -> None:
    """The customer's bank takes so much back from the house; the provider tells of it."""
    end_reading()
    charge = db.session.scalars(select(Payment.provider_id).where(Payment.kind == "payment")).first()
    with provider().open() as known, clock.stand_at(moment.instant):
        sandbox_deeds.charge_back(known, sandbox_deeds.the_charge(known, str(charge)), cents, clock.instant())
    followed(moment)


def provider() -> Store:
    folder: Path = current_app.config["KONTOR"].data_dir
    return Store(folder / "sandbox-provider.sqlite3")


def moved() -> list[tuple[str, int]]:
    """Every movement of money as (kind, cents), in order."""
    end_reading()
    return list(db.session.execute(select(Payment.kind, Payment.amount_cents).order_by(Payment.id)).tuples())


def owed() -> dict[str, int]:
    """What is owed, by cause; of an invoice under its kind."""
    end_reading()
    rows = db.session.scalars(select(Receivable).where(Receivable.open_cents != 0)).all()
    return {row.cause or row.kind: row.open_cents for row in rows}


def _id_of(number: str) -> int:
    end_reading()
    return db.session.scalars(select(Invoice.id).where(Invoice.number == number)).one()


@pytest.mark.feature("M2-01")
@pytest.mark.feature("M2-10")
@pytest.mark.feature("M2-11")
def test_a_refund_in_parts(story: Story, context: Flask) -> None:
    """Of three pieces one comes back and is refunded, one comes back and is the credit that the next invoice uses, and
    the last one is cancelled and refunded above the limit of the house, by two people."""
    pay_by_card(story.on("2026-12-01"), quantity="3")
    (december,) = (bill.number for bill in story.invoices())
    assert moved() == [("payment", 3 * PART)] and owed() == {}

    first = story.on("2026-12-10").correct(december, 1, "1")
    assert given_back(story.on("2026-12-11"), first) == "succeeded"
    with pytest.raises(NotAllowed, match="all_refunded"):
        given_back(story.on("2026-12-12"), first)
    assert moved() == [("payment", 3 * PART), ("refund", PART)] and story.check_books() == []

    second = story.on("2026-12-15").correct(december, 1, "1")
    assert balance("credit") == -PART
    billed(story.on("2027-01-01"))
    assert balance("credit") == 0 and moved()[2:] == [("payment", 2 * PART)], "the card pays what credit leaves"
    with pytest.raises(NotAllowed, match="credit_spent"):
        given_back(story.on("2027-01-02"), second)

    with clock.stand_at(story.on("2027-01-03").instant):
        change_payment_settings(SYSTEM, {"four_eyes_cents": PART})
    last = story.on("2027-01-04").cancel_invoice(december)
    assert given_back(story.on("2027-01-05"), last, approved_by=ANNA) == "succeeded"
    assert moved()[3:] == [("refund", PART)] and balance("refunds_under_way") == 0
    assert [bill.gross for bill in story.corrections()] == [-PART] * 3 and owed() == {}


@pytest.mark.feature("F19")
@pytest.mark.feature("EB-54")
def test_a_chargeback_after_the_refund(story: Story, context: Flask) -> None:
    """Paid, cancelled and refunded in December; in January the customer's bank takes the same money once more. It went
    out twice, so it is owed, until the customer pays it back."""
    pay_by_card(story.on("2026-12-01"))
    (december,) = (bill.number for bill in story.invoices())
    storno = story.on("2026-12-10").cancel_invoice(december)
    assert given_back(story.on("2026-12-11"), storno) == "succeeded"
    assert balance("clearing:sandbox") == 0 and owed() == {}

    charged_back(story.on("2027-01-20"), PART)
    assert moved() == [("payment", PART), ("refund", PART), ("chargeback", PART)]
    claims = owed()
    assert claims.pop("double_payout") == PART and set(claims) <= {"chargeback"}
    assert balance("clearing:sandbox") == -PART - sum(claims.values())
    followed(story.on("2027-01-21"))
    assert story.on("2027-02-15").dun() == [] and len(moved()) == 3, "no reminder goes out for a cancelled invoice"
    assert story.check_books() == []

    with clock.stand_at(story.on("2027-02-20").instant):
        rows = db.session.execute(select(Receivable.id, Receivable.open_cents).where(Receivable.open_cents > 0)).all()
        for receivable_id, cents in rows:
            payments.receive(JULE, receivable_id, Receipt(Money(cents, "EUR"), clock.today()))
    assert owed() == {} and balance("credit") == 0
