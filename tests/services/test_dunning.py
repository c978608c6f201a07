"""Dunning as deeds: the run reminds once a level, leaves alone whom it must, and stops when the money comes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from billing.errors import AlreadyDone
from billing.money import Money
from extensions import db
from models import Message, Receivable, Reminder
from services import (
    billing_run,
    clock,
    dunning_chunk,
    dunning_holds,
    dunning_preview,
    dunning_rows,
    dunning_run,
    dunning_settings,
    messages,
    payment_changes,
    runs,
)
from services.actor import SYSTEM
from services.load import seed_load
from services.payments import mark_paid, record_payment
from tests.services.reminding import (
    ANKE,
    DUE,
    after,
    books_hold,
    dun,
    levels_of,
    of_invoice,
    sent,
    set_levels,
    statements,
)


@pytest.mark.feature("M2-12")
@pytest.mark.feature("M2-15")
@pytest.mark.feature("M2-23")
@pytest.mark.feature("X-12")
def test_an_open_invoice_climbs_one_level_after_the_other_and_the_books_hold(owed: Receivable) -> None:
    days = [after(n) for n in range(0, 31)]
    assert {(day - DUE).days: taken for day in days if (taken := levels_of(day))} == {7: [1], 14: [2], 21: [3], 28: [4]}
    assert sent() == [(0, n, after(7 * n)) for n in (1, 2, 3, 4)]
    row = of_invoice(owed)
    assert (row.dunning_level, row.reminded_on, row.amount_cents) == (4, after(28), owed.amount_cents)
    assert books_hold(after(28))


@pytest.mark.feature("EB-23")
def test_again_on_the_same_day_reminds_nobody_and_mails_once(owed: Receivable) -> None:
    assert [levels_of(after(7)) for _ in range(3)] == [[1], [], []]
    events = db.session.scalars(select(Message.event).where(Message.template == "reminder")).all()
    assert events == [f"reminder:{db.session.scalars(select(Reminder.id)).one()}"]


@pytest.mark.feature("MAH-7")
def test_a_reminder_that_has_not_left_is_not_sent_to_who_has_paid(owed: Receivable) -> None:
    dun(after(7), leaves=False)
    with clock.stand_at(after(7)):
        mark_paid(ANKE, owed.invoice_id or 0)
        (mail,) = db.session.scalars(select(Message.id).where(Message.template == "reminder")).all()
        assert messages.send(mail) == "stopped"


@pytest.mark.feature("F15")
def test_three_weeks_without_a_run_are_made_up_one_level_a_run(owed: Receivable) -> None:
    """One a run, and none before the deadline in the letter of the one before has passed."""
    days = (30, 31, 36, 37, 44, 51, 60)
    assert [levels_of(after(n)) for n in days] == [[1], [], [], [2], [3], [4], []]


@pytest.mark.feature("M2-12")
def test_the_report_counts_what_was_looked_at(context: Flask) -> None:
    seed_load(SYSTEM, 5, date(2026, 11, 1))
    billing_run.bill(date(2026, 11, 1), SYSTEM)
    first, second, third = db.session.scalars(select(Receivable.id).order_by(Receivable.id).limit(3)).all()
    with clock.stand_at(after(1)):
        mark_paid(ANKE, db.session.get_one(Receivable, first).invoice_id or 0)
        dunning_holds.hold_invoice(ANKE, second, "Kulanz", after(20))
        dunning_holds.dispute(ANKE, third, "Nie bestellt")
    done = dun(after(7))
    assert (done.examined, len(done.reminded), done.collected, done.held) == (4, 2, 0, 2)
    assert done.why == {"on_hold": 1, "disputed": 1} and done.failures == []
    chunk = db.session.execute(text("SELECT examined, reminded, held, failed, state FROM dunning_chunks")).one()
    assert tuple(chunk) == (4, 2, 2, 0, "done")


@pytest.mark.feature("EB-54")
@pytest.mark.feature("M2-14")
def test_a_payment_ends_the_dunning_and_what_is_owed_again_begins_at_the_first_level(owed: Receivable) -> None:
    assert levels_of(after(7)) == [1] and levels_of(after(14)) == [2]
    with clock.stand_at(after(15)):
        payment = mark_paid(ANKE, owed.invoice_id or 0)
    assert (of_invoice(owed).dunning_level, of_invoice(owed).reminded_on) == (0, None)
    assert dun(after(21)).examined == 0
    with clock.stand_at(after(40)):
        payment_changes.cancel(ANKE, payment, "Rücklastschrift")
    row = of_invoice(owed)
    assert (row.dunning_round, row.reopened_on) == (1, after(40))
    assert [levels_of(after(n)) for n in (41, 46, 47)] == [[], [], [1]]
    assert [(turn, level) for turn, level, _ in sent()] == [(0, 1), (0, 2), (1, 1)]


def test_a_part_payment_leaves_the_level_and_the_rest_is_asked_for(owed: Receivable) -> None:
    whole = owed.open_cents
    assert levels_of(after(7)) == [1]
    with clock.stand_at(after(8)):
        record_payment(ANKE, owed.id, Money(100, "EUR"))
    assert of_invoice(owed).dunning_level == 1
    assert levels_of(after(14)) == [2]
    assert db.session.scalars(select(Reminder.open_cents).order_by(Reminder.id)).all() == [whole, whole - 100]


@pytest.mark.feature("M2-22")
@pytest.mark.feature("MAH-7")
def test_what_staff_decide_holds_for_the_next_run(owed: Receivable) -> None:
    own = dunning_settings.House(minimum_cents=owed.open_cents + 1)
    dunning_settings.save_house(ANKE, own)
    assert dict(dun(after(7)).why) == {"below_minimum": 1}
    with pytest.raises(AlreadyDone):
        dunning_settings.save_house(ANKE, own)
    dunning_settings.save_house(ANKE, dunning_settings.House(days_between=10))
    assert [levels_of(after(n)) for n in (8, 14, 17, 18)] == [[1], [], [], [2]]


@pytest.mark.feature("M2-15")
def test_without_levels_nobody_is_reminded_and_the_run_says_so(owed: Receivable) -> None:
    set_levels()
    with clock.stand_at(after(7)):
        report = dunning_run.dun(after(7), SYSTEM)
        ahead = ("day_ahead", {"on": after(8).isoformat()})
        assert dunning_run.warnings_of(after(8)) == [ahead, ("no_levels", {})], "a sandbox may, and is told"
    assert (report.done.reminded, report.warnings) == ([], [("no_levels", {})])


def test_the_preview_says_the_steps_of_the_run_beforehand(owed: Receivable) -> None:
    with clock.stand_at(after(7)):
        said = dunning_preview.report(after(7)).done
    assert (said.examined, [level for _, level in said.reminded], sent()) == (1, [1], [])
    assert [levels_of(after(7)) for _ in range(2)] == [[1], []]


@pytest.mark.feature("F5")
@pytest.mark.feature("F15")
def test_what_a_dead_run_left_over_is_done_as_of_today(owed: Receivable) -> None:
    """Killed on the first level's day, found by the sweeper three weeks later: no deadline in the past, one level."""
    with clock.stand_at(after(7)):
        run_id = dunning_run.start(after(7), SYSTEM, ring=False)
    with clock.stand_at(after(28)):
        (chunk_id,) = runs.waiting_chunks(runs.DUNNING, 10)
        dunning_chunk.run_chunk(chunk_id)
        assert runs.waiting_runs(runs.DUNNING, 10) == [run_id]
        dunning_run.finish_run_of(chunk_id)
        assert runs.waiting_runs(runs.DUNNING, 10) == []
    assert sent() == [(0, 1, after(28))] and levels_of(after(28)) == []
    assert db.session.scalars(select(Reminder.pay_until)).one() == after(34)


