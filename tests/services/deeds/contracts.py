"""Deeds with subscriptions, what was used of them, their coupons and shipments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from extensions import db
from models import CouponRedemption, Customer, UsageRecord
from services import (
    billing_run,
    card_booking,
    clock,
    contract_changes,
    contract_days,
    contract_ends,
    contract_pauses,
    contract_plans,
    contract_rhythm,
    contract_switch,
    redemptions,
    shipments,
    usage,
)
from services.actor import SYSTEM
from services.subscriptions import Booking, Order, create_subscription
from tests.services.deeds.world import Deed, World


def _close(w: World) -> None:
    """The day after a contract's last one, everything billed."""
    contract_ends.cancel(w.actor, w.contracts["old"])
    with clock.stand_at(date(2027, 3, 1)):
        billing_run.bill(clock.today(), SYSTEM)
        contract_days.follow(w.contracts["old"])


def _book(w: World) -> None:
    """From the card: the record looked over, the contract, the customer asked for the account."""
    seen = card_booking.Reviewed(db.session.get_one(Customer, w.customer).version)
    card_booking.book(w.actor, Order(w.customer, Booking("plan")), seen, card_booking.Paying(ask=True))


DEEDS: Mapping[str, tuple[Deed, ...]] = {
    "subscriptions.create_subscription": (
        Deed(lambda w: create_subscription(w.actor, Order(w.customer, Booking("plan"))), "subscription.created"),),
    "card_booking.book": (
        Deed(lambda w: _book(w), "subscription.created"), Deed(lambda w: _book(w), "customer.payment_data_asked")),
    "contract_changes.change": (
        Deed(lambda w: contract_changes.change(
            w.actor, w.contracts["plain"], contract_changes.Change(quantity=Decimal(3))), "subscription.changed"),
        Deed(lambda w: contract_changes.change(w.actor, w.contracts["plain"], contract_changes.Change(
            addons=(Booking("extra"),), at_period_end=True)), "subscription.change_planned")),
    "contract_plans.withdraw_planned": (
        Deed(lambda w: contract_plans.withdraw_planned(w.actor, w.contracts["planned"]),
             "subscription.change_withdrawn"),),
    "contract_ends.cancel": (
        Deed(lambda w: contract_ends.cancel(w.actor, w.contracts["plain"], note="Umzug"), "subscription.cancelled"),),
    "contract_ends.withdraw_cancellation": (
        Deed(lambda w: contract_ends.withdraw_cancellation(w.actor, w.contracts["cancelled"]),
             "subscription.reactivated"),),
    "contract_ends.close": (Deed(_close, "subscription.closed", by="system"),),
    "contract_days.follow": (Deed(_close, "subscription.closed", by="system"),),
    "contract_pauses.pause": (
        Deed(lambda w: contract_pauses.pause(w.actor, w.contracts["plain"]), "subscription.paused"),),
    "contract_pauses.resume": (
        Deed(lambda w: contract_pauses.resume(w.actor, w.contracts["paused"]), "subscription.resumed"),),
    "contract_rhythm.set_next_payment": (
        Deed(lambda w: contract_rhythm.set_next_payment(w.actor, w.contracts["plain"], date(2026, 12, 9)),
             "subscription.collection_moved"),),
    "contract_rhythm.postpone": (
        Deed(lambda w: contract_rhythm.postpone(w.actor, w.contracts["plain"], 1), "subscription.collection_moved"),),
    "contract_rhythm.renew": (
        Deed(lambda w: contract_rhythm.renew(w.actor, w.contracts["plain"]), "subscription.collection_moved"),),
    "contract_rhythm.move_billing_day": (
        Deed(lambda w: contract_rhythm.move_billing_day(w.actor, w.contracts["plain"], date(2026, 12, 15)),
             "subscription.billing_day_moved"),),
    "contract_switch.deactivate": (
        Deed(lambda w: contract_switch.deactivate(w.actor, w.contracts["plain"], "Test"), "subscription.deactivated"),),
    "contract_switch.activate": (
        Deed(lambda w: contract_switch.activate(w.actor, w.contracts["off"]), "subscription.activated"),),
    "contract_switch.update_details": (
        Deed(lambda w: contract_switch.update_details(w.actor, w.contracts["plain"], {"title": "Werkstatt"}),
             "subscription.details_changed"),),
    "billing_run.confirm_periods": (
        Deed(lambda w: billing_run.confirm_periods(w.actor, w.contracts["plain"]), "subscription.periods_confirmed"),),
    "redemptions.redeem": (
        Deed(lambda w: redemptions.redeem(w.actor, w.contracts["usage"], "NEU"), "coupon.redeemed"),),
    "redemptions.end_redemption": (
        Deed(lambda w: redemptions.end_redemption(w.actor, w.first(CouponRedemption.id)), "coupon.ended"),),
    "usage.record_usage": (
        Deed(lambda w: usage.record_usage(w.actor, usage.Used(w.contracts["plain"], "minute", Decimal(7))),
             "usage.recorded"),),
    "usage.delete_usage": (Deed(lambda w: usage.delete_usage(w.actor, w.first(UsageRecord.id)), "usage.deleted"),),
    "shipments.create_shipment": (
        Deed(lambda w: shipments.create_shipment(w.actor, shipments.Delivery(w.contracts["plain"])),
             "shipment.created"),),
    "shipments.change_shipment": (
        Deed(lambda w: shipments.change_shipment(w.actor, w.more["shipment"], {
            "status": "delivered", "articles": [{"article_number": "plan", "title": "Tarif", "quantity": "2"}]}),
             "shipment.changed"),),
    "shipments.delete_shipment": (
        Deed(lambda w: shipments.delete_shipment(w.actor, w.more["shipment"]), "shipment.deleted"),),
    "card_booking.ask_for_data": (
        Deed(lambda w: card_booking.ask_for_data(w.actor, w.customer), "customer.payment_data_asked"),),
}  # fmt: skip
