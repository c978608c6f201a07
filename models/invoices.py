"""What was issued and never changes. Its living twin is the receivable.

A draft is a row without a number that may be edited and deleted. The moment `issued_at` is set, triggers keep the
row, its lines and its tax lines as they are (GOB-1). Lines are therefore written before their invoice, and the
foreign keys that point to it are checked at commit.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import (
    AUTO,
    NUMBER,
    Cents,
    Currency,
    Id,
    Instant,
    JsonText,
    Model,
    Percent,
    Price,
    Quantity,
    UtcDateTime,
    now,
)

# Lists find what is rare by these; the values that a run writes by the thousand are left out, so it pays nothing.
OTHER_KINDS = text("kind <> 'invoice'")
UNISSUED = text("status <> 'issued'")
OF_UNION = text("tax_case IN ('union_consumer', 'oss')")


class Invoice(Model):
    """A document of the series it is numbered in; everything that is printed is frozen in it."""

    __tablename__ = "invoices"
    __table_args__ = (
        CheckConstraint("kind IN ('invoice', 'cancellation', 'correction')", name="kind"),
        CheckConstraint("status IN ('draft', 'awaiting_payment', 'issued')", name="status"),
        CheckConstraint("(status = 'issued') = (issued_at IS NOT NULL)", name="issued"),
        CheckConstraint("(number IS NOT NULL) = (issued_at IS NOT NULL)", name="numbered"),
        CheckConstraint("gross_cents = net_cents + tax_cents", name="sum"),
        UniqueConstraint("range_id", "number_year", "number_value"),
        Index("ix_invoices_customer_id_id", "customer_id", "id"),
        Index("ix_invoices_union_consumers", "tax_case", "id", sqlite_where=OF_UNION, postgresql_where=OF_UNION),
        Index("ix_invoices_issued_on_id", "issued_on", "id"),
        Index("ix_invoices_other_kinds", "kind", "id", sqlite_where=OTHER_KINDS, postgresql_where=OTHER_KINDS),
        Index("ix_invoices_unissued", "status", "id", sqlite_where=UNISSUED, postgresql_where=UNISSUED),
        AUTO,
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(12), default="invoice")
    status: Mapped[str] = mapped_column(String(16), default="draft")
    number: Mapped[str | None] = mapped_column(NUMBER, unique=True)
    range_id: Mapped[int | None] = mapped_column(ForeignKey("number_ranges.id"))
    number_year: Mapped[int | None] = mapped_column(Integer)
    number_value: Mapped[int | None] = mapped_column(BigInteger)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    subscription_id: Mapped[int | None] = mapped_column(ForeignKey("subscriptions.id"), index=True)  # of its first line
    subscription_counter: Mapped[int] = mapped_column(Integer, default=0)
    original_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"), index=True)  # COR-1
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"), index=True)
    ext_uid: Mapped[str | None] = mapped_column(String(100))

    issued_on: Mapped[date | None]
    due_on: Mapped[date | None]
    service_from: Mapped[date | None]
    service_to: Mapped[date | None]  # exclusive
    delivery_text: Mapped[str] = mapped_column(String(100), default="")  # DELIVERY_DATE as the call API was given it
    currency_code: Mapped[Currency]
    is_gross: Mapped[bool] = mapped_column(default=False)
    net_cents: Mapped[Cents] = mapped_column(BigInteger, default=0)
    tax_cents: Mapped[Cents] = mapped_column(BigInteger, default=0)
    gross_cents: Mapped[Cents] = mapped_column(BigInteger, default=0)
    prepaid_cents: Mapped[Cents] = mapped_column(BigInteger, default=0)  # BT-113
    cash_discount_percent: Mapped[Percent] = mapped_column(default=Decimal(0))
    cash_discount_days: Mapped[int] = mapped_column(Integer, default=0)
    payment_type: Mapped[int] = mapped_column(Integer, default=1)
    collection: Mapped[str] = mapped_column(String(14), default="invoice_first")
    days_for_payment: Mapped[int] = mapped_column(Integer, default=14)

    tax_case: Mapped[str] = mapped_column(String(20), default="domestic")
    title: Mapped[str] = mapped_column(String(200), default="")
    introtext: Mapped[str] = mapped_column(Text, default="")
    language_code: Mapped[str] = mapped_column(String(2), default="de")
    template: Mapped[str] = mapped_column(String(40), default="standard")
    template_version: Mapped[int] = mapped_column(Integer, default=2)  # 1: the look before the letter of 0.2
    letterhead_id: Mapped[int | None] = mapped_column(ForeignKey("letterheads.id"))
    text_set_id: Mapped[int | None] = mapped_column(ForeignKey("text_sets.id"))  # empty: the texts of the first release
    customer_number: Mapped[str] = mapped_column(String(40), default="")
    buyer_name: Mapped[str] = mapped_column(String(210), default="")
    buyer: Mapped[Any] = mapped_column(JsonText, default=dict)  # both addresses and tax ids as they were (GOB-1)
    digest: Mapped[str | None] = mapped_column(String(64))  # over the row, its lines and tax lines (L6)
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)
    issued_at: Mapped[Instant | None] = mapped_column(UtcDateTime)


class InvoiceLine(Model):
    """One position. Every issued line has a claim or a reason; net + tax = gross, spread so that lines add up."""

    __tablename__ = "invoice_lines"
    __table_args__ = (
        CheckConstraint("claim_id IS NOT NULL OR reason <> ''", name="grounded"),
        CheckConstraint("gross_cents = net_cents + tax_cents", name="sum"),
        Index(
            "uq_invoice_lines_claim_id",
            "claim_id",
            unique=True,
            sqlite_where=text("claim_id IS NOT NULL"),
            postgresql_where=text("claim_id IS NOT NULL"),
        ),
        AUTO,
    )

    id: Mapped[Id]
    invoice_id: Mapped[int] = mapped_column(
        ForeignKey("invoices.id", deferrable=True, initially="DEFERRED"), index=True
    )
    position: Mapped[int]
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("claims.id"))
    reason: Mapped[str] = mapped_column(String(20), default="")  # one_off, correction, ...
    original_line_id: Mapped[int | None] = mapped_column(ForeignKey("invoice_lines.id"))
    subscription_id: Mapped[int | None] = mapped_column(ForeignKey("subscriptions.id"), index=True)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"))
    article_number: Mapped[str] = mapped_column(String(40), default="")
    title: Mapped[str] = mapped_column(String(200), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    unit: Mapped[str] = mapped_column(String(10), default="C62")
    quantity: Mapped[Quantity]
    unit_price: Mapped[Price]
    vat_category: Mapped[str] = mapped_column(String(2), default="S")  # EN 16931: S, E, AE, O, K, G, Z
    vat_percent: Mapped[Percent]
    net_cents: Mapped[Cents]
    tax_cents: Mapped[Cents]
    gross_cents: Mapped[Cents]
    period_start: Mapped[date | None]
    period_end: Mapped[date | None]  # exclusive
    days: Mapped[int | None]  # of a part period: days charged ...
    of_days: Mapped[int | None]  # ... of the full nominal period (EB-34, EB-39)
    discounts: Mapped[Any] = mapped_column(JsonText, default=list)  # [text, cents]: already taken off the amounts
    chosen: Mapped[Any | None] = mapped_column(JsonText)  # of a draft's line: what its tax and discount follow from


class InvoiceTaxLine(Model):
    """VAT once per category and rate on the document's sum (RND-3)."""

    __tablename__ = "invoice_tax_lines"
    __table_args__ = (CheckConstraint("gross_cents = net_cents + tax_cents", name="sum"), AUTO)

    id: Mapped[Id]
    invoice_id: Mapped[int] = mapped_column(
        ForeignKey("invoices.id", deferrable=True, initially="DEFERRED"), index=True
    )
    vat_category: Mapped[str] = mapped_column(String(2))
    vat_percent: Mapped[Percent]
    net_cents: Mapped[Cents]
    tax_cents: Mapped[Cents]
    gross_cents: Mapped[Cents]
    note_key: Mapped[str] = mapped_column(String(30), default="")
