"""Pages about money take as many statements for many rows as for few: refunds, tries, payment methods, bank lines."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from extensions import db
from models import Invoice, InvoiceLine, Receivable
from services import attempts, bank_import, bank_matching, billing_run, clock, corrections, drafts, refunds
from services.actor import SYSTEM, Actor
from services.corrections import Part
from services.drafts import Position
from services.unit import end_reading
from tests.admin.conftest import Desk
from tests.admin.furniture import House, _customer, _subscribe
from tests.admin.refund_desk import pay
from tests.documents.statements import camt, paid_in
from tests.services.charged import keep_card

FEW, MORE = 2, 6


@pytest.fixture
def big(people: Flask, house: House) -> int:
    """An invoice of thirty pieces that a card paid."""
    with people.app_context():
        given = {"service_from": clock.today(), "is_gross": False}
        positions = [Position("Sattel", Decimal(10), Decimal(30))]
        drafts.issue_draft(SYSTEM, drafts.create_draft(SYSTEM, house.customer, given, positions))
        found = db.session.scalars(select(Invoice.id).order_by(Invoice.id.desc())).first() or 0
        db.session.remove()
    pay(people, found, "sandbox")
    return found


def grow(people: Flask, house: House, big: int, count: int) -> None:
    """So many refunds, cards, payments on a statement, and documents whose charge was given up, more."""
    with people.app_context():
        line = db.session.scalars(select(InvoiceLine.id).where(InvoiceLine.invoice_id == big)).one()
        number = db.session.scalars(
            select(Invoice.number).join(Receivable, Receivable.invoice_id == Invoice.id)
            .where(Receivable.open_cents > 0).order_by(Invoice.id)
        ).first()  # fmt: skip
        end_reading()
        for _ in range(count):
            refunds.order(
                Actor("staff", 1, "Petra"),
                corrections.correct(SYSTEM, big, [Part(line, Decimal(1))], reason="ein Teil"),
            )
            keep_card(house.customer, "succeeds")
            keep_card(_subscriber(), "declines_hard")
        tell(count, str(number))
        billing_run.bill(date(2027, 1, 1), SYSTEM)
        for attempt_id in attempts.waiting(100):
            attempts.carry_on(attempt_id)
        db.session.remove()


def _subscriber() -> int:
    customer = _customer("Karte KG", "Kiel")
    _subscribe(customer, "RAD-1", date(2027, 1, 1))
    return customer


def tell(count: int, number: str) -> None:
    """Payments that bear an invoice's number, each of more than it asks for."""
    entries = [paid_in(f"{900 + cents}.11", number, day="2026-11-10") for cents in range(1, count + 1)]
    done = bank_import.bring_in(SYSTEM, bank_import.keep(camt(entries, key=str(count)), "auszug.xml"))
    bank_matching.match_statement(done.statement_ids[0])


@pytest.mark.feature("P-01")
def test_pages_about_money_take_no_more_statements_for_many_rows(
    owner: Desk, people: Flask, house: House, big: int, statements: list[str]
) -> None:
    pages = {
        "invoice": f"/admin/invoices/details/?id={big}",
        "card": f"/admin/customers/payments/?id={house.customer}",
        "bank": "/admin/bank/", "statements": "/admin/bank/statements/", "collecting": "/admin/collecting/?state=all",
        "refunds": "/admin/refunds/", "debits": "/admin/debits/", "overview": "/admin/",
    }  # fmt: skip

    def seen() -> dict[str, int]:
        counts = {}
        for name, path in pages.items():
            owner.get(path)
            statements.clear()
            shown = owner.get(path)
            counts[name] = len(statements)
            sizes[name] = sizes.get(name, ()) + (len(shown),)
        return counts

    sizes: dict[str, tuple[int, ...]] = {}
    grow(people, house, big, FEW)
    few = seen()
    grow(people, house, big, MORE)
    assert seen() == few
    assert all(before < after for name, (before, after) in sizes.items() if name not in ("debits", "overview")), sizes
