"""The account statement: its sums are the postings, its letter says them, and its length costs no statements."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import event, func, select

from app import create_app
from billing.errors import Invalid, NotFound
from billing.money import Money
from extensions import db
from models import Customer, Posting, Receivable
from queries import account as queries
from queries.account import get_accounts
from queries.cards.customer_lists import payments_of
from queries.cards.money import customer_money
from queries.lists.listing import page
from queries.lists.shape import Wish
from services import account_statement, clock, payments
from services.actor import SYSTEM
from services.payments import Receipt
from services.unit import end_reading, write
from tests.conftest import fresh_database, settings_for
from tests.scenarios.story import Story

TODAY = date(2026, 12, 31)


@pytest.fixture(scope="module")
def winter(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Anna, with contracts in euro and in francs: paid, paid twice, moved, given up; an invoice of Bert's got hers."""
    folder = tmp_path_factory.mktemp("winter")
    with fresh_database(template, folder) as url:
        app = create_app(settings_for(folder, url))
        with app.app_context():
            story = Story()
            anna = story.on("2026-10-01").customer("Ännchen", email="anna@example.com")
            story.on("2026-10-01").subscribe("100.00", customer=anna)
            story.on("2026-10-01").subscribe("50.00", customer=anna)
            story.on("2026-11-01").subscribe("70.00", customer=anna, currency="CHF")
            story.on("2026-10-01").subscribe("100.00")
            story.bill_until("2026-12-01")
            euros = [bill.number for bill in story.invoices(anna) if bill.currency == "EUR"]
            of_bert = next(bill.number for bill in story.invoices() if bill.customer != anna)
            story.on("2026-10-20").pay(euros[0], reference="Danke")
            paid = story.on("2026-11-15").pay(euros[1])
            story.on("2026-11-16").move_payment(paid, of_bert)
            story.on("2026-12-05").pay_too_much(euros[1], "21.50")
            story.on("2026-12-10").write_off(euros[2])
            db.session.remove()
            db.engine.dispose()
        yield url


@pytest.fixture
def database_url(winter: str, tmp_path: Path) -> Iterator[str]:
    with fresh_database(winter, tmp_path) as url:
        yield url


@pytest.fixture
def anna(context: Flask) -> Iterator[int]:
    with clock.stand_at(datetime.combine(TODAY, time(12), clock.BERLIN)):
        yield db.session.scalars(select(Customer.id).where(Customer.last_name == "Ännchen")).one()


def booked(customer: int, currency: str) -> int:
    """What the postings say that the customer owes."""
    query = select(func.sum(Posting.amount_cents)).where(
        Posting.customer_id == customer, Posting.account.in_(("receivable", "credit")),
        Posting.currency_code == currency,
    )  # fmt: skip
    return int(db.session.scalars(query).one())


@pytest.mark.feature("X-03")
def test_the_balances_are_the_sums_of_the_postings_in_each_currency(anna: int) -> None:
    accounts = get_accounts(anna, date(2026, 11, 1), TODAY)
    assert [account.currency for account in accounts] == ["CHF", "EUR"]
    for account in accounts:
        assert account.closing_cents == booked(anna, account.currency)
        assert account.closing_cents == account.opening_cents + sum(each.cents for each in account.movements)
        assert account.closing_cents == sum(item.open_cents for item in account.items) - account.credit_cents
        assert account.movements[-1].balance_cents == account.closing_cents


def test_every_movement_stands_with_its_day_its_kind_and_its_document(anna: int) -> None:
    euros = get_accounts(anna, date(2026, 11, 1), TODAY)[1]
    assert euros.opening_cents == 0, "October's invoice was paid in October"
    told = [(each.on.isoformat(), each.kind, each.undoes, each.cents) for each in euros.movements]
    assert told == [
        ("2026-11-01", "invoice", "", 17850), ("2026-11-15", "payment", "", -17850),
        ("2026-11-16", "payment_reversal", "payment", 17850), ("2026-12-01", "invoice", "", 17850),
        ("2026-12-05", "payment", "", -20000), ("2026-12-10", "write_off", "", -17850),
    ]  # fmt: skip
    assert (euros.closing_cents, euros.credit_cents, euros.items) == (-2150, 2150, ())


