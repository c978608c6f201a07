"""The stored lines of documents as billing data: what corrections and drafts work with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from billing.discounts import Discount
from billing.lines import Line
from billing.periods import Period
from billing.pricing import Part
from billing.taxes import TAX_CASES, TaxCase
from models import Invoice, InvoiceLine


def lines_of(session: Session, invoice: Invoice) -> list[Line]:
    """The document's lines in their order, with their ids."""
    query = select(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id)
    return _lines(session, query, invoice)


def corrections_of(session: Session, original: Invoice) -> list[Line]:
    """The lines of all documents that correct this one, the oldest first."""
    correcting = select(Invoice.id).where(Invoice.original_id == original.id, Invoice.issued_at.is_not(None))
    return _lines(session, select(InvoiceLine).where(InvoiceLine.invoice_id.in_(correcting)), original)


def tax_case(code: str) -> TaxCase:
    """The case by its code, as it was frozen; one that is no longer in the table keeps its name."""
    return TAX_CASES.get(code) or TaxCase(code, "", False, "")


def of_rows(rows: Iterable[InvoiceLine], is_gross: bool, case: TaxCase) -> list[Line]:
    """Rows as lines; the amount is the one of the document's price mode."""
    return [_line(row, is_gross, case) for row in rows]


def _lines(session: Session, query: Select[Any], invoice: Invoice) -> list[Line]:
    rows: Sequence[InvoiceLine] = session.scalars(
        query.order_by(InvoiceLine.invoice_id, InvoiceLine.position, InvoiceLine.id)
    ).all()
    return of_rows(rows, invoice.is_gross, tax_case(invoice.tax_case))


def _line(row: InvoiceLine, is_gross: bool, case: TaxCase) -> Line:
    whole = row.period_start is not None and row.period_end is not None
    return Line(
        reason=row.reason,
        title=row.title,
        quantity=row.quantity,
        unit_price=row.unit_price,
        amount_cents=row.gross_cents if is_gross else row.net_cents,
        tax_case=case,
        tax_category=row.vat_category,
        percent=row.vat_percent,
        subscription_id=row.subscription_id,
        product_id=row.product_id,
        article_number=row.article_number,
        description=row.description,
        unit=row.unit,
        period=Period(row.period_start, row.period_end) if whole and row.period_start and row.period_end else None,
        part=Part(row.days, row.of_days) if row.days is not None and row.of_days is not None else None,
        discounts=tuple(Discount(text, cents) for text, cents in row.discounts),
        original_line_id=row.original_line_id,
        id=row.id,
    )
