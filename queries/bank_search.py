"""Open invoices that a person may mean who matches a movement by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select

from extensions import db
from models import Customer, Invoice, Receivable
from queries.lists.names import customer_name
from queries.lists.owing import OPEN

FOUND = 12  # invoices that a search shows


@dataclass(frozen=True, slots=True)
class Found:
    """An open invoice that a person may mean."""

    invoice_id: int
    number: str
    customer_id: int
    customer: str
    open_cents: int
    currency: str
    due_on: date


def find_open(search: str, currency: str) -> tuple[Found, ...]:
    """Open invoices by the beginning of their number, or by their customer's number or name. One statement."""
    words = search.strip()[:100]
    if not words or not words.isprintable():
        return ()
    begins, has = escaped(words) + "%", "%" + escaped(words) + "%"
    known = or_(
        Invoice.number.ilike(begins, escape="\\"), Customer.number == words,
        customer_name().ilike(has, escape="\\"),
    )  # fmt: skip
    query = (
        select(Invoice.id, Invoice.number, Customer.id, customer_name(), Receivable.open_cents,
               Receivable.currency_code, Receivable.due_on)
        .join(Invoice, Invoice.id == Receivable.invoice_id)
        .join(Customer, Customer.id == Receivable.customer_id)
        .where(OPEN, Receivable.open_cents > 0, Receivable.currency_code == currency, known)
    )  # fmt: skip
    rows = db.session.execute(query.order_by(Receivable.due_on, Receivable.id).limit(FOUND))
    return tuple(Found(*row) for row in rows)


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
