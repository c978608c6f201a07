"""Money for a reminded invoice and for the fees and interest that hang on it (MAH-6, sections 366, 367 BGB)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from billing.errors import AlreadyDone, Invalid
from billing.money import Money
from extensions import db
from models import BankLine, Invoice, Payment, Receivable
from queries.lists.listing import Wish, page
from queries.lists.receivables import receivables
from services import bank_facts, bank_import, bank_matching, clock, hanging
from services.payments import Receipt
from tests.documents.statements import camt, paid_in
from tests.services.reminding import ANKE, FEE, after, books_hold, of_invoice, statements

DAY = after(20)


def standing(row: Receivable) -> tuple[int, int]:
    """Open of the invoice, and of what hangs on it."""
    fee = db.session.scalars(select(Receivable.open_cents).where(Receivable.parent_id == row.id)).one()
    return of_invoice(row).open_cents, fee


def receipt(row: Receivable, cents: int, **more: bool) -> Receipt:
    return Receipt(Money(cents, row.currency_code), DAY, key="form-1", **more)


@pytest.mark.feature("MAH-6")
@pytest.mark.feature("M2-14")
@pytest.mark.parametrize(("beyond", "surplus", "left"), [
    (-100, False, (100, FEE)), (0, False, (0, FEE)), (30, False, (0, FEE - 30)), (FEE, False, (0, 0)),
    (FEE + 500, True, (0, 0)),
], ids=["a part", "the invoice alone", "in between", "all of it", "more than all"])  # fmt: skip
def test_a_payment_for_the_invoice_pays_it_and_then_what_hangs_on_it(
    reminded: Receivable, beyond: int, surplus: bool, left: tuple[int, int]
) -> None:
    whole = reminded.open_cents
    with clock.stand_at(DAY):
        hanging.receive(ANKE, reminded.id, receipt(reminded, whole + beyond, surplus=surplus))
        with pytest.raises(AlreadyDone):
            hanging.receive(ANKE, reminded.id, receipt(reminded, whole + beyond, surplus=surplus))
    assert standing(reminded) == left
    rows = db.session.scalars(select(Payment).where(Payment.kind == "payment")).all()
    assert sum(row.amount_cents for row in rows) == whole + beyond
    assert sum(row.credit_cents for row in rows) == max(beyond - FEE, 0)
    assert books_hold(DAY)


@pytest.mark.feature("MAH-6")
def test_more_than_all_of_it_is_refused_unless_it_may_become_credit(reminded: Receivable) -> None:
    with clock.stand_at(DAY), pytest.raises(Invalid, match="more_than_open"):
        hanging.receive(ANKE, reminded.id, receipt(reminded, reminded.open_cents + FEE + 1))
    assert standing(reminded) == (reminded.open_cents, FEE)


@pytest.mark.feature("M2-14")
def test_marked_as_paid_with_all_that_hangs_on_it(reminded: Receivable) -> None:
    with clock.stand_at(DAY):
        assert len(hanging.mark_paid(ANKE, reminded.invoice_id or 0)) == 2
        with pytest.raises(AlreadyDone):
            hanging.mark_paid(ANKE, reminded.invoice_id or 0)
    assert standing(reminded) == (0, 0)


@pytest.mark.feature("X-06")
@pytest.mark.feature("MAH-6")
def test_who_transfers_what_the_reminder_asks_for_owes_nothing_more(reminded: Receivable) -> None:
    number = db.session.scalars(select(Invoice.number)).one()
    cents = reminded.open_cents + FEE
    told(f"{cents / 100:.2f}", f"Rechnung {number}")
    assert standing(reminded) == (0, 0)
    assert db.session.scalars(select(BankLine.state)).all() == ["matched"]
    assert books_hold(DAY)


@pytest.mark.feature("X-06")
def test_lines_are_looked_up_by_as_many_statements_whatever_hangs_on_their_invoices(reminded: Receivable) -> None:
    number = db.session.scalars(select(Invoice.number)).one()
    for cents in (1, 2, 3):
        told(f"{(reminded.open_cents + FEE + cents) / 100:.2f}", str(number))
    lines = db.session.scalars(select(BankLine).order_by(BankLine.id)).all()
    assert len(lines) == 3
    assert statements(lambda: bank_facts.offers(lines[:1])) == statements(lambda: bank_facts.offers(lines))


def told(amount: str, purpose: str) -> None:
    with clock.stand_at(DAY):
        entries = [paid_in(amount, purpose, day=DAY.isoformat())]
        done = bank_import.bring_in(ANKE, bank_import.keep(camt(entries, key=amount), "auszug.xml"))
        bank_matching.match_statement(done.statement_ids[0])


@pytest.mark.feature("MAH-6")
def test_the_list_of_receivables_finds_by_the_invoices_number_what_hangs_on_it(reminded: Receivable) -> None:
    number = db.session.scalars(select(Invoice.number)).one() or ""
    found = page(receivables(DAY), Wish(search=number), 10).rows
    assert {(row.kind, row.invoice_number) for row in found} == {("invoice", number), ("reminder", number)}
