"""The frozen document becomes an invoice: number, day, books, mail and papers, once its payment is accepted.

It is built again from what stands in the database, so nothing that changed since (prices, addresses, rates) reaches it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, or_, select, update
from sqlalchemy.orm import Session

from billing.contracts import ClaimKey
from billing.drafts import Draft, Totals
from billing.taxes import Amounts, TaxLine
from models import Claim, Customer, Invoice, InvoiceLine, InvoiceTaxLine, UsageRecord
from services import clock, company, credit_at_issue, document_lines, issue, issue_rows, text_sets
from services.actor import Actor
from services.bulk import bound
from services.debtors import Debtor, debtors_of
from services.digests import INVOICE_COLUMNS, LINE_COLUMNS, TAX_COLUMNS, document_digest
from services.issue_rows import Frame, Order
from services.numbers import draw_documents


def issue_frozen(session: Session, actor: Actor, invoice_id: int, on: date) -> Invoice:
    """Give a frozen document its number and day, book it and order mail and papers; gives the issued row.

    The caller holds the customer's lock and has seen that it awaits payment. Its claims are billed from here on.
    """
    row = session.get_one(Invoice, invoice_id, populate_existing=True)
    order = order_of(session, row)
    connection = session.connection()
    block = draw_documents("invoice", on, 1)
    letterhead_id = company.freeze_letterhead()
    frame = Frame(actor, clock.instant(), clock.real(), block.issued_on, block.range_id, block.year, row.run_id,
                  letterhead_id, text_sets.freeze())  # fmt: skip
    keys = issue.draw(connection, [order], documents=False)
    values = issue_rows.invoice_row(order, frame, invoice_id, block.number(0), block.first)
    _number(session, connection, row, values, frame)
    bill_claims(session, invoice_id, "billed")
    issue.write_books(connection, [(invoice_id, order)], frame, keys)
    issue.ring_after_commit(issue.write_consequences(connection, [(invoice_id, order)], frame, block, keys))
    return session.get_one(Invoice, invoice_id, populate_existing=True)


def _number(session: Session, connection: Connection, row: Invoice, values: tuple[Any, ...], frame: Frame) -> None:
    """Number, day and digest in one statement: from here on the guards keep the row as it is."""
    head = bound(connection, Invoice, INVOICE_COLUMNS, [values])[0]
    lines = _stored(session, connection, InvoiceLine, LINE_COLUMNS, row.id)
    taxes = _stored(session, connection, InvoiceTaxLine, TAX_COLUMNS, row.id)
    digest = document_digest(head, lines, taxes)
    named = dict(zip(INVOICE_COLUMNS, values, strict=True))
    named |= {"status": "issued", "issued_at": frame.now, "digest": digest}
    del named["id"]
    session.execute(update(Invoice).where(Invoice.id == row.id).values(**named),
                    execution_options={"synchronize_session": False})  # fmt: skip


def _stored(
    session: Session, connection: Connection, model: Any, columns: Sequence[str], invoice_id: int
) -> list[tuple[Any, ...]]:
    """The rows as the driver takes them, in the order in which they were written."""
    order_by = (model.position, model.id) if model is InvoiceLine else (model.id,)
    query = select(model).where(model.invoice_id == invoice_id).order_by(*order_by)
    rows = [tuple(getattr(each, name) for name in columns) for each in session.scalars(query)]
    return bound(connection, model, columns, rows)


def order_of(session: Session, row: Invoice) -> Order:
    """The stored document as the order that it was: its lines, sums, claims and recipient are frozen. What paid credit
    would settle of it is of now."""
    lines = document_lines.lines_of(session, row)
    taxes = session.scalars(
        select(InvoiceTaxLine).where(InvoiceTaxLine.invoice_id == row.id).order_by(InvoiceTaxLine.id)
    ).all()
    tax_lines = tuple(
        TaxLine(tax.vat_category, tax.vat_percent, tax.net_cents, tax.tax_cents, tax.gross_cents, tax.note_key)
        for tax in taxes
    )
    draft = Draft(
        row.customer_id, row.currency_code, row.is_gross, row.payment_type, row.collection,
        document_lines.tax_case(row.tax_case), clock.today(), row.days_for_payment, (), tuple(lines),
    )  # fmt: skip
    amounts = tuple(Amounts(line.net_cents, line.tax_cents, line.gross_cents) for line in _rows(session, row.id))
    totals = Totals(row.net_cents, row.tax_cents, row.gross_cents, tax_lines, amounts)
    claims: dict[ClaimKey, int] = {}
    order = Order(
        _debtor(session, row), draft, totals, claims, invoice_id=row.id, title=row.title, introtext=row.introtext,
        delivery_text=row.delivery_text, ext_uid=row.ext_uid, counter=row.subscription_counter,
    )  # fmt: skip
    return credit_at_issue.settled(session, [order])[0]


def _debtor(session: Session, row: Invoice) -> Debtor:
    """The recipient as frozen; only where to send it is asked of the living record (a merged one: of its survivor)."""
    survivor = session.scalar(select(Customer.survivor_id).where(Customer.id == row.customer_id)) or row.customer_id
    now = debtors_of(session, [survivor])[survivor]
    return replace(now, number=row.customer_number, name=row.buyer_name, frozen=row.buyer, debit={},
                   language_code=row.language_code)  # fmt: skip


def bill_claims(session: Session, invoice_id: int, state: str) -> None:
    """Move what the document reserved: `billed` when it is issued, `given_up` when nobody tries any more."""
    mine = select(InvoiceLine.claim_id).where(InvoiceLine.invoice_id == invoice_id)
    used = select(UsageRecord.claim_id).join(InvoiceLine, InvoiceLine.id == UsageRecord.invoice_line_id)
    used = used.where(InvoiceLine.invoice_id == invoice_id)
    standing = update(Claim).where(or_(Claim.id.in_(mine), Claim.id.in_(used)), Claim.released_at.is_(None))
    session.execute(standing.values(state=state), execution_options={"synchronize_session": False})


def _rows(session: Session, invoice_id: int) -> Sequence[InvoiceLine]:
    query = select(InvoiceLine).where(InvoiceLine.invoice_id == invoice_id)
    return session.scalars(query.order_by(InvoiceLine.position, InvoiceLine.id)).all()
