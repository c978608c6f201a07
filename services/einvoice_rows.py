"""The frozen rows of an issued document as the data of its e-invoice, and the format its recipient gets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from billing.einvoice_duty import LARGE_TURNOVER_CENTS, Sale, effective_format, einvoice_required
from billing.money import Money
from documents.einvoice_data import Contact, Debit, EinvoiceData, EinvoiceLine
from documents.paper import InvoicePaper
from extensions import db
from models import Customer, Invoice, InvoiceLine, Letterhead
from services import company

_DAY = timedelta(days=1)
_SMALL_BUSINESS = "small_business"


def einvoice_data(invoice_id: int, paper: InvoicePaper) -> EinvoiceData:
    """What the XML says beside its paper, of the same frozen rows.

    One thing is not frozen alone: an address at which a party is reached that was empty at issue (contact, e-mail,
    buyer's reference) is asked of today's records. It changes nothing that the law asks for, and so a document that
    fails for the lack of it can be mended and drawn (EIN-5).
    """
    row = db.session.get_one(Invoice, invoice_id)
    head: Mapping[str, Any] = db.session.get_one(Letterhead, row.letterhead_id).data
    lines = db.session.scalars(
        select(InvoiceLine).where(InvoiceLine.invoice_id == row.id).order_by(InvoiceLine.position, InvoiceLine.id)
    )
    today = _living(row)
    return EinvoiceData(
        paper=paper,
        lines=tuple(_line(line, row.is_gross) for line in lines),
        contact=_contact(head),
        buyer_email=row.buyer.get("email") or (today.email or today.payment_mail_address if today else ""),
        buyer_reference=row.buyer.get("buyer_reference") or (today.buyer_reference if today else ""),
        debit=Debit(
            row.buyer.get("mandate_reference", ""), row.buyer.get("bank_iban", ""), head.get("creditor_id", "")
        ),
        original=_original(row),
        cash_discount_percent=row.cash_discount_percent,
        cash_discount_days=row.cash_discount_days,
        delivered_on=_delivered_on(row),
    )


def format_of(invoice_id: int) -> str:
    """What its recipient gets: zugferd, xrechnung, or pdf where no law asks for more (EIN-1 to EIN-3)."""
    row = db.session.get_one(Invoice, invoice_id)
    return effective_format(row.buyer.get("einvoice_format", ""), is_einvoice_required(row))


def is_einvoice_required(row: Invoice) -> bool:
    """Whether the law asks for an e-invoice of this document (EIN-1, EIN-2)."""
    head: Mapping[str, Any] = db.session.get_one(Letterhead, row.letterhead_id).data if row.letterhead_id else {}
    supplied_on = row.service_to - _DAY if row.service_to else row.issued_on
    sale = Sale(
        supplied_on=supplied_on or date.min,
        gross_cents=row.gross_cents,
        currency=row.currency_code,
        buyer_is_business=row.buyer.get("customer_type") == "business",
        buyer_country=row.buyer.get("country_code", ""),
        seller_country=head.get("country_code", "DE"),
        small_business=row.tax_case == _SMALL_BUSINESS,
    )
    return einvoice_required(sale, LARGE_TURNOVER_CENTS if company.get_company().einvoice_from_2028 else None)


def _line(row: InvoiceLine, is_gross: bool) -> EinvoiceLine:
    return EinvoiceLine(
        position=row.position,
        article_number=row.article_number,
        title=row.title,
        description=row.description,
        unit=row.unit,
        quantity=row.quantity,
        unit_price=None if is_gross else row.unit_price,
        category=row.vat_category,
        percent=row.vat_percent,
        net_cents=row.net_cents,
        discounts=tuple((text, _net(cents, row.vat_percent, is_gross)) for text, cents in row.discounts or ()),
        period_start=row.period_start,
        period_last=row.period_end - _DAY if row.period_end else None,
    )


def _net(cents: int, percent: Decimal, is_gross: bool) -> int:
    """A discount on a gross price is told net, as all of the e-invoice is; the price takes what is rounded."""
    return Money(cents, "EUR").times(100 / (100 + percent)).cents if is_gross else cents


def _contact(head: Mapping[str, Any]) -> Contact:
    own = company.get_company()
    told = {name: head.get(name) or getattr(own, name) for name in ("contact_name", "phone", "email")}
    return Contact(told["contact_name"] or head.get("name", ""), told["phone"], told["email"])


def _living(row: Invoice) -> Customer | None:
    """Today's record of the recipient: of a merged one, its survivor's."""
    survivor = select(Customer.survivor_id).where(Customer.id == row.customer_id).scalar_subquery()
    found: Customer | None = db.session.scalar(select(Customer).where(Customer.id == survivor))
    return found


def _original(row: Invoice) -> tuple[str, date] | None:
    if row.original_id is None:
        return None
    original = db.session.get_one(Invoice, row.original_id)
    return (original.number or "", original.issued_on) if original.issued_on else None


def _delivered_on(row: Invoice) -> date | None:
    """The day that stands for a time of supply in words (BT-72), where it is one."""
    if row.service_from is not None:
        return None
    try:
        return date.fromisoformat(row.delivery_text.strip())
    except ValueError:
        return _german_day(row.delivery_text)


def _german_day(text: str) -> date | None:
    parts = text.strip().split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdecimal() for part in parts):
        return None
    try:
        return date(int(parts[2]), int(parts[1]), int(parts[0]))
    except ValueError:
        return None
