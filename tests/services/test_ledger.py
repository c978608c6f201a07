"""The one way to move money by hand: a balanced entry, and the receivables know it at once."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from hashlib import sha256

import pytest
from sqlalchemy import func, select

from billing.discounts import Discount
from billing.drafts import Draft, Totals, total
from billing.errors import CurrencyMismatch, Invalid, NotFound
from billing.lines import Line
from billing.periods import Period
from billing.taxes import DOMESTIC
from extensions import db
from models import Invoice, InvoiceLine, JournalEntry, Receivable
from services import company, digests
from services.actor import SYSTEM
from services.checks import check_books
from services.debtors import debtors_of
from services.issue import issue
from services.issue_rows import Order
from services.ledger import Leg, book
from services.unit import end_reading, write
from tests.services.owing import reread

DAY = date(2026, 11, 1)


def post(row: Receivable, *legs: Leg, currency: str = "EUR") -> int:
    with write() as session:
        return book(session, "chargeback", DAY, row.customer_id, currency, legs, row.invoice_id)


@pytest.mark.feature("X-03")
def test_an_entry_moves_the_open_amount_with_its_posting(owed: Receivable) -> None:
    post(owed, Leg("receivable", -300, owed.id), Leg("writeoff", 300))
    assert (reread().open_cents, reread().settled_on) == (owed.amount_cents - 300, None)
    rest = reread().open_cents
    post(owed, Leg("receivable", -rest, owed.id), Leg("writeoff", rest))
    assert (reread().open_cents, reread().settled_on) == (0, DAY)
    assert check_books().findings == []


@pytest.mark.feature("L1")
@pytest.mark.parametrize(
    ("legs", "currency", "error"),
    [
        ([("receivable", -300), ("writeoff", 299)], "EUR", Invalid),
        ([("receivable", -300), ("writeoff", 300)], "CHF", CurrencyMismatch),
    ],
)
def test_what_does_not_balance_is_refused_and_nothing_is_half_done(
    owed: Receivable, legs: list[tuple[str, int]], currency: str, error: type[Exception]
) -> None:
    before = reread().open_cents
    with pytest.raises(error):
        post(owed, Leg(*legs[0], owed.id), Leg(*legs[1]), currency=currency)
    end_reading()
    assert reread().open_cents == before
    assert db.session.scalar(select(func.count()).where(JournalEntry.kind == "chargeback")) == 0


@pytest.mark.feature("L1")
def test_a_receivable_that_is_not_there_is_named(owed: Receivable) -> None:
    with pytest.raises(NotFound):
        post(owed, Leg("receivable", -300, owed.id + 1), Leg("writeoff", 300))


def ordered(customer_id: int, *lines: Line) -> Order:
    end_reading()
    debtor = debtors_of(db.session(), [customer_id])[customer_id]
    draft = Draft(customer_id, "EUR", False, 1, "invoice_first", DOMESTIC, DAY, 14, (), lines)
    totals: Totals = total(draft)
    end_reading()
    return Order(debtor, draft, totals, {})


def piece(title: str, cents: int, *discounts: Discount) -> Line:
    period = Period(DAY, date(2026, 11, 2))
    return Line("one_off", title, Decimal(1), Decimal(cents + sum(d.cents for d in discounts)) / 100, cents, DOMESTIC,
                "S", Decimal("19.00"), period=period, discounts=discounts)  # fmt: skip


@pytest.mark.feature("M1-08")
def test_lines_without_a_contract_are_issued_booked_and_sealed_with_their_discounts(owed: Receivable) -> None:
    order = ordered(owed.customer_id, piece("Beratung", 9000, Discount("Treue", 1000)), piece("Anfahrt", 2500))
    with write() as session:
        issued = issue(session, [order], DAY, SYSTEM, letterhead_id=company.freeze_letterhead(), run_id=None)
    end_reading()
    row = db.session.get_one(Invoice, issued.invoice_ids[0])
    assert (row.net_cents, row.tax_cents, row.gross_cents, row.subscription_id) == (11500, 2185, 13685, None)
    lines = db.session.scalars(
        select(InvoiceLine).where(InvoiceLine.invoice_id == row.id).order_by(InvoiceLine.position)
    )
    assert [(line.title, line.discounts, line.reason) for line in lines] == [
        ("Beratung", [["Treue", 1000]], "one_off"), ("Anfahrt", [], "one_off")
    ]  # fmt: skip
    assert check_books().findings == []


@pytest.mark.feature("L6")
def test_the_digest_covers_discounts_and_lines_without_any_keep_the_digest_they_had() -> None:
    head = [*range(len(digests.INVOICE_COLUMNS) - 2), False, None]
    plain = list(range(len(digests.LINE_COLUMNS) - 1))
    bare = digests.document_digest(head, [[*plain, "[]"]], [])
    as_it_was = json.dumps([[*head[:-2], 0], [plain], []], separators=(",", ":"))
    assert bare == sha256(as_it_was.encode()).hexdigest()
    assert bare != digests.document_digest(head, [[*plain, '[["Treue",1000]]']], [])
