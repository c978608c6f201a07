"""A draft as its pages show it, and what its form is filled from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import literal, select, union
from sqlalchemy.orm import Session

from billing.errors import KontorError
from extensions import db
from models import Customer, Invoice, InvoiceLine, Product, ProductPrice
from services import credit_at_issue, draft_lines, draft_totals, drafts
from services.company import get_company
from services.customers import find_survivor
from services.draft_totals import Composed

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DraftPage:
    """A stored draft. `made` is what it would be if it were issued now; `missing` names what stands in the way."""

    id: int
    customer_id: int
    customer_number: str
    buyer_name: str
    head: dict[str, Any]
    lines: Sequence[InvoiceLine]
    stamp: str
    made: Composed | None
    missing: tuple[str, ...]
    mail_to: str
    prepaid_cents: int  # what paid credit would settle of it (D-9)


@dataclass(frozen=True, slots=True)
class CustomerChoice:
    """A customer for whom an invoice is written, and what its form begins with."""

    id: int
    number: str
    name: str
    defaults: dict[str, Any]


def get_draft(invoice_id: int) -> DraftPage | None:
    """The draft, or None."""
    session = cast(Session, db.session())
    row = session.get(Invoice, invoice_id)
    if row is None or row.status != "draft" or row.kind != "invoice":
        return None
    query = select(InvoiceLine).where(InvoiceLine.invoice_id == invoice_id)
    lines = session.scalars(query.order_by(InvoiceLine.position, InvoiceLine.id)).all()
    made = _composed(session, row, lines)
    return DraftPage(
        row.id, row.customer_id, row.customer_number, made.debtor.name if made else row.buyer_name, _head(row), lines,
        drafts.stamp_of(row, lines), made, draft_totals.missing_of(row, made) if made else (),
        made.debtor.mail_to if made else "", _from_credit(session, made) if made else 0,
    )  # fmt: skip


def issued_number(invoice_id: int) -> str | None:
    """The number of what was a draft, or None."""
    return cast("str | None", db.session.scalar(select(Invoice.number).where(Invoice.id == invoice_id)))


def find_customer(number: str) -> CustomerChoice | None:
    """The customer of that number (of a merged one: its survivor), or None."""
    asked = db.session.scalar(select(Customer.id).where(Customer.number == number))
    row = find_survivor(cast(Session, db.session()), asked) if asked and number else None
    if row is None or row.erased_at is not None:
        return None
    company = get_company()
    defaults = usual() | {
        "customer": row.number, "payment_type": row.payment_type, "is_gross": row.customer_type == "consumer",
        "currency_code": row.currency_code or company.currency_code,
    }  # fmt: skip
    if row.days_for_payment is not None:
        defaults["days_for_payment"] = row.days_for_payment
    person = " ".join(filter(None, (row.first_name, row.last_name)))
    return CustomerChoice(row.id, row.number, row.organization or person or row.email, defaults)


def usual() -> dict[str, Any]:
    """What a form begins with before a customer is named."""
    company = get_company()
    return {"currency_code": company.currency_code, "is_gross": False, "payment_type": 1,
            "days_for_payment": company.days_for_payment}  # fmt: skip


def currencies_in_use() -> list[str]:
    """The company's, and those that its price list is in."""
    own = select(literal(get_company().currency_code))
    rows = db.session.scalars(union(own, select(Product.currency_code), select(ProductPrice.currency_code)))
    return sorted(rows)


def get_product(number: str) -> Product | None:
    """The active product of that number, or None."""
    found: Product | None = db.session.scalars(
        select(Product).where(Product.number == number, Product.is_active)
    ).first()
    return found


def _composed(session: Session, row: Invoice, lines: Sequence[InvoiceLine]) -> Composed | None:
    """None where its tax cannot be found any more; the form then says so when it is saved."""
    try:
        return draft_totals.compose(session, row, draft_lines.stored(lines))
    except KontorError:
        return None


def _from_credit(session: Session, made: Composed) -> int:
    held = credit_at_issue.balances(session, [made.debtor.id])
    return max(0, min(held.get((made.debtor.id, made.draft.currency), 0), made.totals.gross_cents))


def _head(row: Invoice) -> dict[str, Any]:
    names = ("title", "delivery_text", "introtext", "currency_code", "is_gross", "payment_type", "days_for_payment",
             "service_from")  # fmt: skip
    head = {name: getattr(row, name) for name in names}
    last = row.service_to - _DAY if row.service_to else None
    return head | {
        "customer": row.customer_number, "service_last": last if last != row.service_from else None,
        "cash_discount_percent": row.cash_discount_percent or None,
        "cash_discount_days": row.cash_discount_days or None,
    }  # fmt: skip
