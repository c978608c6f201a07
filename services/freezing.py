"""Charge first: a draft that passed every check of an issue is frozen, and its payment is attempted (M2-19, M2-20).

Frozen means: document, lines, taxes, claims (`reserved`) and what it took of coupons and usage stand as they will be
issued, only the number is missing, so the series has no gap. Accepted, `issue_frozen` gives it number and day and books
it; nothing but a crash can stop that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, or_, select, update
from sqlalchemy.orm import Session

from billing.contracts import ClaimKey
from billing.invoices import Draft, Totals
from billing.taxes import Amounts, TaxLine
from models import (
    Claim,
    Collection,
    Customer,
    Invoice,
    InvoiceLine,
    InvoiceTaxLine,
    PaymentAttempt,
    PaymentMethod,
    UsageRecord,
)
from services import (
    clock,
    company,
    credit_at_issue,
    document_lines,
    issue,
    issue_rows,
    kept_methods,
    text_sets,
)
from services.actor import Actor
from services.bulk import Bulk, bound, draw_keys
from services.debtors import Debtor, debtors_of
from services.digests import INVOICE_COLUMNS, LINE_COLUMNS, TAX_COLUMNS, document_digest
from services.issue_rows import Frame, Order
from services.numbers import draw_documents

NO_METHOD = "no_method"
FROZEN_COLUMNS = (
    "id", "kind", "status", "customer_id", "subscription_id", "subscription_counter", "run_id", "service_from",
    "service_to", "delivery_text", "currency_code", "net_cents", "tax_cents", "gross_cents", "prepaid_cents",
    "cash_discount_percent", "cash_discount_days", "payment_type", "collection", "days_for_payment", "tax_case",
    "title", "introtext", "language_code", "template", "template_version", "customer_number", "buyer_name", "buyer",
    "is_gross", "created_at",
)  # fmt: skip
COLLECTION_COLUMNS = ("invoice_id", "customer_id", "run_id", "state", "tries", "next_try_on", "reason", "created_at")
ATTEMPT_COLUMNS = (
    "key", "purpose", "number", "customer_id", "invoice_id", "method_id", "gateway", "amount_cents", "currency_code",
    "state", "decline_kind", "decline_code", "action_url", "looks", "next_look_at", "created_at",
)  # fmt: skip


def freeze(session: Session, orders: Sequence[Order], on: date, run_id: int | None) -> list[int]:
    """Write every order as a document that awaits its payment, with its collection and first attempt; gives their ids
    in the order of the orders.

    The caller holds the customers' locks and has claimed what the orders bill. The number of statements does not
    depend on the number of orders. `prepaid_cents` of an order is what paid credit will settle.
    """
    if not orders:
        return []
    connection = session.connection()
    counts = {
        "invoices": len(orders),
        "invoice_lines": sum(len(order.totals.line_amounts) for order in orders),
        "invoice_tax_lines": sum(len(order.totals.tax_lines) for order in orders),
    }
    keys = {table: iter(drawn) for table, drawn in draw_keys(connection, counts).items()}
    numbered = [(next(keys["invoices"]), order) for order in orders]
    _write_documents(connection, numbered, keys, run_id)
    _write_collections(session, connection, numbered, on, run_id)
    return [key for key, _ in numbered]


def _write_documents(
    connection: Connection, numbered: Sequence[tuple[int, Order]], keys: Any, run_id: int | None
) -> None:
    heads = Bulk(Invoice, FROZEN_COLUMNS)
    lines = Bulk(InvoiceLine, LINE_COLUMNS)
    taxes = Bulk(InvoiceTaxLine, TAX_COLUMNS)
    for key, order in numbered:
        heads.add(_head(key, order, run_id))
        together = zip(order.draft.positions, order.totals.line_amounts, strict=True)
        for place, (position, amounts) in enumerate(together, 1):
            lines.add(issue_rows.position_row(next(keys["invoice_lines"]), key, place, position, amounts, order))
        for row in issue_rows.tax_rows(keys["invoice_tax_lines"], key, order.totals):
            taxes.add(row)
    for bulk in (heads, lines, taxes):
        bulk.insert(connection)


def _head(key: int, order: Order, run_id: int | None) -> tuple[Any, ...]:
    """As it will be issued, without number, day, letterhead and texts, which belong to the day of issue."""
    shell = Frame(Actor("system", None, ""), clock.instant(), clock.real(), clock.today(), 0, 0, run_id, 0, _NO_TEXTS)
    issued = dict(zip(INVOICE_COLUMNS, issue_rows.invoice_row(order, shell, key, "", 0), strict=True))
    issued |= {"status": "awaiting_payment", "run_id": run_id, "created_at": clock.instant()}
    return tuple(issued[name] for name in FROZEN_COLUMNS)


class _NoTexts(dict[str, int]):
    def __missing__(self, language: str) -> int:
        return 0


_NO_TEXTS = _NoTexts()


def _write_collections(
    session: Session, connection: Connection, numbered: Sequence[tuple[int, Order]], on: date, run_id: int | None
) -> None:
    methods = _methods(session, {order.draft.method_id for _, order in numbered if order.draft.method_id})
    collections = Bulk(Collection, COLLECTION_COLUMNS)
    attempts = Bulk(PaymentAttempt, ATTEMPT_COLUMNS)
    for key, order in numbered:
        method, customer = methods.get(order.draft.method_id), order.draft.customer_id
        pays = method is not None and kept_methods.as_kept(method).pays(on)
        reason = "" if pays else NO_METHOD if method is None else "expired"
        tries = 1 if pays else 0
        collections.add((key, customer, run_id, "open", tries, None if pays else on, reason, clock.instant()))
        if pays and method is not None:
            attempts.add(first_attempt(key, order, method))
    collections.insert(connection)
    attempts.insert(connection)


def first_attempt(invoice_id: int, order: Order, method: PaymentMethod) -> tuple[Any, ...]:
    """The row of a first try, in the order of ATTEMPT_COLUMNS."""
    cents = order.totals.gross_cents - order.prepaid_cents
    return (
        uuid4().hex, "issue", 1, order.draft.customer_id, invoice_id, method.id, method.gateway, cents,
        order.draft.currency, "planned", "", "", "", 0, clock.real(), clock.instant(),
    )  # fmt: skip


def _methods(session: Session, ids: set[int]) -> dict[int, PaymentMethod]:
    if not ids:
        return {}
    return {row.id: row for row in session.scalars(select(PaymentMethod).where(PaymentMethod.id.in_(ids)))}


# --- the frozen document becomes an invoice ---


def issue_frozen(session: Session, actor: Actor, invoice_id: int, on: date) -> Invoice:
    """Give a frozen document its number and day, book it and order mail and papers; gives the issued row.

    The caller holds the customer's lock and has seen that it awaits payment. Its claims are billed from here on.
    """
    row = session.get_one(Invoice, invoice_id, populate_existing=True)
    order = credit_at_issue.settled(session, [_order_of(session, row)])[0]
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


def _order_of(session: Session, row: Invoice) -> Order:
    """The stored document as the order that it was: its lines, sums, claims and recipient are frozen."""
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
    return Order(
        _debtor(session, row), draft, totals, claims, invoice_id=row.id, title=row.title, introtext=row.introtext,
        delivery_text=row.delivery_text, ext_uid=row.ext_uid, counter=row.subscription_counter,
    )  # fmt: skip


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
