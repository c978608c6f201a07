"""COR-1, EB-41: what corrections took of an invoice and what is left of it are the invoice, by line and by rate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from billing import corrections
from billing.errors import KontorError
from billing.lines import Line
from billing.taxes import tax_lines
from models import Invoice, InvoiceLine, InvoiceTaxLine
from services import document_lines
from services.findings import BATCH, Finding, stream

_Sums = dict[tuple[str, Decimal], tuple[int, int]]


def corrections_stay_within_their_originals(connection: Connection) -> Iterator[Finding]:
    """Read in batches of corrected invoices, each in a fixed number of statements."""
    after = 0
    with Session(bind=connection) as session:
        while batch := _corrected(session, after):
            yield from _compare_batch(session, batch)
            after = batch[-1].id
            session.expunge_all()


def originals_are_invoices(connection: Connection) -> Iterator[Finding]:
    """Corrections refer to an issued invoice of the same customer and currency, dated no later; nothing else refers."""
    query = """
        SELECT c.id, c.number FROM invoices c LEFT JOIN invoices i ON i.id = c.original_id
        WHERE c.issued_at IS NOT NULL AND c.kind <> 'invoice' AND (i.id IS NULL OR i.kind <> 'invoice'
              OR i.issued_at IS NULL OR i.customer_id <> c.customer_id OR i.currency_code <> c.currency_code
              OR i.is_gross <> c.is_gross OR i.issued_on > c.issued_on)"""
    for row in stream(connection, query):
        yield Finding("L7", "invoices", row.id, "correction_without_original", {"number": row.number})


def _corrected(session: Session, after: int) -> Sequence[Invoice]:
    corrected = select(Invoice.original_id).where(Invoice.issued_at.is_not(None), Invoice.original_id.is_not(None))
    query = select(Invoice).where(Invoice.id.in_(corrected), Invoice.id > after).order_by(Invoice.id)
    return session.scalars(query.limit(BATCH)).all()


def _compare_batch(session: Session, batch: Sequence[Invoice]) -> Iterator[Finding]:
    ids = [row.id for row in batch]
    originals = _lines(session, InvoiceLine.invoice_id.in_(ids), InvoiceLine.invoice_id)
    correcting = select(Invoice.id).where(Invoice.original_id.in_(ids), Invoice.issued_at.is_not(None))
    taken = _lines(session, InvoiceLine.invoice_id.in_(correcting), Invoice.original_id)
    rates = _rates(session, ids)
    for row in batch:
        lines = document_lines.of_rows(originals[row.id], row.is_gross, document_lines.tax_case(row.tax_case))
        earlier = document_lines.of_rows(taken[row.id], row.is_gross, document_lines.tax_case(row.tax_case))
        yield from _compare(row, lines, earlier, rates[row.id])


def _compare(row: Invoice, lines: list[Line], earlier: list[Line], rates: _Sums) -> Iterator[Finding]:
    facts = {"number": row.number}
    try:
        for line in lines:
            amount = sum(one.amount_cents for one in earlier if one.original_line_id == line.id)
            if line.amount_cents + amount != corrections.value(line, corrections.left_of(line, earlier)):
                yield Finding("L7", "invoice_lines", line.id, "corrected_beyond_its_line", facts)
        left = {one[:2]: one for one in corrections.rates_left(lines, earlier, row.is_gross)}
        amounts = [(line.tax_category, line.percent, line.amount_cents) for line in lines]
        for was in tax_lines(amounts, row.is_gross):
            net, tax = rates.get(was[:2], (0, 0))
            if (was.net_cents + net, was.tax_cents + tax) != (left[was[:2]].net_cents, left[was[:2]].tax_cents):
                yield Finding("L7", "invoices", row.id, "corrected_beyond_its_vat", facts)
    except KontorError as error:
        yield Finding("L7", "invoices", row.id, error.code, facts)


def _lines(session: Session, condition: Any, owner: Any) -> dict[int, list[InvoiceLine]]:
    query = select(owner, InvoiceLine).join(Invoice, Invoice.id == InvoiceLine.invoice_id).where(condition)
    found: dict[int, list[InvoiceLine]] = defaultdict(list)
    for of, line in session.execute(query.order_by(InvoiceLine.invoice_id, InvoiceLine.position, InvoiceLine.id)):
        found[of].append(line)
    return found


def _rates(session: Session, ids: Sequence[int]) -> dict[int, _Sums]:
    """What corrections took of each original, per category and rate."""
    query = select(Invoice.original_id, InvoiceTaxLine).join(Invoice, Invoice.id == InvoiceTaxLine.invoice_id)
    query = query.where(Invoice.original_id.in_(ids), Invoice.issued_at.is_not(None))
    found: dict[int, _Sums] = defaultdict(dict)
    for row in session.execute(query):
        of, tax = row[0] or 0, row[1]
        key = (tax.vat_category, tax.vat_percent)
        net, vat = found[of].get(key, (0, 0))
        found[of][key] = (net + tax.net_cents, vat + tax.tax_cents)
    return found
