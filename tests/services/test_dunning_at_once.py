"""Dunning beside payments and other runs in the same minute: the payment wins, and nobody is reminded twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from billing.instalments import monthly
from extensions import db
from models import Receivable, Reminder
from services import billing_run, clock, dunning_run, instalments
from services.actor import SYSTEM
from services.dunning import do_work, find_work
from services.dunning_cases import look_at
from services.dunning_steps import read_setting
from services.load import seed_load
from services.payments import mark_paid
from services.unit import end_reading, insistent, write
from tests.at_once import at_once, one_waits
from tests.services.reminding import ANKE, after, books_hold, dun, mails_leave, of_invoice, sent

MANY = 6


def looked_at() -> list[int]:
    """What a run sees before it takes any lock."""
    end_reading()
    ids = [row.id for row in look_at(db.session(), [], after(7))]
    end_reading()
    return ids


def remind(owed: Receivable) -> None:
    """What a chunk does, inside one transaction."""
    with write() as session:
        do_work(session, find_work(session, [owed.id], read_setting(), after(7), lock=True), SYSTEM, None)


def pay(owed: Receivable) -> None:
    mark_paid(ANKE, owed.invoice_id or 0)


def agree(owed: Receivable) -> None:
    """On two instalments, from two weeks on."""
    instalments.agree(ANKE, owed.id, monthly(owed.open_cents, 2, after(20)))


meanwhile = pytest.mark.parametrize("deed", [pay, agree])


@pytest.mark.feature("MAH-7")
@pytest.mark.feature("X-12")
@meanwhile
def test_a_payment_or_instalments_in_the_same_minute_win(owed: Receivable, deed: Callable[[Receivable], None]) -> None:
    """The run has looked, the money or the word comes, the run goes on: under the locks it looks again."""
    with clock.stand_at(after(7)):
        ids = looked_at()
        deed(owed)
        with write() as session:
            done = do_work(session, find_work(session, ids, read_setting(), after(7), lock=True), SYSTEM, None)
    assert (ids, done.reminded, sent()) == ([owed.id], [], [])


@pytest.mark.feature("MAH-7")
@meanwhile
def test_without_looking_again_they_would_be_reminded(owed: Receivable, deed: Callable[[Receivable], None]) -> None:
    """The negative control: decided by what was seen before the locks."""
    with clock.stand_at(after(7)):
        work = find_work(db.session(), looked_at(), read_setting(), after(7), lock=False)
        deed(owed)
        with write() as session:
            done = do_work(session, work, SYSTEM, None)
    assert len(done.reminded) == 1


@pytest.mark.feature("MAH-7")
def test_a_run_that_begins_while_the_payment_is_booked_waits_and_reminds_nobody(
    context: Flask, owed: Receivable
) -> None:
    with clock.stand_at(after(7)):
        assert one_waits(context, partial(pay, owed), partial(dunning_run.dun, after(7), SYSTEM)) == "done"
    assert sent() == [] and of_invoice(owed).open_cents == 0


@pytest.mark.feature("MAH-7")
def test_a_payment_that_comes_while_the_reminder_is_written_waits_and_settles_it(
    context: Flask, owed: Receivable
) -> None:
    """Who was reminded before the money came was reminded rightly; what is paid then stands at no level."""
    with clock.stand_at(after(7)):
        assert one_waits(context, partial(remind, owed), partial(pay, owed)) == "done"
    row = of_invoice(owed)
    assert len(sent()) == 1 and (row.open_cents, row.dunning_level) == (0, 0)
    assert books_hold(after(7))


@pytest.mark.feature("MAH-7")
def test_a_run_that_begins_while_instalments_are_agreed_waits_and_reminds_nobody(
    context: Flask, owed: Receivable
) -> None:
    with clock.stand_at(after(7)):
        assert one_waits(context, partial(agree, owed), partial(dunning_run.dun, after(7), SYSTEM)) == "done"
    assert sent() == [] and books_hold(after(7))


@pytest.mark.feature("MAH-7")
def test_instalments_that_are_agreed_while_the_reminder_is_written_hold_the_next_one(
    context: Flask, owed: Receivable
) -> None:
    with clock.stand_at(after(7)):
        assert one_waits(context, partial(remind, owed), partial(agree, owed)) == "done"
    mails_leave(after(7))
    assert dun(after(14)).why == {"instalments": 1}
    assert [level for _, level, _ in sent()] == [1] and books_hold(after(14))


@pytest.mark.feature("EB-23")
def test_two_runs_at_once_remind_once(context: Flask, owed: Receivable) -> None:
    with clock.stand_at(after(7)):
        outcomes = at_once(context, [partial(dunning_run.dun, after(7), SYSTEM)] * 4)
    assert set(outcomes) <= {"done", "run_just_finished"} and len(sent()) == 1


@pytest.mark.feature("EB-23")
def test_without_the_locks_the_second_of_two_runs_breaks_on_the_index(owed: Receivable) -> None:
    """The negative control: both decided by what they had seen before either wrote; one reminder stands."""
    with clock.stand_at(after(7)):
        works = [find_work(db.session(), looked_at(), read_setting(), after(7), lock=False) for _ in range(2)]
        with write() as session:
            do_work(session, works[0], SYSTEM, None)
        with pytest.raises(IntegrityError), write() as session:
            do_work(session, works[1], SYSTEM, None)
    assert len(sent()) == 1


@pytest.mark.feature("MAH-7")
@pytest.mark.feature("EB-23")
def test_payments_and_two_runs_at_once(app: Flask) -> None:
    with app.app_context():
        seed_load(SYSTEM, MANY, date(2026, 11, 1))
        billing_run.bill(date(2026, 11, 1), SYSTEM)
        invoices = list(db.session.scalars(select(Receivable.invoice_id).order_by(Receivable.id)))
        db.session.remove()
        with clock.stand_at(after(7)):
            deeds = [lambda invoice=invoice: insistent(lambda: mark_paid(ANKE, invoice)) for invoice in invoices]
            outcomes = at_once(app, [*[lambda: dunning_run.dun(after(7), SYSTEM)] * 2, *deeds])
        assert set(outcomes) <= {"done", "run_just_finished"} and outcomes.count("done") >= MANY + 1
        end_reading()
        rows = db.session.scalars(select(Receivable)).all()
        assert {(row.open_cents, row.dunning_level) for row in rows} == {(0, 0)}
        told = db.session.execute(select(Reminder.receivable_id, Reminder.open_cents)).tuples().all()
        assert len({key for key, _ in told}) == len(told) and all(cents > 0 for _, cents in told)
        assert books_hold(after(7))
