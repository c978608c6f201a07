"""The start page's figures: right to the cent, as many statements for a hundred customers as for one."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from billing.money import Money
from billing.periods import Interval
from billing.recurring import months_until
from extensions import db
from models import Customer, Message, MonthlyFigure, Paper, Receivable, Subscription, TimetableSlot
from queries.figures import Month
from queries.overview import Overview, get_overview
from queries.waiting import Sight
from services import billing_run, clock, company, figures, payments, products
from services.actor import SYSTEM
from services.customers import create_customer
from services.subscriptions import Booking, Order, create_subscription
from services.unit import end_reading, write
from tests.queries.test_statements import statements

TODAY = date(2026, 11, 21)
ALL = Sight(*[True] * 8)
ADDRESS = {"last_name": "Meier", "address": "Lindenallee 1", "zipcode": "20095", "city": "Hamburg"}


def sell(number: str, price: str, every: str = "1 month", **more: object) -> str:
    values = {"number": number, "title": number, "unit_price": Decimal(price), "interval": Interval.parse(every)}
    products.create_product(SYSTEM, values | more)
    return number


def subscribe(number: str, starts: str, ends: str | None = None) -> int:
    customer = create_customer(SYSTEM, ADDRESS)
    order = Order(customer, Booking(number), starts_on=at(starts), ends_on=at(ends) if ends else None)
    return create_subscription(SYSTEM, order)


def look(sight: Sight = ALL) -> Overview:
    end_reading()
    facts = company.tax_facts(TODAY)
    return get_overview(TODAY, TODAY + timedelta(1), sight, facts.seller, facts.rates)


def months(currency: str = "EUR") -> dict[str, Month]:
    found = look().months
    assert found is not None
    return {month.first.isoformat()[:7]: month for month in found.by_currency.get(currency, ())}


def at(day: str) -> date:
    return date.fromisoformat(day)


@pytest.mark.usefixtures("context")
def test_recurring_revenue_is_what_runs_on_the_last_day_of_each_month() -> None:
    with clock.stand_at(TODAY):
        sell("month", "10")
        sell("year", "120", "1 year")
        sell("gross", "11.90", is_gross=True)
        sell("franc", "9", currency_code="CHF")
        sell("setup", "1", setup_fee=Decimal(500))
        sell("later", "7", trial=Interval.parse("1 month"))
        for number, starts in (
            ("month", "2026-09-15"), ("year", "2026-10-31"), ("gross", "2026-11-30"), ("franc", "2026-11-01"),
            ("setup", "2026-11-01"), ("later", "2026-10-15"),
        ):  # fmt: skip
            subscribe(number, starts)
        subscribe("month", "2026-09-01", ends="2026-10-31")
        assert {name: one.recurring_cents for name, one in months().items() if one.recurring_cents} == {
            "2026-09": 2000,  # both monthly ones
            "2026-10": 2000,  # the second one's last day was the 30th; the yearly one began on the 31st
            "2026-11": 1000 + 1000 + 1000 + 100 + 700,  # no set-up fee; the trial is over
        }
        assert months()["2026-11"].contracts == 5
        assert months("CHF")["2026-11"].recurring_cents == 900


@pytest.mark.usefixtures("context")
def test_a_paused_contract_and_a_deactivated_customer_bring_nothing_this_month() -> None:
    with clock.stand_at(TODAY):
        sell("month", "10")
        first, second, _ = (subscribe("month", "2026-09-15") for _ in range(3))
        with write() as session:
            session.execute(update(Subscription).where(Subscription.id == first).values(status="paused"))
            theirs = select(Subscription.customer_id).where(Subscription.id == second)
            session.execute(update(Customer).where(Customer.id.in_(theirs)).values(status="deactivated"))
        found = months()
        assert (found["2026-10"].recurring_cents, found["2026-11"].recurring_cents) == (3000, 1000)


@pytest.mark.usefixtures("context")
def test_issued_and_paid_stand_in_their_months() -> None:
    with clock.stand_at(at("2026-10-05")):
        sell("month", "100")
        subscribe("month", "2026-10-01")
        billing_run.bill(at("2026-10-05"), SYSTEM)
    with clock.stand_at(TODAY):
        billing_run.bill(TODAY, SYSTEM)
        receivable = db.session.scalars(select(Receivable.id).order_by(Receivable.id)).first()
        payments.record_payment(SYSTEM, receivable or 0, Money(50_00, "EUR"), at("2026-10-31"))
        payments.record_payment(SYSTEM, receivable or 0, Money(9_00, "EUR"), at("2026-11-02"))
        found = months()
        assert [(one.issued_cents, one.invoices, one.settled_cents) for one in list(found.values())[-3:]] == [
            (0, 0, 0), (119_00, 1, 50_00), (119_00, 1, 9_00),
        ]  # fmt: skip


@pytest.mark.usefixtures("context")
def test_open_items_stand_in_groups_of_age_and_credit_is_not_owed() -> None:
    with clock.stand_at(TODAY):
        sell("month", "100")
        for _ in range(8):
            subscribe("month", "2026-11-21")
        billing_run.bill(TODAY, SYSTEM)
        days = (0, 1, 14, 15, 60, 61, 91)
        ids = db.session.scalars(select(Receivable.id).order_by(Receivable.id)).all()
        with write() as session:
            for key, late in zip(ids, days, strict=False):
                due = TODAY - timedelta(late)
                session.execute(update(Receivable).where(Receivable.id == key).values(due_on=due))
            session.execute(update(Receivable).where(Receivable.id == ids[7]).values(open_cents=-20_00))
        (owed,) = look().owed or ()
        one = 119_00
        assert owed.ages == ((one, 1), (2 * one, 2), (one, 1), (one, 1), (one, 1), (one, 1))
        assert (owed.open_cents, owed.overdue_cents, owed.overdue_count, owed.count) == (7 * one - 2000, 6 * one, 6, 8)


@pytest.mark.usefixtures("context")
def test_kept_months_say_the_same_and_follow_when_the_job_comes_again() -> None:
    with clock.stand_at(TODAY):
        sell("month", "10")
        subscribe("month", "2026-10-01")
        measured = months()
        assert figures.refresh() == 12 and figures.refresh() == 1, "then only the running month"
        kept = look().months
        assert months() == measured and kept is not None and kept.measured_at == clock.instant()
        subscribe("month", "2026-11-01")
        assert months() == measured, "kept until the job comes"
        figures.refresh()
        assert months()["2026-11"].recurring_cents == 2000
    with clock.stand_at(TODAY + timedelta(1)):
        assert len(figures.stale_months()) == 12, "each once a day"


@pytest.mark.usefixtures("context")
def test_a_month_that_the_job_did_not_reach_yet_is_measured_at_once() -> None:
    with clock.stand_at(TODAY):
        sell("month", "10")
        subscribe("month", "2026-10-01")
        figures.refresh()
        with write() as session:
            session.execute(delete(MonthlyFigure).where(MonthlyFigure.month == months_until(TODAY)[-1]))
        assert months()["2026-11"].recurring_cents == 1000


@pytest.mark.usefixtures("context")
def test_what_waits_is_counted_and_what_is_fine_is_not() -> None:
    with clock.stand_at(TODAY):
        sell("month", "10")
        subscribe("month", "2026-10-01")
        subscribe("month", "2025-03-01")  # more than twelve open periods
        billing_run.bill(TODAY, SYSTEM)
        message = db.session.scalars(select(Message.id)).first()
        with write() as session:
            paper = session.scalars(select(Paper.id)).first()
            session.execute(update(Paper).where(Paper.id == paper).values(state="failed"))
            for error, slot in (("old", TODAY - timedelta(1)), ("company_incomplete", TODAY)):
                moment = clock.instant() - (TODAY - slot)
                session.add(TimetableSlot(entry="billing_run", slot_at=moment, error=error))
            session.add(Message(event=f"books:{TODAY}", template="checks_report", recipient="a@b.example",
                                facts={"count": 3}))  # fmt: skip
        running = billing_run.start(TODAY + timedelta(30), SYSTEM, ring=False)
        waiting = look().waiting
        assert message is None and waiting.failed_messages == 0
        assert (waiting.parked, waiting.failed_papers, waiting.findings) == (1, 1, 3)
        assert waiting.night_error == "company_incomplete"
        assert [(run.id, run.chunks, run.chunks_done) for run in waiting.running] == [(running, 1, 0)]


@pytest.mark.usefixtures("context")
def test_the_next_run_says_how_many_contracts_are_due_and_when_there_are_more() -> None:
    with clock.stand_at(TODAY):
        sell("month", "10")
        subscribe("month", "2026-11-20")
        subscribe("month", "2026-12-24")
        coming = look().next
        assert coming is not None
        assert (coming.run_on, coming.due, coming.later_on, coming.later) == (at("2026-11-22"), 1, at("2026-12-24"), 2)


@pytest.mark.usefixtures("context")
def test_an_empty_house_has_taken_no_step_and_nothing_waits() -> None:
    found = look()
    assert not any((found.steps.has_product, found.steps.has_customer, found.steps.has_invoice))
    assert found.waiting.parked == 0 and found.owed == () and found.months is not None
    assert found.months.by_currency == {}


def test_the_number_of_statements_does_not_depend_on_the_number_of_customers(context: Flask) -> None:
    counts = []
    with clock.stand_at(TODAY):
        sell("month", "10")
        for more in (1, 9):
            for _ in range(more):
                subscribe("month", "2026-10-01")
            billing_run.bill(TODAY, SYSTEM)
            for measured in (False, True):
                if measured:
                    figures.refresh()
                facts = company.tax_facts(TODAY)
                with statements() as sent:
                    get_overview(TODAY, TODAY, ALL, facts.seller, facts.rates)
                counts.append(len(sent))
            with write() as session:
                session.execute(delete(MonthlyFigure))
    assert counts == [18, 15, 18, 15]


@pytest.mark.feature("S22")
def test_what_a_reader_may_not_see_is_not_even_asked_for(context: Flask) -> None:
    facts = company.tax_facts(TODAY)
    with statements() as sent:
        found = get_overview(TODAY, TODAY, Sight(), facts.seller, facts.rates)
    assert (found.owed, found.months, found.deeds, found.next) == (None, None, None, None)
    asked = " ".join(sent)
    assert len(sent) == 1 and "receivables" not in asked and "monthly_figures" not in asked