def test_a_statement_of_an_earlier_day_shows_what_was_open_then(anna: int) -> None:
    euros = get_accounts(anna, date(2026, 10, 1), date(2026, 11, 14))[1]
    assert [(item.open_cents, item.due_on) for item in euros.items] == [(17850, date(2026, 11, 15))]
    assert [each.reference for each in euros.movements] == ["", "Danke", ""]


def test_the_letter_says_what_the_account_says(anna: int) -> None:
    content = account_statement.statement_pdf(anna, date(2026, 11, 1), TODAY)
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).replace("\xa0", " ")
    said = (
        "Kontoauszug", "01.11.2026–31.12.2026", "Ännchen", "EUR", "CHF", "Anfangssaldo", "Zurückgenommen: Zahlung",
        "Ausbuchung", "-21,50 €", "Ihr Guthaben", "MUSTER", "Radwerk Musterstadt",
    )  # fmt: skip
    for part in said:
        assert part in text, part
    for account in get_accounts(anna, date(2026, 11, 1), TODAY):
        for each in account.movements:
            assert f"{abs(each.cents) // 100},{abs(each.cents) % 100:02d}" in text
    assert content == account_statement.statement_pdf(anna, date(2026, 11, 1), TODAY), "the same bytes"


def test_the_letter_speaks_the_customers_language(anna: int) -> None:
    with write() as session:
        session.get_one(Customer, anna).language_code = "en"
    end_reading()
    content = account_statement.statement_pdf(anna, date(2026, 11, 1), TODAY)
    assert "Account statement" in PdfReader(io.BytesIO(content)).pages[0].extract_text()


def test_what_cannot_be_told_is_refused_with_its_field(anna: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Invalid) as refused:
        account_statement.accounts(anna, TODAY, date(2026, 1, 1))
    assert refused.value.field == "last"
    monkeypatch.setattr(account_statement, "MOST", 3)
    monkeypatch.setattr(queries, "MOST", 3)
    with pytest.raises(Invalid) as refused:
        account_statement.accounts(anna, date(2026, 1, 1), TODAY)
    assert (refused.value.field, refused.value.code) == ("first", "too_many_movements")
    with pytest.raises(NotFound):
        account_statement.statement_pdf(4711, TODAY, TODAY)


def test_who_never_had_an_invoice_has_an_empty_statement(anna: int) -> None:
    with write() as session:
        session.add(Customer(number="X", last_name="Neu", hash="0" * 32))
        session.flush()
        new = session.scalars(select(func.max(Customer.id))).one()
    assert get_accounts(new, TODAY, TODAY) == []
    assert account_statement.statement_pdf(new, TODAY, TODAY).startswith(b"%PDF")


@pytest.mark.feature("R-26")
@pytest.mark.feature("R-27")
def test_open_payments_are_listed_and_summed_by_contract(anna: int) -> None:
    money = customer_money(anna, TODAY)
    assert [(item.currency, item.open_cents, item.late_days) for item in money.items] == [
        ("CHF", 8330, 46), ("CHF", 8330, 16)]  # fmt: skip
    assert [(each.title, each.currency, each.open_cents, each.overdue_cents, each.count) for each in money.contracts
            ] == [("Tarif S-3", "CHF", 16660, 16660, 2)]  # fmt: skip
    assert (money.count, money.credits) == (2, (("EUR", 2150),))
    assert [(row.kind, row.state) for row in page(payments_of(anna), Wish(), 50).rows] == [
        ("write_off", "booked"), ("payment", "booked"), ("reversal", "booked"), ("payment", "moved"),
        ("payment", "booked")]  # fmt: skip


def test_a_long_history_takes_no_more_statements(anna: int) -> None:
    def counted() -> tuple[int, int]:
        end_reading()
        seen: list[str] = []

        def note(_c: object, _u: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        rows = len(get_accounts(anna, date(2026, 1, 1), TODAY)[1].movements)
        customer_money(anna, TODAY)
        event.remove(db.engine, "before_cursor_execute", note)
        return rows, len([each for each in seen if each.startswith("SELECT")])

    before = counted()
    receivable = db.session.scalars(select(Receivable.id).where(Receivable.customer_id == anna)).first() or 0
    for _ in range(20):
        payments.receive(SYSTEM, receivable, Receipt(Money(1, "EUR"), TODAY, surplus=True))
    after = counted()
    assert (after[0] - before[0], after[1]) == (20, before[1])
    assert after[1] <= 8
