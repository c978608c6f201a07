"""Deeds with reminders, holds, instalments and the settings of dunning."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from billing.instalments import monthly
from extensions import db
from models import Receivable, Reminder
from services import (
    base_rates,
    dunning_holds,
    dunning_level_edits,
    dunning_run,
    dunning_settings,
    dunning_stops,
    instalments,
    payments,
    reminder_papers,
)
from services.actor import SYSTEM
from services.dunning_levels import LevelWish
from services.unit import write
from tests.services.deeds.world import TODAY, Deed, World


def _in_parts(w: World) -> None:
    """Paid in two months."""
    cents = db.session.get_one(Receivable, w.receivable).open_cents
    instalments.agree(w.actor, w.receivable, monthly(cents, 2, date(2026, 12, 1)))


def _paid_after_all(w: World) -> None:
    """A first level that switches the contract off, and the money that comes then."""
    receivable = w.receivable
    dunning_settings.save_levels(w.actor, [LevelWish("Letzte Mahnung", 7, deactivate_after=True)])
    dunning_run.dun(TODAY, SYSTEM)
    owner = w.first(Receivable.customer_id, Receivable.id == receivable)
    owing = (Receivable.customer_id == owner, Receivable.open_cents > 0, Receivable.kind == "invoice")
    for invoice_id in list(db.session.scalars(select(Receivable.invoice_id).where(*owing))):
        payments.mark_paid(w.actor, invoice_id)
    dunning_stops.resume(receivable)


def _letter_that_failed(w: World) -> int:
    owed = db.session.get_one(Receivable, w.receivable)
    with write() as session:
        row = Reminder(
            customer_id=owed.customer_id, receivable_id=owed.id, level=1, name="Zahlungserinnerung", reminded_on=TODAY,
            pay_until=TODAY, open_cents=owed.open_cents, currency_code=owed.currency_code, letter_state="failed",
        )  # fmt: skip
        session.add(row)
        session.flush()
        return int(row.id)


DEEDS: Mapping[str, tuple[Deed, ...]] = {
    "dunning_run.start": (
        Deed(lambda w: dunning_run.start(TODAY, w.actor, ring=False), "dunning.started", None),),
    "dunning_run.dun": (
        Deed(lambda w: dunning_run.dun(TODAY, SYSTEM), "invoice.reminded", by="system"),
        Deed(lambda w: dunning_run.dun(TODAY, SYSTEM), "dunning.started", None, by="system")),
    "dunning_run.finish": (Deed(lambda w: dunning_run.dun(TODAY, SYSTEM), "dunning.finished", None, by="system"),),
    "dunning_stops.resume": (Deed(lambda w: _paid_after_all(w), "subscription.activated", by="system"),),
    "dunning_holds.hold_invoice": (
        Deed(lambda w: dunning_holds.hold_invoice(w.actor, w.receivable, "Kulanz"), "invoice.dunning_held"),),
    "dunning_holds.lift_invoice": (
        Deed(lambda w: [dunning_holds.hold_invoice(w.actor, w.receivable, "Kulanz"),
                        dunning_holds.lift_invoice(w.actor, w.receivable)], "invoice.dunning_released"),),
    "dunning_holds.hold_customer": (
        Deed(lambda w: dunning_holds.hold_customer(w.actor, w.customer, "Anwalt"), "customer.dunning_held"),),
    "dunning_holds.lift_customer": (
        Deed(lambda w: [dunning_holds.hold_customer(w.actor, w.customer, "Anwalt"),
                        dunning_holds.lift_customer(w.actor, w.customer)], "customer.dunning_released"),),
    "dunning_holds.dispute": (
        Deed(lambda w: dunning_holds.dispute(w.actor, w.receivable, "Nie bestellt"), "invoice.disputed"),),
    "dunning_holds.settle_dispute": (
        Deed(lambda w: [deed(w.actor, w.receivable, "Vertrag liegt vor") for deed in
                        (dunning_holds.dispute, dunning_holds.settle_dispute)], "invoice.dispute_settled"),),
    "instalments.agree": (Deed(lambda w: _in_parts(w), "invoice.instalments_agreed"),),
    "instalments.withdraw": (
        Deed(lambda w: [_in_parts(w), instalments.withdraw(w.actor, w.receivable)], "invoice.instalments_ended"),),
    "instalments.follow": (
        Deed(lambda w: [_in_parts(w), instalments.follow(date(2027, 6, 1))], "invoice.instalments_ended",
             by="system"),),
    "dunning_settings.save_levels": (
        Deed(lambda w: dunning_settings.save_levels(w.actor, [LevelWish("Erinnerung", 10)]), "dunning.levels_changed",
             None),),
    "dunning_settings.save_house": (
        Deed(lambda w: dunning_settings.save_house(w.actor, dunning_settings.House(minimum_cents=500)),
             "dunning.settings_changed", None),),
    "dunning_level_edits.take_recommended": (
        Deed(lambda w: [dunning_settings.save_levels(w.actor, []), dunning_level_edits.take_recommended(w.actor)],
             "dunning.levels_changed", None),),
    "dunning_level_edits.add": (
        Deed(lambda w: dunning_level_edits.add(w.actor, LevelWish("Anruf", 90)), "dunning.levels_changed", None),),
    "dunning_level_edits.change": (
        Deed(lambda w: dunning_level_edits.change(w.actor, 1, LevelWish("Anruf", 90),
                                                  dunning_level_edits.fingerprint()), "dunning.levels_changed", None),),
    "dunning_level_edits.remove": (
        Deed(lambda w: dunning_level_edits.remove(w.actor, 1, dunning_level_edits.fingerprint()),
             "dunning.levels_changed", None),),
    "base_rates.enter": (
        Deed(lambda w: base_rates.enter(w.actor, date(2026, 7, 1), Decimal("1.27")), "dunning.base_rate_entered",
             None),),
    "base_rates.remove": (
        Deed(lambda w: [base_rates.enter(w.actor, date(2026, 7, 1), Decimal("1.27")),
                        base_rates.remove(w.actor, date(2026, 7, 1))], "dunning.base_rate_removed", None),),
    "reminder_papers.retry": (
        Deed(lambda w: reminder_papers.retry(w.actor, _letter_that_failed(w)), "reminder.letter_retried"),),
}  # fmt: skip
