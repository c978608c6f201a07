"""A draft's rows: what was entered is checked and cleaned, worked out and stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from billing.errors import Invalid, KontorError
from models import Customer, Invoice, InvoiceLine, InvoiceTaxLine
from services import company, draft_lines, draft_totals
from services import values as check
from services.draft_lines import Clean, Position
from services.draft_totals import Composed

TEXTS = ("title", "introtext", "delivery_text", "ext_uid")
MOST_DAYS = 999
_COLUMNS = Invoice.__table__.columns


def days_for_payment(customer: Customer) -> int:
    own: int | None = customer.days_for_payment
    return company.get_company().days_for_payment if own is None else own


def rows_of(session: Session, row: Invoice) -> Sequence[InvoiceLine]:
    query = select(InvoiceLine).where(InvoiceLine.invoice_id == row.id)
    return session.scalars(query.order_by(InvoiceLine.position, InvoiceLine.id)).all()


def apply(row: Invoice, values: Mapping[str, Any]) -> None:
    for field, value in values.items():
        if field not in ("service_from", "service_last"):
            setattr(row, field, _checked(field, value))
    if "service_from" in values or "service_last" in values:
        period = draft_lines.period_of(values.get("service_from"), values.get("service_last"))
        row.service_from, row.service_to = period or (None, None)
    if row.cash_discount_percent and row.cash_discount_days > row.days_for_payment:
        raise Invalid("cash_discount_days", "beyond_due_day")


def _checked(field: str, value: Any) -> Any:
    if field in TEXTS:
        text = check.text_of(_COLUMNS[field], value or "")
        return text or (None if field == "ext_uid" else "")
    if field == "currency_code":
        return check.currency(field, value)
    if field == "is_gross":
        return bool(value)
    if field == "payment_type":
        return check.number_in(field, value, 1, 6)
    if field in ("days_for_payment", "cash_discount_days"):
        return check.number_in(field, value or 0, 0, MOST_DAYS)
    if field == "cash_discount_percent":
        return check.exact(field, value or 0, draft_lines.NOTHING, draft_lines.MOST_CASH_DISCOUNT, 2)
    raise Invalid(field, "unknown_field")


def cleaned(session: Session, row: Invoice, positions: Sequence[Position]) -> list[Clean]:
    """What is wrong names its line, counted from 1."""
    cleans = []
    for place, position in enumerate(positions, 1):
        try:
            clean = draft_lines.cleaned(session, position, row.currency_code, row.is_gross)
            cleans.append(replace(clean, line=place))
        except KontorError as error:
            error.facts["line"] = place
            raise
    return cleans


def store(session: Session, row: Invoice, cleans: Sequence[Clean]) -> None:
    """Write the lines and the sums that they come to as of today. Lines that stay keep their ids."""
    if len(cleans) > draft_lines.MOST_LINES:
        raise Invalid("positions", "too_many_lines", most=draft_lines.MOST_LINES)
    made = draft_totals.compose(session, row, cleans)
    mine = {line.id: line for line in rows_of(session, row)}
    session.execute(delete(InvoiceTaxLine).where(InvoiceTaxLine.invoice_id == row.id))
    for place, clean in enumerate(cleans):
        line = mine.pop(clean.id, None) if clean.id is not None else None
        if line is None:
            line = InvoiceLine(invoice_id=row.id)
            session.add(line)
        _fill(line, place + 1, clean, made, place)
    for line in mine.values():
        session.delete(line)
    for tax in made.totals.tax_lines:
        session.add(InvoiceTaxLine(
            invoice_id=row.id, vat_category=tax.category, vat_percent=tax.percent, net_cents=tax.net_cents,
            tax_cents=tax.tax_cents, gross_cents=tax.gross_cents, note_key=tax.note_key,
        ))  # fmt: skip
    row.net_cents, row.tax_cents, row.gross_cents = made.totals[:3]
    row.tax_case, row.subscription_id = made.draft.tax_case.code, None
    row.customer_number, row.buyer_name = made.debtor.number, made.debtor.name
    row.buyer, row.language_code = made.debtor.frozen, made.debtor.language_code
    session.flush()


def _fill(line: InvoiceLine, position: int, clean: Clean, made: Composed, place: int) -> None:
    priced, amounts = made.draft.lines[place], made.totals.line_amounts[place]
    for name, value in clean.values.items():
        setattr(line, name, value)
    line.position, line.reason, line.chosen = position, priced.reason, dict(clean.chosen)
    line.vat_category, line.vat_percent = priced.tax_category, priced.percent
    line.net_cents, line.tax_cents, line.gross_cents = amounts
    line.discounts = [[each.text, each.cents] for each in priced.discounts]


def remove(session: Session, row: Invoice) -> None:
    """Take the draft's rows away; issuing writes them anew under the same ids."""
    for table in (InvoiceLine, InvoiceTaxLine):
        session.execute(delete(table).where(table.invoice_id == row.id))
    session.execute(delete(Invoice).where(Invoice.id == row.id))
