"""Credit: granted, it reduces before VAT; paid, it settles the next invoice like a payment (D-9, M2-41, S25)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select, text

from billing.errors import Invalid, NotFound
from billing.money import Money
from documents.invoice import draw_invoice
from extensions import db
from models import CreditGrant, JournalEntry, Posting, Receivable
from services import billing_preview, clock, corrections, credit, customer_status, paid_credit, payments
from services.actor import SYSTEM, Actor
from services.paper_data import invoice_paper
from services.payments import Receipt
from services.unit import end_reading, write
from tests.services.shop import bill, contract, findings, invoices, lines, somebody, stock

TODAY = date(2026, 1, 1)
SHOP = Actor("api", 1, "Shop")


@pytest.fixture
def customer_id(context: Flask) -> int:
    stock()
    return somebody()


def euros(text_: str) -> Money:
    return Money(int(Decimal(text_) * 100), "EUR")


def grant(customer_id: int, amount: str, currency: str = "EUR", actor: Actor = SYSTEM) -> int:
    return credit.grant_credit(actor, customer_id, Money(int(Decimal(amount) * 100), currency), "Kulanz")


def pay_ahead(customer_id: int, amount: str, currency: str = "EUR") -> None:
    with clock.stand_at(TODAY):
        payments.prepay(SYSTEM, customer_id, Receipt(Money(int(Decimal(amount) * 100), currency), TODAY))


def paid_left(customer_id: int, currency: str = "EUR") -> int:
    end_reading()
    return paid_credit.balance(db.session(), customer_id, currency).cents


def owed() -> list[tuple[int, int, Any]]:
    end_reading()
    query = select(Receivable).order_by(Receivable.id).execution_options(populate_existing=True)
    return [(row.amount_cents, row.open_cents, row.settled_on) for row in db.session.scalars(query)]


@pytest.mark.feature("D-9")
@pytest.mark.feature("M2-41")
def test_granted_credit_reduces_the_next_invoices_before_vat_until_it_is_used_up(customer_id: int) -> None:
    made = grant(customer_id, "15.00", actor=SHOP)
    contract(customer_id)
    for month in (1, 2, 3):
        bill(date(2026, month, 1))
    assert [(i.net_cents, i.tax_cents, i.prepaid_cents) for i in invoices()] == [
        (0, 0, 0),
        (500, 95, 0),
        (1000, 190, 0),
    ]
    assert [line.discounts for line in lines()] == [[["Guthaben", 1000]], [["Guthaben", 500]], []]
    row = db.session.get_one(CreditGrant, made)
    assert (row.remaining_cents, row.source, row.reason) == (0, "api", "Kulanz")
    assert db.session.scalars(select(Posting).where(Posting.account == "credit")).all() == []
    assert findings() == []


@pytest.mark.feature("D-9")
def test_paid_credit_settles_the_next_invoices_and_leaves_their_vat_alone(customer_id: int) -> None:
    pay_ahead(customer_id, "15.00")
    contract(customer_id)
    bill("2026-01-01")
    bill("2026-02-01")
    assert [(i.gross_cents, i.tax_cents, i.prepaid_cents) for i in invoices()] == [(1190, 190, 1190), (1190, 190, 310)]
    assert owed() == [(1190, 0, TODAY), (1190, 880, None)]
    kinds = db.session.scalars(select(JournalEntry.kind).where(JournalEntry.invoice_id.is_not(None))).all()
    assert sorted(kinds) == ["credit_applied", "credit_applied", "invoice", "invoice"]
    assert paid_left(customer_id) == 0 and findings() == []


@pytest.mark.feature("D-9")
def test_several_invoices_of_one_run_share_the_credit_in_the_order_of_their_days(customer_id: int) -> None:
    pay_ahead(customer_id, "20.00")
    contract(customer_id)
    bill("2026-03-01")
    assert [invoice.prepaid_cents for invoice in invoices()] == [1190, 810, 0]
    assert findings() == []


@pytest.mark.feature("D-9")
@pytest.mark.feature("S24")
def test_credit_is_used_in_its_own_currency_alone(customer_id: int) -> None:
    grant(customer_id, "5.00", "CHF")
    pay_ahead(customer_id, "5.00", "CHF")
    contract(customer_id)
    bill("2026-01-01")
    (invoice,) = invoices()
    assert (invoice.net_cents, invoice.prepaid_cents) == (1000, 0)
    assert credit.granted_left(db.session(), customer_id) == {"CHF": 500} and paid_left(customer_id, "CHF") == 500


@pytest.mark.feature("D-9")
def test_nobody_elses_credit_is_touched(customer_id: int) -> None:
    other = somebody("Andere")
    grant(other, "5.00")
    pay_ahead(other, "5.00")
    contract(customer_id)
    bill("2026-01-01")
    (invoice,) = invoices()
    assert (invoice.net_cents, invoice.prepaid_cents, paid_left(other)) == (1000, 0, 500)


@pytest.mark.feature("D-9")
def test_a_full_storno_gives_granted_credit_back_and_what_was_paid_is_paid_credit_again(customer_id: int) -> None:
    grant(customer_id, "4.00")
    pay_ahead(customer_id, "3.00")
    contract(customer_id)
    bill("2026-01-01")
    (invoice,) = invoices()
    assert (invoice.net_cents, invoice.gross_cents, invoice.prepaid_cents) == (600, 714, 300)
    with clock.stand_at(date(2026, 1, 5)):
        corrections.cancel(SYSTEM, invoice.id, reason="Irrtum", bill_again=True)
    assert credit.granted_left(db.session(), customer_id) == {"EUR": 400} and paid_left(customer_id) == 300
    assert findings() == []
    bill("2026-01-06")
    assert (invoices()[-1].net_cents, invoices()[-1].prepaid_cents) == (600, 300)
    assert findings() == []


@pytest.mark.feature("S25")
def test_credit_spent_by_hand_is_not_spent_again_by_a_run(customer_id: int) -> None:
    contract(customer_id)
    bill("2026-01-01")
    pay_ahead(customer_id, "11.90")
    receivable = db.session.scalars(select(Receivable.id)).one()
    paid_credit.apply_credit(SYSTEM, receivable)
    bill("2026-02-01")
    assert [invoice.prepaid_cents for invoice in invoices()] == [0, 0]
    assert [open_cents for _, open_cents, _ in owed()] == [0, 1190]
    assert findings() == []


@pytest.mark.feature("M2-41")
@pytest.mark.parametrize("cents", [0, -1, 99_999_999_99])
def test_an_amount_that_cannot_be_granted_is_refused(customer_id: int, cents: int) -> None:
    with pytest.raises(Invalid) as refused:
        credit.grant_credit(SYSTEM, customer_id, Money(cents, "EUR"))
    assert refused.value.field == "amount"


@pytest.mark.feature("M2-41")
def test_credit_for_nobody_is_refused(customer_id: int) -> None:
    with pytest.raises(NotFound):
        grant(4711, "5.00")


@pytest.mark.feature("D-9")
def test_what_is_left_of_a_grant_can_be_taken_back_once(customer_id: int) -> None:
    made = grant(customer_id, "15.00")
    contract(customer_id)
    bill("2026-01-01")
    assert credit.withdraw_credit(SYSTEM, made) == 500
    with pytest.raises(Invalid):
        credit.withdraw_credit(SYSTEM, made)
    bill("2026-02-01")
    assert [invoice.net_cents for invoice in invoices()] == [0, 1000]
    assert findings() == []


@pytest.mark.feature("D-12")
def test_the_credit_of_a_deactivated_customer_stays(customer_id: int) -> None:
    grant(customer_id, "5.00")
    pay_ahead(customer_id, "5.00")
    contract(customer_id)
    customer_status.change_status(SYSTEM, customer_id, "deactivate", "")
    bill("2026-01-01")
    assert credit.granted_left(db.session(), customer_id) == {"EUR": 500} and paid_left(customer_id) == 500


@pytest.mark.feature("L1")
def test_credit_that_does_not_add_up_is_found(customer_id: int) -> None:
    grant(customer_id, "5.00")
    contract(customer_id)
    bill("2026-01-01")
    with write() as session:
        session.execute(text("UPDATE credit_grants SET remaining_cents = 1"))
    assert findings() == ["grant_differs"]


@pytest.mark.feature("D-9")
@pytest.mark.parametrize(
    ("paid", "language", "sentence"),
    [
        ("3.00", "de", "Ihr Guthaben von 3,00 € ist verrechnet."),
        ("11.90", "de", "Ihr Guthaben von 11,90 € ist verrechnet. Es ist nichts zu zahlen."),
        ("3.00", "en", "Your credit of €3.00 has been used."),
    ],
)
def test_the_paper_says_that_credit_was_used_and_what_is_still_to_pay(
    context: Flask, paid: str, language: str, sentence: str
) -> None:
    stock()
    customer = somebody(language_code=language)
    pay_ahead(customer, paid)
    contract(customer)
    bill("2026-01-01")
    paper = invoice_paper(invoices()[0].id)
    assert paper.payment_text.startswith(sentence)
    assert paper.due_cents == 1190 - int(Decimal(paid) * 100)


@pytest.mark.feature("D-9")
@pytest.mark.feature("X-20")
def test_the_paper_shows_what_each_line_was_reduced_by(customer_id: int) -> None:
    grant(customer_id, "4.00")
    contract(customer_id)
    bill("2026-01-01")
    (line,) = invoice_paper(invoices()[0].id).lines
    assert (line.unit_price, line.discounts, line.amount_cents) == (10, (("Guthaben", 400),), 600)
    text_ = "".join(
        page.extract_text() for page in PdfReader(BytesIO(draw_invoice(invoice_paper(invoices()[0].id)))).pages
    )
    assert "Guthaben: -4,00" in text_.replace("\N{MINUS SIGN}", "-")


@pytest.mark.feature("D-9")
def test_the_preview_shows_what_both_kinds_of_credit_would_do(customer_id: int) -> None:
    grant(customer_id, "4.00")
    pay_ahead(customer_id, "3.00")
    contract(customer_id)
    (draft,) = billing_preview.preview(TODAY).drafts
    assert (draft.net_cents, draft.gross_cents, draft.prepaid_cents) == (600, 714, 300)
    assert [(discount.text, discount.cents) for discount in draft.positions[0].discounts] == [("Guthaben", 400)]
    assert invoices() == []
