"""A chunk of a run takes as many statements for many customers as for few, also where money is collected (EB-65)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from extensions import db
from models import Customer, Debit, DunningStop, PaymentAttempt, PaymentMethod, Receivable, Reminder, Subscription
from services import billing_run, clock, company, mandates
from services.actor import SYSTEM
from services.load import seed_load
from services.mandates import Grant
from services.unit import end_reading, write
from tests.services.charged import keep_card
from tests.services.reminding import LEVELS, levels_of, set_levels, statements
from tests.services.test_billing_run import statements_of

FEW, MANY = 3, 15
IBANS = ("DE89370400440532013000", "DE02120300000000202051")


def newest(count: int) -> list[int]:
    """The customers who came last."""
    end_reading()
    return list(db.session.scalars(select(Customer.id).order_by(Customer.id.desc()).limit(count)))


def pay_by_card(count: int) -> None:
    """Every one of them keeps a card; the provider's page is asked once."""
    first, *others = newest(count)
    keep_card(first, "succeeds")
    with write() as session:
        kept = session.scalars(select(PaymentMethod).where(PaymentMethod.customer_id == first)).one()
        session.add_all(
            PaymentMethod(customer_id=each, kind="card", gateway="sandbox", is_default=True, token=kept.token,
                          provider_customer=kept.provider_customer, brand=kept.brand, last4=kept.last4)
            for each in others
        )  # fmt: skip
        for table, column in ((Customer, Customer.id), (Subscription, Subscription.customer_id)):
            session.execute(update(table).where(column.in_(others)).values(payment_type=6))


def chunk_of(count: int, on: date, prepare: Callable[[int], None]) -> Counter[str]:
    """The statements of the one chunk in which so many customers are billed."""
    seed_load(SYSTEM, count, on)
    with clock.stand_at(on):
        prepare(count)
        run_id = billing_run.start(on, SYSTEM, ring=False)
        (chunk_id,) = billing_run.pending_chunks(run_id)
        seen = statements_of(lambda: billing_run.run_chunk(chunk_id))
    with write() as session:
        session.execute(update(Subscription).values(next_billing_on=None))
    return seen


def how_many(model: type[PaymentAttempt] | type[Debit] | type[Reminder] | type[DunningStop]) -> int:
    end_reading()
    return len(db.session.scalars(select(model.id)).all())


@pytest.mark.feature("EB-65")
def test_customers_who_are_charged_take_as_many_statements_for_many_as_for_few(context: Flask) -> None:
    chunk_of(1, date(2026, 1, 1), pay_by_card)
    few, many = chunk_of(FEW, date(2026, 2, 1), pay_by_card), chunk_of(MANY, date(2026, 3, 1), pay_by_card)
    assert few == many and how_many(PaymentAttempt) == 1 + FEW + MANY


def pay_by_debit(count: int) -> None:
    for each in newest(count):
        mandates.grant(SYSTEM, each, Grant(iban=IBANS[1]))


@pytest.mark.feature("EB-65")
@pytest.mark.feature("X-05")
def test_customers_who_are_debited_take_as_many_statements_for_many_as_for_few(context: Flask) -> None:
    company.change_company(SYSTEM, {"creditor_id": "DE98ZZZ09999999999", "iban": IBANS[0]})
    chunk_of(1, date(2026, 1, 1), pay_by_debit)
    few, many = chunk_of(FEW, date(2026, 2, 1), pay_by_debit), chunk_of(MANY, date(2026, 3, 1), pay_by_debit)
    assert few == many and how_many(Debit) == 1 + FEW + MANY


def owing(count: int, on: date) -> None:
    """So many who owe, of whom every third one gets letters, mails, and has a card that is tried before a reminder."""
    seed_load(SYSTEM, count, on)
    billing_run.bill(on, SYSTEM)
    who = newest(count)
    with write() as session:
        session.execute(update(Customer).where(Customer.id.in_(who[::3])).values(email="erika@beispiel.example"))
        session.add_all(
            PaymentMethod(customer_id=each, kind="card", gateway="sandbox", token=f"tok-{each}", is_default=True)
            for each in who[1::3]
        )
        session.execute(update(Customer).where(Customer.id.in_(who[1::3])).values(payment_type=6))


@pytest.mark.feature("EB-65")
@pytest.mark.feature("X-12")
def test_letters_mails_tries_and_stops_of_a_dunning_chunk_take_no_more_statements_for_many(context: Flask) -> None:
    set_levels(replace(LEVELS[0], collect_before=True, deactivate_after=True))
    counted = []
    for count, on in ((FEW, date(2026, 1, 1)), (FEW, date(2026, 2, 1)), (MANY, date(2026, 3, 1))):
        owing(count, on)
        due = db.session.scalars(select(Receivable.due_on).order_by(Receivable.id.desc())).first() or on
        counted.append(statements(lambda day=due + timedelta(7): levels_of(day)))
    assert counted[1] == counted[2]
    collected = db.session.scalars(select(PaymentAttempt.id).where(PaymentAttempt.purpose == "collect")).all()
    assert len(collected) == (2 * FEW + MANY) // 3 and how_many(Reminder) == how_many(DunningStop) > MANY // 2
