"""A cancelled invoice bears no fees and no interest: a claim that never was cannot be late (MAH-6, COR-1)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from billing.money import Money
from extensions import db
from models import Invoice, InvoiceLine, Receivable
from queries.cards.invoices import get_invoice_card
from services import clock, corrections
from services.correctable import get_correctable
from services.corrections import Part
from services.payment_rows import credit_of
from services.payments import Receipt, receive
from services.write_offs import write_off
from tests.services.reminding import ANKE, FEE, after, books_hold, of_invoice

DAY = after(20)


def fee() -> Receivable:
    query = select(Receivable).where(Receivable.kind == "fee").execution_options(populate_existing=True)
    return db.session.scalars(query).one()


def credit(row: Receivable) -> int:
    return credit_of(db.session(), row.customer_id, row.currency_code)


@pytest.mark.feature("MAH-6")
@pytest.mark.feature("COR-1")
@pytest.mark.parametrize(("paid", "lost"), [(0, 0), (FEE, 0), (30, 0), (0, FEE), (30, 40)])
def test_with_a_cancelled_invoice_its_fees_fall_and_what_was_paid_of_them_is_credit(
    reminded: Receivable, paid: int, lost: int
) -> None:
    with clock.stand_at(DAY):
        number = fee().id
        if paid:
            receive(ANKE, number, Receipt(Money(paid, reminded.currency_code), DAY))
        if lost:
            write_off(ANKE, number, "Kulanz", Money(lost, reminded.currency_code))
        found = get_correctable(reminded.invoice_id or 0)
        assert found is not None and (found.falling_cents, found.falling_paid_cents) == (FEE, paid)
        corrections.cancel(ANKE, reminded.invoice_id or 0, reason="nie bestellt")
        assert (of_invoice(reminded).open_cents, fee().open_cents, credit(reminded)) == (0, 0, paid)
        after_it = get_correctable(reminded.invoice_id or 0)
        assert after_it is not None and after_it.falling_cents == 0
    assert books_hold(DAY)


@pytest.mark.feature("MAH-6")
@pytest.mark.feature("X-03")
def test_the_journal_of_an_invoice_tells_how_a_fee_was_made_paid_and_fell(reminded: Receivable) -> None:
    invoice = reminded.invoice_id or 0
    with clock.stand_at(DAY):
        receive(ANKE, fee().id, Receipt(Money(FEE, reminded.currency_code), DAY))
        corrections.cancel(ANKE, invoice, reason="nie bestellt")
        card = get_invoice_card(invoice, DAY)
    assert card is not None
    kinds = [row.kind for row in card.postings]
    assert sorted(set(kinds), key=kinds.index) == ["invoice", "reminder_fee", "payment", "reminder_fee_off"]
    for kind in ("reminder_fee", "payment", "reminder_fee_off"):
        cents = [row.amount_cents for row in card.postings if row.kind == kind]
        assert sum(cents) == 0 and FEE in map(abs, cents), kind


@pytest.mark.feature("MAH-6")
def test_a_correction_in_part_leaves_the_fee_and_that_of_the_rest_takes_it_off(reminded: Receivable) -> None:
    line = db.session.scalars(select(InvoiceLine.id).where(InvoiceLine.invoice_id == reminded.invoice_id)).one()
    start = db.session.scalars(select(InvoiceLine.period_start).where(InvoiceLine.id == line)).one()
    assert start is not None
    with clock.stand_at(DAY):
        part = Part(line, unserved_from=start.replace(day=16))
        corrections.correct(ANKE, reminded.invoice_id or 0, [part], reason="Ausfall")
        assert fee().open_cents == FEE
        corrections.correct(ANKE, reminded.invoice_id or 0, [Part(line)], reason="der Rest")
        assert fee().open_cents == 0
    assert len(db.session.scalars(select(Invoice.id)).all()) == 3 and books_hold(DAY)
