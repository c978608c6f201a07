"""The figures on top of a customer's card: what is overdue, what is open, and what the next run will ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from admin.card_figures import get_figures
from app import create_app
from extensions import db
from models import Customer, Receivable
from queries.cards.customer_overview import Balance
from queries.cards.money import customer_money
from services import billing_preview, clock
from services.next_payments import NextPayment, next_payments
from services.unit import end_reading, write
from tests.conftest import fresh_database, settings_for
from tests.queries.test_statements import statements
from tests.scenarios.story import Story

TODAY = date(2026, 11, 22)
FIRST = date(2026, 12, 1)


@pytest.fixture(scope="module")
def autumn(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Anna owes euros and francs; Bert has paid ahead; Cara bought nothing; Dora is deactivated; Egon lacks an address;
    Fritz pays by the year, in two currencies."""
    folder = tmp_path_factory.mktemp("autumn")
    with fresh_database(template, folder) as url:
        app = create_app(settings_for(folder, url))
        with app.app_context():
            story = Story()
            names = ("Anna", "Bert", "Cara", "Dora", "Fritz")
            anna, bert, _cara, dora, fritz = (story.on("2026-10-01").customer(name) for name in names)
            story.on("2026-10-01").subscribe("100.00", customer=anna)
            story.on("2026-11-01").subscribe("70.00", customer=anna, currency="CHF")
            story.on("2026-10-01").subscribe("100.00", customer=bert)
            story.on("2026-10-01").subscribe("100.00", customer=dora)
            story.on("2026-10-01").subscribe("10.00", customer=fritz)
            story.on("2026-10-01").subscribe("900.00", customer=fritz, currency="CHF", every="1 year")
            story.bill_until("2026-11-01")
            for bill in story.invoices():
                if bill.customer != anna:
                    story.on("2026-11-02").pay(bill.number)
            story.on("2026-11-02").pay_ahead(bert, "50.00")
            story.on("2026-11-20").set_status(dora, "deactivate")
            egon = story.on("2026-11-20").customer("Egon", address="", zipcode="", city="")
            story.on("2026-11-20").subscribe("300.00", customer=egon)
            db.session.remove()
            db.engine.dispose()
        yield url


@pytest.fixture
def database_url(autumn: str, tmp_path: Path) -> Iterator[str]:
    with fresh_database(autumn, tmp_path) as url:
        yield url


@pytest.fixture
def called(context: Flask) -> Iterator[Callable[[str], int]]:
    with clock.stand_at(datetime.combine(TODAY, time(12), clock.BERLIN)):
        yield lambda name: db.session.scalars(select(Customer.id).where(Customer.last_name == name)).one()


@pytest.mark.feature("R-26")
def test_what_is_overdue_and_open_stands_by_currency_the_customers_own_first(called: Callable[[str], int]) -> None:
    figures = get_figures(called("Anna"), "EUR", TODAY)
    assert [each.balance for each in figures] == [
        Balance("EUR", 23800, 23800, 2, 38), Balance("CHF", 8330, 8330, 1, 7)]  # fmt: skip
    assert [each.next for each in figures] == [
        NextPayment("EUR", FIRST, 11900), NextPayment("CHF", FIRST, 8330)]  # fmt: skip


@pytest.mark.feature("R-26")
def test_the_level_of_the_dunning_stands_with_what_is_overdue(called: Callable[[str], int]) -> None:
    anna = called("Anna")
    first = select(Receivable.id).where(Receivable.customer_id == anna).order_by(Receivable.id).limit(1)
    with write() as session:
        session.execute(update(Receivable).where(Receivable.id == first.scalar_subquery()).values(dunning_level=2))
    assert get_figures(anna, "EUR", TODAY)[0].balance.level == "1. Mahnung"
    assert [item.level_name for item in customer_money(anna, TODAY).items] == ["1. Mahnung", "", ""]


def test_the_next_payment_is_what_the_preview_of_that_days_run_says(called: Callable[[str], int]) -> None:
    preview = billing_preview.preview(FIRST)
    for name in ("Anna", "Bert"):
        drafts = [draft for draft in preview.drafts if draft.customer_id == called(name) and draft.currency == "EUR"]
        told = next(each for each in next_payments(called(name)) if each.currency == "EUR")
        assert told.cents == sum(draft.gross_cents - draft.prepaid_cents for draft in drafts) > 0
        assert told.credit_cents == sum(draft.prepaid_cents for draft in drafts)
    assert told.credit_cents == 5000, "Bert has paid ahead"


def test_each_currency_has_its_own_day(called: Callable[[str], int]) -> None:
    assert next_payments(called("Fritz")) == (
        NextPayment("CHF", date(2027, 10, 1), 107100), NextPayment("EUR", FIRST, 1190))  # fmt: skip


@pytest.mark.feature("D-12")
def test_who_is_deactivated_or_bought_nothing_has_no_next_payment(called: Callable[[str], int]) -> None:
    assert next_payments(called("Dora")) == next_payments(called("Cara")) == ()
    (nothing,) = get_figures(called("Cara"), "EUR", TODAY)
    assert (nothing.balance, nothing.next) == (Balance("EUR"), None)


def test_what_a_run_would_leave_to_a_person_says_why(called: Callable[[str], int]) -> None:
    assert next_payments(called("Egon")) == (NextPayment("EUR", TODAY, None, parked_code="missing_fields"),)


@pytest.mark.feature("D-11")
def test_a_merged_records_debts_stand_with_its_survivor(called: Callable[[str], int]) -> None:
    anna, cara = called("Anna"), called("Cara")
    alone = get_figures(anna, "EUR", TODAY)
    with write() as session:
        session.execute(update(Customer).where(Customer.id == anna).values(survivor_id=cara))
    together = get_figures(cara, "EUR", TODAY)
    assert [each.balance for each in together] == [each.balance for each in alone]
    assert customer_money(cara, TODAY).count == 3


def test_a_long_history_takes_no_more_statements_than_none(called: Callable[[str], int]) -> None:
    counts = {}
    for name in ("Anna", "Cara", "Fritz"):
        number = called(name)
        end_reading()
        with statements() as seen:
            get_figures(number, "EUR", TODAY)
        counts[name] = len(seen)
    assert len(set(counts.values())) == 1, counts
