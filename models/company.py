"""The Mandant: one installation is one company (D-8). Its printed data, tax rates, number ranges, settings."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import (
    AUTO,
    Hash32,
    Id,
    Instant,
    JsonText,
    Model,
    Percent,
    Sha256,
    Stamped,
    UtcDateTime,
    now,
)


class Company(Stamped, Model):
    """The one row that says who we are; what is printed of it is frozen as a Letterhead at issue."""

    __tablename__ = "company"
    __table_args__ = (
        CheckConstraint("id = 1", name="single"),
        CheckConstraint("mode IN ('sandbox', 'live')", name="mode"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, default=1)
    account_hash: Mapped[Hash32]
    mode: Mapped[str] = mapped_column(String(10), default="sandbox")
    is_demo: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str] = mapped_column(String(200))
    legal_form: Mapped[str] = mapped_column(String(60), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    address_2: Mapped[str] = mapped_column(String(200), default="")
    zipcode: Mapped[str] = mapped_column(String(20), default="")
    city: Mapped[str] = mapped_column(String(100), default="")
    country_code: Mapped[str] = mapped_column(String(2), default="DE")
    phone: Mapped[str] = mapped_column(String(60), default="")
    email: Mapped[str] = mapped_column(String(200), default="")
    website: Mapped[str] = mapped_column(String(200), default="")
    contact_name: Mapped[str] = mapped_column(String(200), default="")  # BR-DE-5 asks for a person or a desk
    seat: Mapped[str] = mapped_column(String(100), default="")
    register_court: Mapped[str] = mapped_column(String(100), default="")
    register_number: Mapped[str] = mapped_column(String(60), default="")
    managing_directors: Mapped[str] = mapped_column(String(300), default="")
    tax_number: Mapped[str] = mapped_column(String(40), default="")
    vat_id: Mapped[str] = mapped_column(String(20), default="")
    small_business_id: Mapped[str] = mapped_column(String(30), default="")
    einvoice_from_2028: Mapped[bool] = mapped_column(default=False)  # EIN-1: turnover of 2026 at most 800,000 EUR
    cash_accounting: Mapped[bool] = mapped_column(default=False)  # INV-14: its text is due from 2028
    creditor_id: Mapped[str] = mapped_column(String(35), default="")
    bank_name: Mapped[str] = mapped_column(String(100), default="")
    bank_owner: Mapped[str] = mapped_column(String(100), default="")
    iban: Mapped[str] = mapped_column(String(34), default="")
    bic: Mapped[str] = mapped_column(String(11), default="")
    accent: Mapped[str] = mapped_column(String(7), default="#0b6b62")
    logo_file_id: Mapped[int | None] = mapped_column(ForeignKey("files.id"))
    currency_code: Mapped[str] = mapped_column(String(3), default="EUR")
    language_code: Mapped[str] = mapped_column(String(2), default="de")
    days_for_payment: Mapped[int] = mapped_column(Integer, default=14)
    report_email: Mapped[str] = mapped_column(String(200), default="")  # who is mailed the report of a run
    vat_check: Mapped[str] = mapped_column(String(12), default="before_issue")  # or off (INV-9)
    vat_check_days: Mapped[int] = mapped_column(Integer, default=30)  # an older answer is asked for anew
    vat_rely_days: Mapped[int] = mapped_column(Integer, default=90)  # and relied on so long while none comes
    vat_unconfirmed: Mapped[str] = mapped_column(String(10), default="hold")  # or charge: with VAT, as to a consumer
    oss_from: Mapped[date | None]  # consumers of the Union bear their country's tax from this day of supply (INV-11)


class TaxMode(Model):
    """From when on the company taxes how (INV-5): `regular` or `small_business`."""

    __tablename__ = "tax_modes"
    __table_args__ = (CheckConstraint("mode IN ('regular', 'small_business')", name="mode"),)

    valid_from: Mapped[date] = mapped_column(primary_key=True)
    mode: Mapped[str] = mapped_column(String(20))


class VatRate(Model):
    """VAT rates are dated data, chosen by the date of supply, never constants (0.7, F20)."""

    __tablename__ = "vat_rates"
    __table_args__ = (UniqueConstraint("country_code", "category", "valid_from"), AUTO)

    id: Mapped[Id]
    country_code: Mapped[str] = mapped_column(String(2))
    category: Mapped[str] = mapped_column(String(20))
    percent: Mapped[Percent]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]  # exclusive
    origin: Mapped[str] = mapped_column(String(10), default="staff")  # or law, or proposal: came along, to be checked


class Letterhead(Model):
    """A frozen state of the company's printed data, found again by its digest; invoices point here."""

    __tablename__ = "letterheads"
    __table_args__ = (AUTO,)

    id: Mapped[Id]
    digest: Mapped[Sha256] = mapped_column(String(64), unique=True)
    data: Mapped[Any] = mapped_column(JsonText)
    logo_file_id: Mapped[int | None] = mapped_column(ForeignKey("files.id"))
    created_at: Mapped[Instant] = mapped_column(UtcDateTime, default=now)


class NumberRange(Stamped, Model):
    """How numbers of one kind look (`RE-{YYYY}-{N:5}`) and whether their counter begins anew each year."""

    __tablename__ = "number_ranges"
    __table_args__ = (AUTO,)

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(20), unique=True)
    pattern: Mapped[str] = mapped_column(String(60))
    yearly: Mapped[bool] = mapped_column(default=False)
    first_value: Mapped[int] = mapped_column(default=1)


class Sequence(Model):
    """The counter of one range, in one year or (year 0) for ever. One row, one lock: no MAX()+1 (EB-47, EB-48)."""

    __tablename__ = "sequences"
    __table_args__ = (
        UniqueConstraint("range_id", "year"),
        CheckConstraint("next_value >= first_value", name="forward"),
        AUTO,
    )

    id: Mapped[Id]
    range_id: Mapped[int] = mapped_column(ForeignKey("number_ranges.id"))
    year: Mapped[int] = mapped_column(default=0)
    first_value: Mapped[int] = mapped_column(default=1)
    next_value: Mapped[int] = mapped_column(default=1)
    last_used_on: Mapped[date | None]  # an invoice is never dated before the last of its series


class Setting(Model):
    """What staff decide about the house's behaviour, by name."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(JsonText)
    note: Mapped[str] = mapped_column(Text, default="")
