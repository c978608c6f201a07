"""check-books finds what does not belong together among payments."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select, text

from billing.money import Money
from extensions import db
from models import Customer, JournalEntry, Payment, Receivable
from services import billing_run, ledger, payment_changes, payments, sealing, write_offs
from services.actor import SYSTEM
from services.checks import check_books
from services.load import seed_load
from services.payments import Receipt
from services.unit import end_reading, write
from tests.services.test_checks import found, tamper

DAY = date(2026, 11, 1)


@pytest.fixture
def paid(context: Flask) -> Receivable:
    """A payment that was moved to another customer's invoice, and the rest of the first one given up."""
    seed_load(SYSTEM, 2, DAY)
    billing_run.bill(DAY, SYSTEM)
    first, second = db.session.scalars(select(Receivable).order_by(Receivable.id)).all()
    ids = first.id, second.invoice_id
    made = payments.receive(SYSTEM, ids[0], Receipt(Money(100, "EUR"), DAY)).payment_id
    payment_changes.move(SYSTEM, made, invoice_id=ids[1])
    write_offs.write_off(SYSTEM, ids[0], "insolvent", on=DAY)
    payments.prepay(SYSTEM, db.session.scalars(select(Customer.id)).first() or 0, Receipt(Money(500, "EUR"), DAY))
    sealing.seal()
    end_reading()
    return db.session.get_one(Receivable, ids[0])


@pytest.mark.feature("L1")
def test_payments_that_were_written_down_by_the_house_hold(paid: Receivable) -> None:
    assert check_books().findings == []


@pytest.mark.feature("L1")
@pytest.mark.feature("X-03")
@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("DELETE FROM payments WHERE kind = 'write_off'", ("journal_entries", "payment_missing")),
        ("UPDATE payments SET amount_cents = amount_cents + 1 WHERE kind = 'write_off'",
         ("payments", "payment_differs")),
        ("UPDATE payments SET receivable_id = NULL WHERE kind = 'write_off'", ("payments", "payment_differs")),
        ("UPDATE payments SET customer_id = (SELECT max(id) FROM customers) WHERE kind = 'write_off'",
         ("payments", "payment_differs")),
        ("UPDATE payments SET moved_from_id = NULL, kind = 'reversal', reverses_id = id WHERE moved_from_id > 0",
         ("payments", "other_half_missing")),
        ("UPDATE payments SET moved_from_id = (SELECT id FROM payments WHERE kind = 'write_off') "
         "WHERE moved_from_id > 0", ("payments", "other_half_missing")),
        ("UPDATE receivables SET amount_cents = 1 WHERE id = 1", ("receivables", "given_up_too_much")),
        ("UPDATE postings SET amount_cents = -amount_cents WHERE entry_id = "
         "(SELECT max(entry_id) FROM postings WHERE account = 'credit')", ("customers", "credit_overdrawn")),
    ],
)  # fmt: skip
def test_what_was_changed_by_plain_sql_among_payments_is_found(
    paid: Receivable, statement: str, finding: tuple[str, str]
) -> None:
    tamper(statement)
    assert finding in {(table, code) for _, table, _, code in found()}


@pytest.mark.feature("L1")
def test_a_payment_that_was_booked_past_its_service_is_found(paid: Receivable) -> None:
    with write() as session:
        legs = [ledger.Leg("bank", 1), ledger.Leg("credit", -1)]
        ledger.book(session, "payment", DAY, paid.customer_id, "EUR", legs)
    newest = db.session.scalars(select(JournalEntry.id).order_by(JournalEntry.id.desc())).first()
    assert ("L1", "journal_entries", newest, "payment_missing") in found()


@pytest.mark.feature("F22")
def test_old_payments_get_their_row_when_the_house_is_upgraded(paid: Receivable) -> None:
    """What the migration writes down, with its own words, for entries that have no row."""
    from importlib import util

    from config import ROOT

    spec = util.spec_from_file_location("revision", next((ROOT / "migrations/versions").glob("*_payments_and_*.py")))
    assert spec and spec.loader
    revision = util.module_from_spec(spec)
    spec.loader.exec_module(revision)
    before = [
        (row.customer_id, row.receivable_id, row.amount_cents, row.credit_cents, row.entry_id)
        for row in db.session.scalars(select(Payment).where(Payment.kind == "payment").order_by(Payment.entry_id))
    ]
    tamper("DELETE FROM payments")
    with write() as session:
        session.execute(text(revision.OLD_PAYMENTS))
    rows = db.session.scalars(select(Payment).order_by(Payment.entry_id)).all()
    after = [(row.customer_id, row.receivable_id, row.amount_cents, row.credit_cents, row.entry_id) for row in rows]
    assert after == before
    assert {(row.kind, row.method, row.received_on) for row in rows} >= {("payment", "bank", DAY)}
