"""A reminder that has not left the house starts nothing: no default, no interest, no days to pay, no further level."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from billing.default import REMINDED
from extensions import db
from models import Receivable, Reminder
from services import clock, dunning_holds, dunning_lists, reminder_letters
from services.dunning_claims import default_since
from services.dunning_lists import WaitingRow
from services.unit import end_reading
from tests.services.reminding import ANKE, LEVELS, after, dun, levels_of, mails_leave, set_levels


def preview(on: date) -> tuple[dict[str, int], list[WaitingRow]]:
    with clock.stand_at(on):
        found = dunning_lists.preview(on)
    return dict(found.why), found.waiting


def default_of(owed: Receivable) -> Any:
    end_reading()
    return default_since(owed.id)


@pytest.mark.feature("MAH-1", "MAH-7")
def test_while_the_outbox_is_down_nothing_runs_and_then_the_days_count_from_the_leaving(owed: Receivable) -> None:
    set_levels(replace(LEVELS[0], days_to_pay=3), LEVELS[1])
    assert dun(after(7), leaves=False).reminded
    before = default_of(owed)
    assert before is None or before.reason != REMINDED
    for on in (after(14), after(15)):
        assert dict(dun(on, leaves=False).why) == {"reminder_waits": 1} == preview(on)[0]
    mails_leave(after(15))
    assert default_of(owed).on == after(16) and default_of(owed).reason == REMINDED
    taken = [day for day in (after(16), after(18), after(19)) if levels_of(day)]
    assert taken == [after(19)], "the three days that it grants, from the day on which it left"


@pytest.mark.feature("MAH-1")
def test_the_text_of_a_mail_that_leaves_late_names_a_day_that_is_still_to_come(owed: Receivable) -> None:
    set_levels(replace(LEVELS[0], days_to_pay=7))
    dun(after(7), leaves=False)
    end_reading()
    number = db.session.scalars(select(Reminder.id)).one()
    for on, until in ((after(7), after(14)), (after(15), after(22))):
        with clock.stand_at(on):
            end_reading()
            assert reminder_letters.reminder_paper(number).pay_until == until
    mails_leave(after(15))
    with clock.stand_at(after(40)):
        assert reminder_letters.reminder_paper(number).pay_until == after(22)


@pytest.mark.feature("MAH-7")
def test_the_preview_tells_no_day_for_a_hold_without_an_end(owed: Receivable) -> None:
    set_levels(*LEVELS)
    for until in (None, after(30)):
        with clock.stand_at(after(1)):
            dunning_holds.hold_invoice(ANKE, owed.invoice_id or 0, "Insolvenz", until)
        (row,) = preview(after(8))[1]
        assert (row.code, row.until) == ("on_hold", until)
