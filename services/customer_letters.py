"""What the mails about a customer's own data tell: the code, what was changed, and what is still missing (D-11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, cast

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.errors import NotFound
from documents import figures
from extensions import db
from models import Customer, CustomerCode, Subscription, SubscriptionItem
from services.code_digits import LIVES, code_of
from services.company import get_company
from services.customers import find_survivor
from services.mail_texts import greeting

# The sensitive fields: column -> (German, English).
NAMES: Mapping[str, tuple[str, str]] = {
    "email": ("E-Mail-Adresse", "E-mail address"),
    "payment_mail_address": ("E-Mail-Adresse für Rechnungen", "E-mail address for invoices"),
    "payment_type": ("Zahlungsart", "Payment method"),
    "bank_account_owner": ("Kontoinhaber", "Account holder"),
    "bank_iban": ("IBAN", "IBAN"),
    "bank_bic": ("BIC", "BIC"),
    "mandate": ("SEPA-Lastschriftmandat", "SEPA direct debit mandate"),
}


def facts_of_code(language: str, _invoice_id: int | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts`: code_id, fields. The code is made here and stands nowhere before. NotFound once it is forgotten."""
    row = db.session.get(CustomerCode, facts["code_id"])
    if row is None:
        raise NotFound("code")
    return {"customer": addressed(row.customer_id, language), "code": code_of(row), "minutes": LIVES.seconds // 60,
            "fields": _named(facts["fields"], language)}  # fmt: skip


def facts_of_change(language: str, _invoice_id: int | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts`: customer_id, fields, on (ISO)."""
    on = figures.day(date.fromisoformat(facts["on"]), language)
    return {"customer": addressed(facts["customer_id"], language), "date": on,
            "fields": _named(facts["fields"], language)}  # fmt: skip


def facts_of_payment_data(language: str, _invoice_id: int | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts`: customer_id, subscription_id. The link is the one that holds when the mail is written (M1-17)."""
    customer, contract = _record(facts["customer_id"]), db.session.get(Subscription, facts["subscription_id"])
    title = select(SubscriptionItem.title).where(SubscriptionItem.subscription_id == facts["subscription_id"])
    plan = db.session.scalars(title.where(SubscriptionItem.kind == "plan").order_by(SubscriptionItem.id)).first()
    return {"customer": addressed(customer.id, language), "link": data_link(customer.hash),
            "subscription": {"title": (contract.title if contract else "") or plan or ""}}  # fmt: skip


def data_link(customer_hash: str) -> str:
    """Where customers look after their own data, without login (D-11)."""
    return f"{current_app.config['KONTOR'].base_url}/accountdata/{get_company().account_hash}/{customer_hash}"


def facts_of_message(language: str, _invoice_id: int | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts`: customer_id, subject, text, the words written already."""
    told = {"subject": facts["subject"], "text": facts["text"]}
    return {"customer": addressed(facts["customer_id"], language), "message": told}


def example(language: str, day: str) -> dict[str, Any]:
    """Values for trying the words out; no code that anybody was sent."""
    return {"code": "123456", "minutes": LIVES.seconds // 60, "date": day,
            "fields": _named(("email", "bank_iban"), language)}  # fmt: skip


def _record(customer_id: int) -> Customer:
    """The record that speaks for the customer today."""
    try:
        return find_survivor(cast(Session, db.session()), customer_id)
    except NotFound:
        raise NotFound("customer") from None


def addressed(customer_id: int, language: str) -> dict[str, str]:
    """The customer as they are now."""
    row = db.session.get(Customer, customer_id)
    if row is None:
        raise NotFound("customer")
    return customer_values(row, language)


def customer_values(row: Customer, language: str) -> dict[str, str]:
    """The customer as placeholders name them."""
    columns = ("salutation", "title_academic", "first_name", "last_name", "organization")
    person = {name: getattr(row, name) for name in columns}
    name = " ".join(filter(None, (row.first_name, row.last_name))) or row.organization
    return {"greeting": greeting(person, language), "name": name, "organization": row.organization,
            "number": row.number}  # fmt: skip


def _named(fields: Iterable[str], language: str) -> list[dict[str, str]]:
    """The fields as entries of a list; those without a name here are left out."""
    return [{"name": NAMES[field][language != "de"]} for field in fields if field in NAMES]
