"""What a customer is told of money that went back to them: how much, for which invoice, by which way (M2-01, D-1).

Ordered in the transaction that books it as gone, once for each refund, whoever said so: provider, person or bank.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.errors import NotAllowed
from billing.refunds import PROVIDER
from documents import figures
from documents.words import words
from extensions import db
from models import Invoice, Payment, PaymentAttempt, PaymentMethod, Refund
from services import payer_mails
from services.customer_letters import addressed
from services.refund_rows import charge_of
from services.survivors import find_survivor

# Where it comes back to, by what was paid with; `{method}` is the card's brand and the last four, as far as known.
_BACK: Mapping[str, tuple[str, str]] = {
    "card": ("auf Ihre Karte{method}", "to your card{method}"),
    "paypal": ("auf Ihr PayPal-Konto", "to your PayPal account"),
    "sepa_debit": ("auf das Bankkonto, von dem wir eingezogen hatten{method}",
                   "to the bank account that we had collected from{method}"),
}  # fmt: skip
_BY_PROVIDER = ("auf dem Weg, auf dem Sie gezahlt haben", "by the way you paid")
_BY_TRANSFER = ("per Überweisung auf Ihr Bankkonto", "by transfer to your bank account")


def tell_paid(session: Session, refund: Refund) -> None:
    """Order the mail; one that was noted as sent a second time is told once."""
    payer_mails.order(session, f"refund_paid:{refund.id}", "refund_paid", refund.customer_id, {"refund_id": refund.id})


def facts_of_refund(language: str, _invoice_id: int | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts`: customer_id, refund_id. Raises NotAllowed("refund_not_gone") for one that came back since, or never
    went."""
    session = cast(Session, db.session())
    refund = session.get_one(Refund, facts["refund_id"])
    if refund.state != "succeeded":
        raise NotAllowed("refund_not_gone", field="refund_id")
    document = session.get_one(Invoice, refund.correction_id)
    return {
        "customer": addressed(find_survivor(session, facts["customer_id"]).id, language),
        "refund": {
            "amount": figures.money(refund.amount_cents, refund.currency_code, language),
            "document": words(language)[document.kind], "number": document.number or "",
            "invoice": session.get_one(Invoice, document.original_id).number or "",
            "way": _way(session, refund, language),
        },
    }  # fmt: skip


def example(language: str) -> dict[str, Any]:
    """Values for trying the words out."""
    way = _BACK["card"][language != "de"].format(method=" Visa ···· 4242")
    return {"refund": {"amount": figures.money(3900, "EUR", language), "document": words(language)["cancellation"],
                       "number": "SR-2026-00007", "invoice": "RE-2026-00042", "way": way}}  # fmt: skip


def _way(session: Session, refund: Refund, language: str) -> str:
    place = int(language != "de")
    if refund.way != PROVIDER:
        return _BY_TRANSFER[place]
    payment = session.get_one(Payment, refund.payment_id)
    if payment.method not in _BACK:
        return _BY_PROVIDER[place]
    return _BACK[payment.method][place].format(method=_shown(_method_of(session, payment)))


def _shown(method: PaymentMethod | None) -> str:
    if method is None or not method.last4:
        return ""
    return f" {method.brand.capitalize()} ···· {method.last4}" if method.brand else f" (···· {method.last4})"


def _method_of(session: Session, payment: Payment) -> PaymentMethod | None:
    """What the charge was made with, as far as it is still known."""
    query = select(PaymentMethod).join(PaymentAttempt, PaymentAttempt.method_id == PaymentMethod.id)
    mine = (PaymentAttempt.gateway == payment.gateway, PaymentAttempt.provider_id == charge_of(session, payment))
    return session.scalars(query.where(*mine).order_by(PaymentAttempt.id.desc()).limit(1)).one_or_none()
