"""What screens show of dunning, in a fixed number of statements."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from billing.instalments import monthly
from extensions import db
from models import Invoice, Receivable, Run
from queries.cards.dunning import Reminders, invoice_dunning, reminders_of_customer
from queries.dunning_runs import get_dunning_run
from services import billing_run, clock, dunning_holds, dunning_lists, instalments
from services.actor import SYSTEM
from services.load import seed_load
from tests.services.reminding import ANKE, WITH_LETTERS, after, dun, levels_of, set_levels, statements

DAY = date(2026, 11, 1)


@pytest.fixture
def owing(context: Flask) -> list[tuple[int, int]]:
    """(receivable, invoice) of three customers who were reminded twice, with a fee; the third one is left alone."""
    seed_load(SYSTEM, 3, DAY)
    billing_run.bill(DAY, SYSTEM)
    set_levels(*WITH_LETTERS)
    rows = db.session.execute(select(Receivable.id, Receivable.invoice_id).order_by(Receivable.id)).tuples().all()
    found = [(key, invoice or 0) for key, invoice in rows]
    with clock.stand_at(after(6)):
        dunning_holds.hold_customer(ANKE, db.session.get_one(Receivable, found[2][0]).customer_id, "Anwalt")
    assert levels_of(after(7)) == [1, 1]
    return found


@pytest.mark.feature("MAH-8")
@pytest.mark.feature("X-12")
def test_an_invoice_tells_its_level_what_was_sent_and_when_it_lapses(owing: list[tuple[int, int]]) -> None:
    (key, invoice), _, (_, held) = owing
    assert levels_of(after(14)) == [2, 2]
    with clock.stand_at(after(15)):
        dunning_holds.hold_invoice(ANKE, key, "Kulanz", after(20))
        instalments.agree(ANKE, key, monthly(db.session.get_one(Receivable, key).open_cents, 2, after(30)))
    found = invoice_dunning(invoice)
    assert found is not None and found.plan is not None
    assert (found.level, found.reminded_on, found.lapses_on) == (2, after(14), date(2029, 12, 31))
    assert (found.hold_reason, found.hold_until, len(found.plan.parts)) == ("Kulanz", after(20), 2)
    assert found.damages_open_cents == 70
    assert [(row.level, row.name, row.fee_cents) for row in found.sent] == [
        (1, "Zahlungserinnerung", 0), (2, "1. Mahnung", 70),
    ]  # fmt: skip
    other = invoice_dunning(held)
    assert other is not None and (other.customer_hold_reason, other.sent) == ("Anwalt", ())
    assert invoice_dunning(999_999) is None


@pytest.mark.feature("X-12")
def test_a_run_tells_what_was_sent_and_why_others_were_left_alone(owing: list[tuple[int, int]]) -> None:
    run = get_dunning_run(db.session.scalars(select(Run.id).where(Run.kind == "dunning")).one())
    assert run is not None
    assert (run.examined, run.reminded, run.held, run.failed, run.why) == (3, 2, 1, 0, (("on_hold", 1),))
    assert (run.state, run.per_cent, run.chunks_done, len(run.reminders), run.more) == ("finished", 100, 1, 2, None)
    assert get_dunning_run(db.session.scalars(select(Run.id).where(Run.kind == "billing")).one()) is None


def test_as_many_statements_for_many_reminders_as_for_few(owing: list[tuple[int, int]]) -> None:
    invoice = owing[0][1]
    few = statements(lambda: invoice_dunning(invoice))
    dun(after(14))
    assert statements(lambda: invoice_dunning(invoice)) == few


@pytest.mark.feature("X-12")
def test_the_preview_shows_whom_what_and_whom_not(owing: list[tuple[int, int]]) -> None:
    with clock.stand_at(after(14)):
        found = dunning_lists.preview(after(14))
    assert [(row.level, row.fee_cents, row.by_mail) for row in found.reminders] == [(2, 70, True)] * 2
    assert [(row.invoice_id, row.code) for row in found.waiting] == [(owing[2][1], "on_hold")]
    assert (found.examined, found.reminded, found.held) == (3, 2, 1)


@pytest.mark.feature("X-12")
def test_a_customer_s_reminders_are_told_with_how_they_went_out_the_newest_first(owing: list[tuple[int, int]]) -> None:
    invoice = owing[0][1]
    whose = db.session.get_one(Invoice, invoice).customer_id
    few = statements(lambda: reminders_of_customer(whose))
    assert levels_of(after(14)) == [2, 2]
    assert statements(lambda: reminders_of_customer(whose)) == few == 1
    found = reminders_of_customer(whose)
    assert found.count == 2 and reminders_of_customer(whose, 1).rows == found.rows[:1]
    assert [(row.invoice_id, row.name, row.reminded_on, row.fee_cents, row.mail_state, row.letter_state)
            for row in found.rows] == [
        (invoice, "1. Mahnung", after(14), 70, "sent", "pending"),
        (invoice, "Zahlungserinnerung", after(7), 0, "sent", "none"),
    ]  # fmt: skip
    assert reminders_of_customer(999_999) == Reminders((), 0)
