"""What mails about payments tell, read when the mail is written: amount, method, the reason in kind words, the link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from documents import figures
from extensions import db
from models import Invoice, InvoiceLine, PaymentAttempt, PaymentMethod
from services import clock
from services.customer_letters import addressed, data_link
from services.customers import find_survivor

# By which words the reason is told: the provider's own codes are for staff.
_WORDS: Mapping[str, tuple[str, str]] = {
    "hard": ("Die Zahlungsart lässt sich nicht mehr belasten.", "The payment method cannot be charged any more."),
    "soft": ("Die Zahlung wurde diesmal nicht angenommen.", "The payment was not accepted this time."),
    "action": ("Ihre Bank möchte, dass Sie die Zahlung bestätigen.", "Your bank asks you to confirm the payment."),
    "expired": ("Ihre Karte ist abgelaufen.", "Your card has expired."),
    "no_method": ("Uns liegen keine gültigen Zahlungsdaten vor.", "We have no valid payment data of yours."),
}


def facts_of_payment(language: str, _invoice_id: int | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts`: customer_id, invoice_id (the document that is charged), reason, attempt_id. The links are those that
    hold when the mail is written."""
    payer = find_survivor(cast(Session, db.session()), facts["customer_id"])
    document = db.session.get_one(Invoice, facts["invoice_id"])
    attempt = db.session.get(PaymentAttempt, facts["attempt_id"]) if facts.get("attempt_id") else None
    asked = attempt.amount_cents if attempt else _last_asked(facts["invoice_id"]) or document.gross_cents
    return {
        "customer": addressed(payer.id, language), "link": (attempt and attempt.action_url) or data_link(payer.hash),
        "payment": {
            "subject": _subject(document), "reason": _WORDS[facts["reason"]][language != "de"],
            "amount": figures.money(asked, document.currency_code, language),
            "method": _method(attempt, document, language),
        },
    }  # fmt: skip


def facts_of_expiry(language: str, _invoice_id: int | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts`: customer_id, method_id. As the method is when the mail is written."""
    payer = find_survivor(cast(Session, db.session()), facts["customer_id"])
    method = db.session.get_one(PaymentMethod, facts["method_id"])
    on = figures.day(method.expires_on, language) if method.expires_on else ""
    return {"customer": addressed(payer.id, language), "link": data_link(payer.hash),
            "payment": {"method": label(method, language), "until": on}}  # fmt: skip


def example_payment(language: str) -> dict[str, Any]:
    """Values for trying the words out."""
    return {"payment": {"subject": "Regionalkiste, Dezember" if language == "de" else "Weekly box, December",
                        "reason": _WORDS["soft"][language != "de"], "method": "Visa ···· 4242", "until": "31.12.2026",
                        "amount": figures.money(3900, "EUR", language),
                        "date": figures.day(clock.today(), language),
                        "way": "von Ihrer Karte" if language == "de" else "from your card"}}  # fmt: skip


def _subject(document: Invoice) -> str:
    first = select(InvoiceLine.title).where(InvoiceLine.invoice_id == document.id).order_by(InvoiceLine.position)
    return document.number or document.title or db.session.scalars(first.limit(1)).first() or ""


def _last_asked(invoice_id: int) -> int | None:
    query = select(PaymentAttempt.amount_cents).where(PaymentAttempt.invoice_id == invoice_id)
    found: int | None = db.session.scalar(query.order_by(PaymentAttempt.number.desc()).limit(1))
    return found


def _method(attempt: PaymentAttempt | None, document: Invoice, language: str) -> str:
    latest = select(PaymentAttempt.method_id).where(PaymentAttempt.invoice_id == document.id)
    latest = latest.order_by(PaymentAttempt.number.desc()).limit(1)
    key = attempt.method_id if attempt else db.session.scalar(latest)
    method = db.session.get(PaymentMethod, key) if key else None
    return "" if method is None else label(method, language)


_KINDS: Mapping[str, tuple[str, str]] = {
    "paypal": ("PayPal", "PayPal"), "sepa_debit": ("SEPA-Lastschrift", "SEPA debit"), "card": ("Karte", "Card"),
}  # fmt: skip


def label(method: PaymentMethod, language: str) -> str:
    """What is shown of a method, in the reader's language: its brand and the last four, never more."""
    brand = method.brand.capitalize() or _KINDS.get(method.kind, ("", ""))[language != "de"]
    return f"{brand} ···· {method.last4}" if method.last4 else brand
