"""The customer record, whoever made it (M1-11), and the words by which it is found."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AUTO, NUMBER, Hash32, Id, Instant, JsonText, Model, Stamped, UtcDateTime

# Prefix search is a range; only the "C" collation lets a B-tree answer it on PostgreSQL. SQLite compares bytes anyway.
WORD = String(80).with_variant(String(80, collation="C"), "postgresql")


class Customer(Stamped, Model):
    """All fields of the call API's customer, plus status, survivor and retention.

    `survivor_id` is the row's own id from the moment after its insert, so that one indexed read finds a card's rows.
    """

    __tablename__ = "customers"
    __table_args__ = (
        CheckConstraint("customer_type IN ('business', 'consumer')", name="type"),
        CheckConstraint("status IN ('active', 'blocked', 'deactivated')", name="status"),
        CheckConstraint("payment_type BETWEEN 1 AND 6", name="payment_type"),
        CheckConstraint("days_for_payment BETWEEN 0 AND 999", name="days"),
        Index("ix_customers_survivor_id_id", "survivor_id", "id"),
        Index("ix_customers_sort_name_id", "sort_name", "id"),
        Index("ix_customers_status_id", "status", "id"),
        Index("ix_customers_customer_type_id", "customer_type", "id"),
        Index("ix_customers_bank_iban", "bank_iban"),
        AUTO,
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(NUMBER, unique=True)
    ext_uid: Mapped[str | None] = mapped_column(String(100), unique=True)  # M1-39
    hash: Mapped[Hash32] = mapped_column(String(32), unique=True)  # M1-40
    survivor_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))  # itself, or whom it was merged into
    status: Mapped[str] = mapped_column(String(20), default="active")  # D-12

    sort_name: Mapped[str] = mapped_column(
        WORD, default=""
    )  # the name as lists sort it: normalised as search words are

    customer_type: Mapped[str] = mapped_column(String(10), default="consumer")
    organization: Mapped[str] = mapped_column(String(200), default="")
    position: Mapped[str] = mapped_column(String(100), default="")
    title_academic: Mapped[str] = mapped_column(String(60), default="")
    salutation: Mapped[str] = mapped_column(String(10), default="")  # mr, mrs, family
    first_name: Mapped[str] = mapped_column(String(100), default="")
    last_name: Mapped[str] = mapped_column(String(100), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    address_2: Mapped[str] = mapped_column(String(200), default="")
    zipcode: Mapped[str] = mapped_column(String(20), default="")
    city: Mapped[str] = mapped_column(String(100), default="")
    state: Mapped[str] = mapped_column(String(100), default="")
    country_code: Mapped[str] = mapped_column(String(2), default="DE")

    delivery_recipient: Mapped[str] = mapped_column(String(200), default="")
    delivery_address: Mapped[str] = mapped_column(String(200), default="")
    delivery_address_2: Mapped[str] = mapped_column(String(200), default="")
    delivery_zipcode: Mapped[str] = mapped_column(String(20), default="")
    delivery_city: Mapped[str] = mapped_column(String(100), default="")
    delivery_country_code: Mapped[str] = mapped_column(String(2), default="")

    phone: Mapped[str] = mapped_column(String(60), default="")
    phone_2: Mapped[str] = mapped_column(String(60), default="")
    fax: Mapped[str] = mapped_column(String(60), default="")
    mobile: Mapped[str] = mapped_column(String(60), default="")
    email: Mapped[str] = mapped_column(String(200), default="", index=True)
    email_cc: Mapped[str] = mapped_column(String(200), default="")
    payment_mail_address: Mapped[str] = mapped_column(String(200), default="")
    birthday: Mapped[date | None]
    language_code: Mapped[str] = mapped_column(String(2), default="de")
    newsletter_optin: Mapped[bool] = mapped_column(default=False)
    newsletter_at: Mapped[Instant | None] = mapped_column(UtcDateTime)  # since when so: consent is to be proved
    affiliate: Mapped[str] = mapped_column(String(100), default="")
    comment: Mapped[str] = mapped_column(Text, default="")
    x_attributes: Mapped[Any] = mapped_column(JsonText, default=list)

    vat_id: Mapped[str] = mapped_column(String(20), default="")
    tax_id: Mapped[str] = mapped_column(String(40), default="")
    owes_vat: Mapped[bool] = mapped_column(default=False)  # section 13b (5) UStG: we hold the evidence (INV-8)
    currency_code: Mapped[str] = mapped_column(String(3), default="EUR")
    days_for_payment: Mapped[int | None] = mapped_column(Integer)  # empty: the company's
    account_receivable: Mapped[str] = mapped_column(String(20), default="")  # DATEV debtor
    costcenter: Mapped[str] = mapped_column(String(40), default="")
    buyer_reference: Mapped[str] = mapped_column(String(60), default="")  # BT-10, Leitweg-ID
    einvoice_format: Mapped[str] = mapped_column(String(12), default="zugferd")  # zugferd, xrechnung, pdf
    invoice_delivery_method: Mapped[str] = mapped_column(String(10), default="mail")  # none, mail, post, both
    show_payment_notice: Mapped[bool] = mapped_column(default=False)

    payment_type: Mapped[int] = mapped_column(Integer, default=1)  # M1-18: transfer
    allowed_payment_types: Mapped[str] = mapped_column(String(20), default="1,2,4,6")
    payment_provider: Mapped[str] = mapped_column(String(40), default="")
    payment_token: Mapped[str] = mapped_column(String(200), default="")
    bank_name: Mapped[str] = mapped_column(String(100), default="")
    bank_account_owner: Mapped[str] = mapped_column(String(100), default="")
    bank_account_owner_address: Mapped[str] = mapped_column(String(200), default="")
    bank_account_owner_zipcode: Mapped[str] = mapped_column(String(20), default="")
    bank_account_owner_city: Mapped[str] = mapped_column(String(100), default="")
    bank_account_owner_email: Mapped[str] = mapped_column(String(200), default="")
    bank_iban: Mapped[str] = mapped_column(String(34), default="")
    bank_bic: Mapped[str] = mapped_column(String(11), default="")
    bank_account_number: Mapped[str] = mapped_column(String(30), default="")  # before SEPA, kept as sent
    bank_code: Mapped[str] = mapped_column(String(20), default="")
    mandate_reference: Mapped[str] = mapped_column(String(35), default="")
    mandate_signed_on: Mapped[date | None]
    dunning_hold_until: Mapped[date | None]
    dunning_hold_reason: Mapped[str] = mapped_column(String(60), default="", server_default="")

    registered_at: Mapped[Instant | None] = mapped_column(UtcDateTime)  # the customer's own registration
    erased_at: Mapped[Instant | None] = mapped_column(UtcDateTime)  # D-5: personal data gone, papers stay
    retain_until: Mapped[date | None]
    legal_hold: Mapped[bool] = mapped_column(default=False)


class SearchWord(Model):
    """A normalised word of a record. A search is a range over this B-tree, never LIKE '%x%'."""

    __tablename__ = "search_words"
    __table_args__ = (Index("ix_search_words_word_customer_id", "word", "customer_id"),)

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True)
    word: Mapped[str] = mapped_column(WORD, primary_key=True)
