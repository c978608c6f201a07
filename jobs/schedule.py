"""The timetable: one list. The database says what is due and who has it; this only looks every few seconds."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from flask import Flask

from billing.errors import KontorError
from extensions import queues
from jobs import checks
from safety import trace_of
from services import (
    bank_import,
    billing_run,
    charge_days,
    charging,
    clock,
    clock_moves,
    contract_days,
    customer_exports,
    debits,
    dunning_run,
    dunning_settings,
    exports,
    mandates,
    method_days,
    over_keys,
    sealing,
    sweep,
    timetable,
    vat_bells,
)
from services.actor import SYSTEM
from services.timetable import Daily, Entry, Every, Pace
from services.unit import end_reading

logger = logging.getLogger("kontor.schedule")


def start_billing_run(slot_at: datetime) -> None:
    """Everything due until today; what was missed on other days is made up by "due <= today" (EB-5, EB-17)."""
    with timetable.done_with("billing_run", slot_at):
        billing_run.start(clock.today(), SYSTEM)


def bill_at_once(_slot_at: datetime) -> None:
    """The same, finished when it returns: the next simulated day begins with nothing left of this one."""
    billing_run.bill(clock.today(), SYSTEM)


def start_dunning_run(slot_at: datetime) -> None:
    """Whoever is due to be reminded today; what was missed is made up one level a run (F15)."""
    if dunning_settings.house().is_automatic:
        with timetable.done_with("dunning_run", slot_at):
            dunning_run.start(clock.today(), SYSTEM)


def dun_at_once(_slot_at: datetime) -> None:
    if dunning_settings.house().is_automatic:
        dunning_run.dun(clock.today(), SYSTEM)


def ring_contract_days(_slot_at: datetime) -> None:
    contract_days.ring()


def follow_contract_days(_slot_at: datetime) -> None:
    contract_days.follow_all()


def ring_collections(_slot_at: datetime) -> None:
    queues.ring_many("money", "jobs.payments.try_again", charging.due(sweep.MOST))


def collect_at_once(_slot_at: datetime) -> None:
    charge_days.follow_all()


def ring_sandbox_events(_slot_at: datetime) -> None:
    queues.ring("money", "jobs.payments.deliver_sandbox_events")


def ring_methods(_slot_at: datetime) -> None:
    queues.ring("money", "jobs.payments.follow_methods")


def follow_methods_at_once(_slot_at: datetime) -> None:
    method_days.follow_all()


def ring_check_books(slot_at: datetime) -> None:
    queues.ring("paper", "jobs.checks.check_books", slot_at.isoformat(), seconds=checks.SECONDS)


def ring_purge(_slot_at: datetime) -> None:
    queues.ring("paper", "jobs.purge.purge")


def ring_figures(_slot_at: datetime) -> None:
    queues.ring("paper", "jobs.figures.refresh")


def forget_exports(_slot_at: datetime) -> None:
    exports.forget_old()
    customer_exports.forget_old()


def look_after_debits(_slot_at: datetime) -> None:
    """Mandates that lapsed, and debits of what was paid otherwise (SEP-1, X-05)."""
    mandates.lapse()
    debits.withdraw_settled()


TIMETABLE: tuple[Entry, ...] = (
    Entry("contract_days", Daily(time(0, 30)), ring_contract_days, at_once=follow_contract_days),
    Entry("debits", Daily(time(0, 45)), look_after_debits),
    Entry("payment_methods", Daily(time(4, 50)), ring_methods, at_once=follow_methods_at_once),
    Entry("billing_run", Daily(timetable.RUN_AT), start_billing_run, at_once=bill_at_once),
    Entry("collections", Daily(time(5, 20)), ring_collections, at_once=collect_at_once),
    Entry("dunning_run", Daily(timetable.DUN_AT), start_dunning_run, at_once=dun_at_once),
    Entry(
        "check_books",
        Daily(time(3, 30)),
        ring_check_books,
        by_job=True,
        patience=timedelta(hours=2),
        pace=Pace.AFTERWARDS,
    ),  # fmt: skip
    Entry("forget_slots", Daily(time(4)), lambda _: timetable.forget_old(), pace=Pace.AFTERWARDS),
    Entry("forget_exports", Daily(time(4, 15)), forget_exports, pace=Pace.AFTERWARDS),
    Entry("forget_uploads", Daily(time(4, 20)), lambda _: bank_import.forget_uploads(), pace=Pace.AFTERWARDS),
    Entry("forget_keys", Daily(time(4, 30)), lambda _: over_keys.forget_old(), pace=Pace.AFTERWARDS),
    Entry("purge", Daily(time(4, 45)), ring_purge, pace=Pace.AFTERWARDS),
    Entry("sweep", Every(minutes=1), lambda _: sweep.sweep(), pace=Pace.ALWAYS),
    Entry("sandbox_events", Every(minutes=1), ring_sandbox_events, pace=Pace.AFTERWARDS),
    Entry("vat_checks", Every(minutes=30), lambda _: vat_bells.ring_due(), pace=Pace.AFTERWARDS),
    Entry("figures", Every(minutes=10), ring_figures, pace=Pace.AFTERWARDS),
    Entry("seal", Every(minutes=10), lambda _: sealing.seal() and None),
)


def tick(_app: Flask, entries: tuple[Entry, ...] = TIMETABLE) -> None:
    """Do every entry that is due and that nobody else has taken. One entry's failure does not touch the others.

    While the test clock is moved forward its days are lived by whoever moves it (services/clock_moves.py).
    """
    with clock.adopted():
        is_moving = clock_moves.running() is not None
        _tick([entry for entry in entries if entry.pace is Pace.ALWAYS or not is_moving])


def _tick(entries: Sequence[Entry]) -> None:
    for entry in entries:
        slot_at = timetable.take_due(entry)
        if slot_at is not None:
            _run(entry, slot_at)
        end_reading()


def _run(entry: Entry, slot_at: datetime) -> None:
    try:
        entry.run(slot_at)
    except Exception as error:
        code = error.code if isinstance(error, KontorError) else type(error).__name__
        logger.error("timetable: %s failed: %s", entry.name, trace_of(error))
        timetable.note_failed(entry.name, slot_at, code)
        return
    if not entry.by_job:
        timetable.note_done(entry.name, slot_at)
