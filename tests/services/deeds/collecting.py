"""Deeds with kept payment methods, and with what is charged to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from billing.money import Money
from extensions import db
from gateways.sandbox import SandboxGateway
from models import Collection, CustomerCode, PaymentAttempt, PaymentMethod
from services import (
    attempt_decisions,
    attempts,
    billing_run,
    charging,
    clock,
    customers,
    given_up_documents,
    method_days,
    method_holds,
    method_removal,
    method_setups,
    paid_credit,
    payment_methods,
    payment_settings,
    payment_wishes,
    providers,
)
from services.actor import SYSTEM
from services.code_digits import code_of
from services.payment_rows import credit_of
from services.unit import end_reading, write
from tests.services.charged import keep_card
from tests.services.deeds.world import Deed, World


def _awaiting(w: World, card: str) -> int:
    """A document of the next month that is charged to a test card, as far as its provider's answer."""
    keep_card(w.customer, card)
    credit_left = credit_of(db.session(), w.customer, "EUR")
    paid_credit.pay_out(SYSTEM, w.customer, Money(credit_left, "EUR"))  # it would settle the document by itself
    with clock.stand_at(date(2026, 12, 1)):
        billing_run.bill(clock.today(), SYSTEM)
        carry_on()
    end_reading()
    return int(w.last(Collection.invoice_id, Collection.customer_id == w.customer))


def carry_on() -> None:
    for attempt_id in attempts.waiting(10):
        attempts.carry_on(attempt_id)


def _given_up(w: World) -> int:
    return _awaiting(w, "declines_hard")


def _begin_setup(w: World) -> int:
    url = method_setups.begin_setup(w.actor, w.customer, method_setups.Way("card", "sandbox"), lambda key: "/")
    return int(w.last(PaymentMethod.id, PaymentMethod.setup_id == url.rpartition("/")[2]))


def _kept_by_page(w: World) -> None:
    method_id = _begin_setup(w)
    gateway = providers.offered()["sandbox"]
    assert isinstance(gateway, SandboxGateway)
    gateway.choose(db.session.get_one(PaymentMethod, method_id).setup_id or "", "succeeds")
    method_setups.finish_setup(method_id)


def _lost_setup(w: World) -> None:
    method_days.give_up(_begin_setup(w))


def _held(w: World) -> int:
    """A card that was declined for good."""
    method_id = keep_card(w.customer, "succeeds")
    with write() as session:
        method_holds.hold(session, method_id, method_holds.DECLINED)
    return method_id


def _kept_aside(w: World) -> int:
    """A kept card that the customer does not pay by."""
    method_id = keep_card(w.customer, "succeeds")
    customers.update_customer(w.actor, w.customer, {"payment_type": 1})
    return method_id


def _code_of(w: World) -> str:
    end_reading()
    return code_of(db.session.get_one(CustomerCode, w.last(CustomerCode.id)))


def _confirmed_removal(w: World) -> None:
    payment_wishes.ask(w.customer, payment_wishes.Wish("remove", method_id=_kept_aside(w)))
    payment_wishes.confirm(w.customer, _code_of(w))


def _asked_again(w: World) -> None:
    payment_wishes.ask(w.customer, payment_wishes.Wish("remove", method_id=_kept_aside(w)))
    payment_wishes.send_again(w.customer)


def _renewed(w: World) -> None:
    method_id = keep_card(w.customer, "expired")
    token = db.session.get_one(PaymentMethod, method_id).token
    method_days.hear_update("sandbox", token, {"expires_on": "2031-12-31"})


def _try_another_card(w: World) -> None:
    invoice_id = _given_up(w)
    keep_card(w.customer, "succeeds")
    charging.try_again(invoice_id, w.actor, early=True)
    carry_on()


def _try_now(w: World) -> None:
    invoice_id = _given_up(w)
    keep_card(w.customer, "succeeds")
    charging.try_now(w.actor, invoice_id)


def _unanswered(w: World) -> int:
    _awaiting(w, "times_out_before")
    return w.first(PaymentAttempt.id, PaymentAttempt.state == "unknown")


