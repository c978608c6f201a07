"""Deeds with money that goes back: refunds and chargebacks."""

from __future__ import annotations

from collections.abc import Mapping

from billing.money import Money
from models import Refund
from services import chargebacks, corrections, payments, refund_answers, refunds
from services.actor import SYSTEM
from services.cancel_with_refund import cancel_and_refund
from services.payment_settings import change_payment_settings
from services.unit import write
from tests.services.deeds.collecting import carry_on, collect_again
from tests.services.deeds.world import Deed, World


def _cancelled(w: World, way: str = "transfer") -> int:
    """The Stornorechnung of an invoice that was paid, by transfer or by a test card."""
    invoice_id = w.open_invoice
    if way == "provider":
        collect_again(w)
        carry_on()
    else:
        payments.mark_paid(SYSTEM, invoice_id)
    return corrections.cancel(SYSTEM, invoice_id, reason="falsch")


def refund(w: World, way: str = "transfer") -> int:
    return refunds.order(w.actor, _cancelled(w, way), way)[0]


def _approve_refund(w: World) -> None:
    change_payment_settings(SYSTEM, {"four_eyes_cents": 1})
    refunds.approve(w.actor, refunds.order(SYSTEM, _cancelled(w), "transfer")[0])


def _refund_came_back(w: World) -> None:
    refund_id = refund(w)
    refunds.note_sent(w.actor, refund_id)
    refunds.note_returned(w.actor, refund_id, "Konto erloschen")


def _decide_refund(w: World) -> None:
    refund_id = refund(w, "provider")
    with write() as session:
        session.get_one(Refund, refund_id).state = "unknown"
    refund_answers.decide(w.actor, refund_id, went=False)


def _charge_back(w: World) -> int:
    return chargebacks.take_back(w.actor, w.payment, Money(500, "EUR"), key="case", reason="fraudulent")


def _cancel_and_refund(w: World) -> int:
    invoice_id = w.open_invoice
    collect_again(w)
    carry_on()
    return cancel_and_refund(w.actor, invoice_id, reason="falsch")


DEEDS: Mapping[str, tuple[Deed, ...]] = {
    "cancel_with_refund.cancel_and_refund": (Deed(lambda w: _cancel_and_refund(w), "invoice.cancelled"),),
    "refunds.order": (Deed(lambda w: refunds.order(w.actor, _cancelled(w), "transfer"), "refund.ordered"),),
    "refunds.approve": (Deed(lambda w: _approve_refund(w), "refund.approved"),),
    "refunds.withdraw": (Deed(lambda w: refunds.withdraw(w.actor, refund(w), "doch nicht"), "refund.withdrawn"),),
    "refunds.take_sent_back": (
        Deed(lambda w: [refunds.take_sent_back(w.actor, each, "Irrtum") for each in [refund(w)]
                        if refunds.note_sent(w.actor, each)], "refund.sent_taken_back"),),
    "refunds.note_sent": (Deed(lambda w: refunds.note_sent(w.actor, refund(w)), "refund.sent"),),
    "refunds.note_returned": (Deed(lambda w: _refund_came_back(w), "refund.returned"),),
    "refund_answers.decide": (Deed(lambda w: _decide_refund(w), "refund.decided"),),
    "chargebacks.take_back": (Deed(lambda w: _charge_back(w), "payment.charged_back"),),
    "chargebacks.undo": (Deed(lambda w: chargebacks.undo(w.actor, _charge_back(w)), "payment.chargeback_won"),),
}  # fmt: skip