@pytest.mark.feature("EB-25")
def test_one_bad_receivable_stops_no_other(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    seed_load(SYSTEM, 3, date(2026, 11, 1))
    billing_run.bill(date(2026, 11, 1), SYSTEM)
    bad = db.session.scalars(select(Receivable.id).order_by(Receivable.id)).all()[1]
    really = dunning_rows._write_reminders

    def refusing(session: Any, numbered: Any, *rest: Any) -> None:
        if any(each.facts.row.id == bad for _, each in numbered):
            raise ValueError("geheim")
        really(session, numbered, *rest)

    monkeypatch.setattr(dunning_rows, "_write_reminders", refusing)
    done = dun(after(7))
    assert (len(done.reminded), done.failures) == (2, [(bad, "ValueError")])
    assert of_invoice(db.session.get_one(Receivable, bad)).dunning_level == 0


def test_a_chunk_takes_as_many_statements_for_ten_as_for_three(context: Flask) -> None:
    counted = []
    for customers, on in ((3, date(2026, 11, 1)), (10, date(2026, 11, 2))):
        seed_load(SYSTEM, customers, on)
        billing_run.bill(on, SYSTEM)
        counted.append(statements(lambda day=on + timedelta(21): levels_of(day)))
    assert counted[0] == counted[1]
