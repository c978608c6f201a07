"""Charge first: a draft that passed every check of an issue is frozen, and its payment is attempted (M2-19, M2-20).

Frozen means: document, lines, taxes, claims (`reserved`) and what it took of coupons and usage stand as they will be
issued, only the number is missing, so the series has no gap. Accepted, `issue_frozen` gives it number and day and books
it; nothing but a crash can stop that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from models import (
    Collection,
    Invoice,
    InvoiceLine,
    InvoiceTaxLine,
    PaymentAttempt,
    PaymentMethod,
)
from services import (
    clock,
    issue_rows,
    kept_methods,
)
from services.actor import Actor
from services.bulk import Bulk, draw_keys
from services.digests import INVOICE_COLUMNS, LINE_COLUMNS, TAX_COLUMNS
from services.issue_rows import Frame, Order

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
    shell = Frame(
        Actor("system", None, ""), clock.instant(), clock.real(), clock.today(), 0, 0, run_id, 0, defaultdict(int)
    )
    issued = dict(zip(INVOICE_COLUMNS, issue_rows.invoice_row(order, shell, key, "", 0), strict=True))
    issued |= {"status": "awaiting_payment", "run_id": run_id, "created_at": clock.instant()}
    return tuple(issued[name] for name in FROZEN_COLUMNS)


def _write_collections(
    session: Session, connection: Connection, numbered: Sequence[tuple[int, Order]], on: date, run_id: int | None
) -> None:
    methods = _methods(session, {order.draft.method_id for _, order in numbered if order.draft.method_id})
    collections = Bulk(Collection, COLLECTION_COLUMNS)
    attempts = Bulk(PaymentAttempt, ATTEMPT_COLUMNS)
    for key, order in numbered:
        method, customer = methods.get(order.draft.method_id), order.draft.customer_id
        pays = method is not None and kept_methods.as_kept(method).pays(on)
        reason = "" if pays else _reason(method)
        tries = 1 if pays else 0
        collections.add((key, customer, run_id, "open", tries, None if pays else on, reason, clock.instant()))
        if pays and method is not None:
            attempts.add(first_attempt(key, order, method))
    collections.insert(connection)
    attempts.insert(connection)


def _reason(method: PaymentMethod | None) -> str:
    if method is None:
        return NO_METHOD
    return "expired" if method.held_at is None else "held"


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
