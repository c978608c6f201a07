"""A bank statement that is brought in twice and in part: every payment is booked once."""

from __future__ import annotations

import pytest
from flask import Flask

from services import bank_import, bank_matching, clock
from services.actor import SYSTEM
from tests.documents.statements import Entry, camt, paid_in
from tests.faults.power import cut_before
from tests.scenarios.story import Moment, Story
from tests.services.desk import HOME, payments


def brought_in(moment: Moment, entries: list[Entry], key: str, cut: int = 0) -> int:
    """Bring a statement in and match it; with `cut` the power fails before that statement of SQL. Gives new lines."""
    with clock.stand_at(moment.instant):
        file_id = bank_import.keep(camt(entries, key=key), "auszug.xml")
        if cut:
            assert cut_before(cut, lambda: bank_import.bring_in(SYSTEM, file_id))
            return 0
        done = bank_import.bring_in(SYSTEM, file_id)
        bank_matching.match_all(SYSTEM)
        return done.new


@pytest.mark.feature("F13")
@pytest.mark.feature("X-06")
def test_a_statement_brought_in_twice_and_in_part(story: Story, context: Flask) -> None:
    first_day = story.on("2026-11-02")
    anna, bert = first_day.customer("Vogel", bank_iban=HOME), first_day.customer("Krüger")
    one, two, three = (first_day.one_off("100", customer=who) for who in (anna, anna, bert))

    monday = [paid_in("119.00", f"Rechnung {one}", day="2026-11-09"), Entry("-50.00", "2026-11-09")]
    tuesday = [*monday, paid_in("60.00", f"{two} erste Rate", day="2026-11-10"),
               paid_in("59.00", f"{two} zweite Rate", day="2026-11-10")]  # fmt: skip
    later = [*tuesday[2:], paid_in("120.00", three, day="2026-11-12")]

    assert brought_in(story.on("2026-11-10"), monday, "45", cut=6) == 0
    assert brought_in(story.on("2026-11-10"), monday, "45") == 2
    assert brought_in(story.on("2026-11-10"), monday, "45") == 0
    assert brought_in(story.on("2026-11-11"), tuesday, "45") == 2
    assert brought_in(story.on("2026-11-13"), later, "46") == 1
    assert brought_in(story.on("2026-11-13"), tuesday, "45 again") == 0

    assert payments() == [("payment", 11_900, 0), ("payment", 6_000, 0), ("payment", 5_900, 0)]
    assert bank_import.last_statement_on() is not None
