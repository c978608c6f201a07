"""One-off invoices (Einzelrechnung): a draft without a number that may be edited and deleted, until it is issued.

The draft keeps its id when it becomes an invoice; the number is drawn in the transaction that issues it (NUM-2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.errors import Conflict, Invalid, NotAllowed, NotFound
from models import Invoice, InvoiceLine
from models.base import canonical_json
from services import activities, clock, company, draft_lines, draft_totals, lawful
from services.actor import Actor
from services.customers import lock_survivor
from services.draft_lines import Position
from services.draft_rows import apply, cleaned, days_for_payment, remove, rows_of, store
from services.draft_totals import Composed
from services.issue import issue, ring_after_commit
from services.issue_rows import Order
from services.unit import write

__all__ = ["Position", "create_draft", "delete_draft", "issue_draft", "remove_line", "stamp_of", "update_draft"]


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
            days_for_payment=days_for_payment(customer), language_code=customer.language_code,
            created_at=clock.instant(),
        )  # fmt: skip
        session.add(row)
        apply(row, values)
        session.flush()
        store(session, row, cleaned(session, row, positions))
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
        before = stamp_of(row, rows_of(session, row))
        apply(row, values)
        cleans = draft_lines.stored(rows_of(session, row)) if positions is None or append else []
        cleans += cleaned(session, row, positions or ())
        store(session, row, cleans)
        if stamp_of(row, rows_of(session, row)) != before:
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
        store(session, row, [each for each in draft_lines.stored(rows_of(session, row)) if each.id != line_id])
        activities.record(
            actor, "draft.changed", "invoice", row.id, customer_id=row.customer_id, gross_cents=row.gross_cents,
            currency=row.currency_code, title=row.title,
        )  # fmt: skip


def delete_draft(actor: Actor, invoice_id: int, *, seen: str | None = None) -> None:
    """Delete a draft: it never had a number, so the series has no gap (NUM-2). Raises as `update_draft`."""
    with write() as session:
        row = _lock(session, invoice_id, seen)
        customer_id, gross, currency = row.customer_id, row.gross_cents, row.currency_code
        remove(session, row)
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
        made = draft_totals.compose(session, row, draft_lines.stored(rows_of(session, row)))
        _require_lawful(row, made)
        order = Order(
            made.debtor, made.draft, made.totals, {}, invoice_id=row.id, title=row.title, introtext=row.introtext,
            delivery_text=row.delivery_text, cash_discount_percent=row.cash_discount_percent,
            cash_discount_days=row.cash_discount_days, ext_uid=row.ext_uid,
        )  # fmt: skip
        remove(session, row)
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
    if seen is not None and seen != stamp_of(row, rows_of(session, row)):
        raise Conflict("changed_meanwhile")
    return row
