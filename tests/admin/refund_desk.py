"""A paid and cancelled invoice of the furnished house, by card or by transfer."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from billing.money import Money
from extensions import db
from models import InvoiceLine, Payment, PaymentAttempt, PaymentMethod, Receivable
from services import chargebacks, corrections, payments
from services.actor import SYSTEM
from services.payment_rows import lock
from services.payment_settings import change_payment_settings
from services.payments import Receipt
from services.unit import end_reading, write


def pay(app: Flask, invoice_id: int, gateway: str = "") -> None:
    """The whole of it: through that provider, or onto the own account."""
    with app.app_context():
        end_reading()
        owed = db.session.scalars(select(Receivable).where(Receivable.invoice_id == invoice_id)).one()
        number, open_ = owed.id, Money(owed.open_cents, owed.currency_code)
        with write() as session:
            row = lock(session, [number])[number]
            receipt = Receipt(open_, method="card" if gateway else "bank", gateway=gateway)
            links = {"gateway": gateway, "provider_id": f"charge-{invoice_id}"} if gateway else {}
            payments.settle(session, row, receipt, receipt.day, **links)
        db.session.remove()


def take_twice(app: Flask, invoice_id: int) -> None:
    """Both charges of it were confirmed at the provider."""
    pay(app, invoice_id, "sandbox")
    with app.app_context():
        end_reading()
        owed = db.session.scalars(select(Receivable).where(Receivable.invoice_id == invoice_id)).one()
        number, customer, cents, currency = owed.id, owed.customer_id, owed.amount_cents, owed.currency_code
        with write() as session:
            row = lock(session, [number])[number]
            receipt = Receipt(Money(cents, currency), method="card", gateway="sandbox", surplus=True)
            payments.settle(session, row, receipt, receipt.day, gateway="sandbox", provider_id="charge-again")
            card = PaymentMethod(customer_id=customer, kind="card", gateway="sandbox", token="t", last4="4242")
            session.add(card)
            session.flush()
            session.add_all(
                PaymentAttempt(key=name, purpose="collect", number=place, customer_id=customer, invoice_id=invoice_id,
                               method_id=card.id, gateway="sandbox", provider_id=name, amount_cents=cents,
                               currency_code=currency, state="accepted")
                for place, name in enumerate((f"charge-{invoice_id}", "charge-again"), 1)
            )  # fmt: skip
        db.session.remove()


def cancel(app: Flask, invoice_id: int) -> int:
    with app.app_context():
        made = corrections.cancel(SYSTEM, invoice_id, reason="storniert")
        db.session.remove()
        return made


def take_back(app: Flask, reason: str) -> int:
    """The newest payment, charged back with a fee; gives the row's id."""
    with app.app_context():
        paid = db.session.scalars(select(Payment).order_by(Payment.id.desc())).first()
        assert paid is not None
        number, sum_ = paid.id, Money(paid.amount_cents, paid.currency_code)
        made = chargebacks.take_back(SYSTEM, number, sum_, key="case", reason=reason, fee_cents=15_00)
        db.session.remove()
        return made


def correct(app: Flask, invoice_id: int) -> int:
    """One whole line of it is taken back."""
    with app.app_context():
        line = db.session.scalars(select(InvoiceLine.id).where(InvoiceLine.invoice_id == invoice_id)).first()
        made = corrections.correct(SYSTEM, invoice_id, [corrections.Part(line or 0)], reason="zu viel berechnet")
        db.session.remove()
        return made


def four_eyes(app: Flask, cents: int) -> None:
    with app.app_context():
        change_payment_settings(SYSTEM, {"four_eyes_cents": cents})
        db.session.remove()


def kinds(app: Flask) -> list[str]:
    with app.app_context():
        found = list(db.session.scalars(select(Payment.kind).order_by(Payment.id)))
        db.session.remove()
        return found