def _keep_another_card(w: World) -> None:
    _awaiting(w, "expired")
    keep_card(w.customer, "succeeds")
    charging.try_all_of(w.customer)
    carry_on()


def _try_without_card(w: World) -> None:
    invoice_id = _awaiting(w, "expired")
    with clock.stand_at(date(2026, 12, 1)):
        charging.try_again(invoice_id)


def collect_again(w: World) -> None:
    keep_card(w.customer, "succeeds")
    charging.collect_again(w.actor, w.receivable)


DEEDS: Mapping[str, tuple[Deed, ...]] = {
    "given_up_documents.issue_open": (
        Deed(lambda w: given_up_documents.issue_open(w.actor, _given_up(w)), "collection.issued_open"),
        Deed(lambda w: _given_up(w), "payment.declined", by="system"),
        Deed(lambda w: _given_up(w), "collection.given_up", by="system")),
    "given_up_documents.release": (
        Deed(lambda w: given_up_documents.release(w.actor, _given_up(w)), "collection.released"),),
    "charging.try_again": (
        Deed(lambda w: _try_another_card(w), "payment.tried_again"),
        Deed(lambda w: _try_another_card(w), "payment.collected", by="system"),
        Deed(lambda w: _try_without_card(w), "payment.method_missing", by="system")),
    "charging.try_now": (
        Deed(lambda w: _try_now(w), "payment.tried_again"),),
    "attempt_decisions.decide": (
        Deed(lambda w: attempt_decisions.decide(w.actor, _unanswered(w), went=False), "payment.decided"),),
    "charging.try_all_of": (
        Deed(lambda w: _keep_another_card(w), "payment.collected", by="system"),),
    "charging.collect_again": (
        Deed(lambda w: collect_again(w), "payment.tried_again"),),
    "method_setups.begin_setup": (Deed(lambda w: _begin_setup(w), "payment.method_begun"),),
    "method_setups.finish_setup": (
        Deed(lambda w: _kept_by_page(w), "payment.method_added", by="customer"),
        Deed(lambda w: _lost_setup(w), "payment.method_failed", by="system")),
    "payment_methods.make_default": (
        Deed(lambda w: payment_methods.make_default(w.actor, _kept_aside(w)), "payment.method_chosen"),),
    "payment_methods.use_again": (
        Deed(lambda w: payment_methods.use_again(w.actor, _held(w)), "payment.method_freed"),),
    "payment_methods.assign": (
        Deed(lambda w: payment_methods.assign(w.actor, w.contracts["usage"], keep_card(w.customer, "succeeds")),
             "subscription.details_changed"),),
    "method_removal.remove": (
        Deed(lambda w: method_removal.remove(w.actor, keep_card(w.customer, "succeeds")), "payment.method_removed"),),
    "payment_wishes.ask": (
        Deed(lambda w: payment_wishes.ask(w.customer, payment_wishes.Wish("remove", method_id=_kept_aside(w))),
             "customer.code_sent", by="customer"),),
    "payment_wishes.confirm": (Deed(lambda w: _confirmed_removal(w), "payment.method_removed", by="customer"),),
    "payment_wishes.do": (
        Deed(lambda w: payment_wishes.do(w.customer, payment_wishes.Wish("remove", method_id=_kept_aside(w))),
             "payment.method_removed", by="customer"),
    ),
    "payment_wishes.send_again": (Deed(lambda w: _asked_again(w), "customer.code_sent", by="customer"),),
    "method_days.expire": (
        Deed(lambda w: method_days.expire(keep_card(w.customer, "expired")), "payment.method_expired", by="system"),),
    "method_days.notice": (
        Deed(lambda w: method_days.notice(keep_card(w.customer, "succeeds")), "payment.method_expiring",
             by="system"),),
    "method_days.give_up": (Deed(lambda w: _lost_setup(w), "payment.method_failed", by="system"),),
    "method_days.hear_update": (
        Deed(lambda w: _renewed(w), "payment.method_renewed", by="system"),),
    "payment_settings.change_payment_settings": (
        Deed(lambda w: payment_settings.change_payment_settings(w.actor, {"action_days": 3}),
             "settings.payments_changed", None),),
}  # fmt: skip
