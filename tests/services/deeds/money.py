"""Deeds with payments, credit and write-offs."""

from __future__ import annotations

from collections.abc import Mapping

from billing.money import Money
from models import CreditGrant, Payment
from services import credit, hanging, paid_credit, payment_changes, payments, write_offs
from services.payments import Receipt
from tests.services.deeds.world import Deed

DEEDS: Mapping[str, tuple[Deed, ...]] = {
    "payments.record_payment": (
        Deed(lambda w: payments.record_payment(w.actor, w.receivable, Money(100, "EUR")), "payment.recorded"),),
    "payments.receive": (
        Deed(lambda w: payments.receive(w.actor, w.receivable, Receipt(Money(100, "EUR"))), "payment.recorded"),),
    "payments.mark_paid": (Deed(lambda w: payments.mark_paid(w.actor, w.open_invoice), "payment.recorded"),),
    "hanging.receive": (
        Deed(lambda w: hanging.receive(w.actor, w.receivable, Receipt(Money(100, "EUR"))), "payment.recorded"),),
    "hanging.mark_paid": (Deed(lambda w: hanging.mark_paid(w.actor, w.open_invoice), "payment.recorded"),),
    "payments.prepay": (
        Deed(lambda w: payments.prepay(w.actor, w.customer, Receipt(Money(100, "EUR"))), "payment.recorded"),),
    "payment_changes.cancel": (
        Deed(lambda w: payment_changes.cancel(w.actor, w.payment, "Verbucht bei Falscher"), "payment.cancelled"),
        Deed(lambda w: payment_changes.cancel(
            w.actor, w.last(Payment.id) if write_offs.write_off(w.actor, w.receivable, "x") else 0, "Doch bezahlt"),
             "receivable.write_off_taken_back"),
        Deed(lambda w: payment_changes.cancel(w.actor, paid_credit.apply_credit(w.actor, w.receivable), "Falsch"),
             "credit.application_cancelled"),
        Deed(lambda w: payment_changes.cancel(
            w.actor, paid_credit.pay_out(w.actor, w.customer, Money(100, "EUR")), "Falsch"),
             "credit.payout_cancelled")),
    "payment_changes.move": (
        Deed(lambda w: payment_changes.move(w.actor, w.payment, invoice_id=w.open_invoice), "payment.moved"),),
    "paid_credit.apply_credit": (
        Deed(lambda w: paid_credit.apply_credit(w.actor, w.receivable), "credit.applied"),),
    "paid_credit.pay_out": (
        Deed(lambda w: paid_credit.pay_out(w.actor, w.customer, Money(100, "EUR")), "credit.paid_out"),),
    "credit.grant_credit": (
        Deed(lambda w: credit.grant_credit(w.actor, w.customer, Money(100, "EUR"), "Kulanz"), "credit.granted"),),
    "credit.withdraw_credit": (
        Deed(lambda w: credit.withdraw_credit(w.actor, w.first(CreditGrant.id)), "credit.withdrawn"),),
    "write_offs.write_off": (
        Deed(lambda w: write_offs.write_off(w.actor, w.receivable, "Insolvenz"), "receivable.written_off"),),
}  # fmt: skip
