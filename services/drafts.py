"""One-off invoices (Einzelrechnung): a draft without a number that may be edited and deleted, until it is issued.

The draft keeps its id when it becomes an invoice; the number is drawn in the transaction that issues it (NUM-2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from billing.errors import Conflict, Invalid, KontorError, NotAllowed, NotFound
from models import Customer, Invoice, InvoiceLine, InvoiceTaxLine
from models.base import canonical_json
from services import activities, clock, company, draft_lines, draft_totals, lawful
from services import values as check
from services.actor import Actor
from services.customers import lock_survivor
from services.draft_lines import Clean, Position
from services.draft_totals import Composed
from services.issue import issue, ring_after_commit
from services.issue_rows import Order
from services.unit import write

__all__ = ["Position", "create_draft", "delete_draft", "issue_draft", "remove_line", "stamp_of", "update_draft"]

TEXTS = ("title", "introtext", "delivery_text", "ext_uid")
MOST_DAYS = 999
_COLUMNS = Invoice.__table__.columns


def create_draft(actor: Actor, customer_id: int, values: Mapping[str, Any], positions: Sequence[Position] = ()) -> int:
    """Make a draft for a customer (a merged one: for its survivor) and give its id.

    `values`: title, introtext, delivery_text, ext_uid, currency_code, is_gross, payment_type, days_for_payment,
    cash_discount_percent, cash_discount_days, service_from, service_last (inclusive). Raises NotFound("customer_id"),
    NotAllowed("erased") and Invalid(field).
    """
    with write() as session:
        customer = lock_survivor(session, customer_id)
        row = Invoice(
            customer_id=customer.id, currency_code=customer.currency_code or company.get_company().currency_code,
            is_gross=customer.customer_type == "consumer", payment_type=customer.payment_type,
            days_for_payment=_days(customer), language_code=customer.language_code, created_at=clock.instant(),
        )  # fmt: skip
        session.add(row)
        _apply(row, values)
        session.flush()
        _store(session, row, _cleaned(session, row, positions))
        activities.record(
            actor, "draft.created", "invoice", row.id, customer_id=customer.id, gross_cents=row.gross_cents,
            currency=row.currency_code, title=row.title,
        )  # fmt: skip
        return int(row.id)


def update_draft(
    actor: Actor,
    invoice_id: int,
    values: Mapping[str, Any],
    positions: Sequence[Position] | None = None,
    *,
    append: bool = False,
    seen: str | None = None,
) -> None:
    """Change the given fields; `positions` replace those of the draft, or are added to them (`append`).

    `seen` is the stamp of the state that the person saw. Raises NotFound, NotAllowed("not_a_draft") once issued,
    Conflict("changed_meanwhile"), Invalid(field).
    """
    with write() as session:
        row = _lock(session, invoice_id, seen)
        before = stamp_of(row, _rows(session, row))
        _apply(row, values)
        cleans = draft_lines.stored(_rows(session, row)) if positions is None or append else []
        cleans += _cleaned(session, row, positions or ())
        _store(session, row, cleans)
        if stamp_of(row, _rows(session, row)) != before:
            activities.record(
                actor, "draft.changed", "invoice", row.id, customer_id=row.customer_id, gross_cents=row.gross_cents,
                currency=row.currency_code, title=row.title,
            )  # fmt: skip


def remove_line(actor: Actor, line_id: int) -> None:
    """Take one line off its draft. Raises NotFound("line_id"), NotAllowed("not_a_draft")."""
    with write() as session:
        invoice_id = session.scalar(select(InvoiceLine.invoice_id).where(InvoiceLine.id == line_id))
        if invoice_id is None:
            raise NotFound("unknown_line", field="line_id")
        row = _lock(session, invoice_id, None)
        _store(session, row, [each for each in draft_lines.stored(_rows(session, row)) if each.id != line_id])
        activities.record(
            actor, "draft.changed", "invoice", row.id, customer_id=row.customer_id, gross_cents=row.gross_cents,
            currency=row.currency_code, title=row.title,
        )  # fmt: skip


def delete_draft(actor: Actor, invoice_id: int, *, seen: str | None = None) -> None:
    """Delete a draft: it never had a number, so the series has no gap (NUM-2). Raises as `update_draft`."""
    with write() as session:
        row = _lock(session, invoice_id, seen)
        customer_id, gross, currency = row.customer_id, row.gross_cents, row.currency_code
        _remove(session, row)
        activities.record(
            actor, "draft.deleted", "invoice", invoice_id, customer_id=customer_id, gross_cents=gross, currency=currency
        )


def issue_draft(actor: Actor, invoice_id: int, *, seen: str | None = None) -> str:
    """Issue the draft under today's date, or the last one of the series, and give its number.

    What the law asks for and is missing refuses it, and nothing is numbered: Invalid("positions", "missing"), and as
    `services.lawful.require`. Raises further as `update_draft`.
    """
    with write() as session:
        row = _lock(session, invoice_id, seen)
        made = draft_totals.compose(session, row, draft_lines.stored(_rows(session, row)))
        _require_lawful(row, made)
        order = Order(
            made.debtor, made.draft, made.totals, {}, invoice_id=row.id, title=row.title, introtext=row.introtext,
            delivery_text=row.delivery_text, cash_discount_percent=row.cash_discount_percent,
            cash_discount_days=row.cash_discount_days, ext_uid=row.ext_uid,
        )  # fmt: skip
        _remove(session, row)
        letterhead = company.freeze_letterhead()
        ring_after_commit(issue(session, [order], clock.today(), actor, letterhead_id=letterhead, run_id=None))
        return str(session.scalar(select(Invoice.number).where(Invoice.id == invoice_id)))


def stamp_of(row: Invoice, lines: Sequence[InvoiceLine]) -> str:
    """A short text that changes whenever the draft does: two who edit at once are told by it."""
    head = [str(getattr(row, name)) for name in _EDITED]
    body = [[str(getattr(line, name)) for name in _EDITED_OF_LINES] for line in lines]
    return sha256(canonical_json([head, body]).encode()).hexdigest()[:16]


_EDITED = ("title", "introtext", "delivery_text", "ext_uid", "currency_code", "is_gross", "payment_type",
           "days_for_payment", "cash_discount_percent", "cash_discount_days", "service_from", "service_to",
           "gross_cents", "net_cents", "status")  # fmt: skip
_EDITED_OF_LINES = ("id", "position", "title", "description", "article_number", "unit", "quantity", "unit_price",
                    "period_start", "period_end", "chosen")  # fmt: skip


def _require_lawful(row: Invoice, made: Composed) -> None:
    if not made.draft.lines:
        raise Invalid("positions", "missing")
    lawful.require(made.debtor, made.draft, made.totals, row.delivery_text)


def _days(customer: Customer) -> int:
    own: int | None = customer.days_for_payment
    return company.get_company().days_for_payment if own is None else own


def _lock(session: Session, invoice_id: int, seen: str | None) -> Invoice:
    """The customer first, as everybody does, then the draft."""
    customer_id = session.scalar(select(Invoice.customer_id).where(Invoice.id == invoice_id))
    if customer_id is None:
        raise NotFound("unknown_draft", field="invoice_id")
    lock_survivor(session, customer_id)
    row = session.get(Invoice, invoice_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("unknown_draft", field="invoice_id")
    if row.status != "draft" or row.kind != "invoice":
        raise NotAllowed("not_a_draft")
    if seen is not None and seen != stamp_of(row, _rows(session, row)):
        raise Conflict("changed_meanwhile")
    return row


def _rows(session: Session, row: Invoice) -> Sequence[InvoiceLine]:
    query = select(InvoiceLine).where(InvoiceLine.invoice_id == row.id)
    return session.scalars(query.order_by(InvoiceLine.position, InvoiceLine.id)).all()


def _apply(row: Invoice, values: Mapping[str, Any]) -> None:
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


def _cleaned(session: Session, row: Invoice, positions: Sequence[Position]) -> list[Clean]:
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


def _store(session: Session, row: Invoice, cleans: Sequence[Clean]) -> None:
    """Write the lines and the sums that they come to as of today. Lines that stay keep their ids."""
    if len(cleans) > draft_lines.MOST_LINES:
        raise Invalid("positions", "too_many_lines", most=draft_lines.MOST_LINES)
    made = draft_totals.compose(session, row, cleans)
    mine = {line.id: line for line in _rows(session, row)}
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


def _remove(session: Session, row: Invoice) -> None:
    """Take the draft's rows away; issuing writes them anew under the same ids."""
    for table in (InvoiceLine, InvoiceTaxLine):
        session.execute(delete(table).where(table.invoice_id == row.id))
    session.execute(delete(Invoice).where(Invoice.id == row.id))
