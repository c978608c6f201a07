"""A card that declines twice and then pays: nothing is invoiced before, nothing is billed twice, all of it is told."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from extensions import db
from models import Collection, Message, PaymentAttempt
from services import charge_days, clock
from services.actor import SYSTEM
from services.customers import update_customer
from services.unit import end_reading
from tests.scenarios.story import Story
from tests.services.charged import keep_card


def collected_on(story: Story, day: str) -> list[str]:
    """What the timetable does on that morning; gives the states of all attempts so far."""
    story.on(day)
    with clock.stand_at(date.fromisoformat(day)):
        charge_days.follow_all()
        end_reading()
        return list(db.session.scalars(select(PaymentAttempt.state).order_by(PaymentAttempt.id)))


@pytest.mark.feature("M2-19")
@pytest.mark.feature("EB-51")
def test_a_card_declines_twice_and_then_pays(story: Story, context: Flask) -> None:
    """Tried on the 1st, the 4th and the 8th; the second card is kept on the 5th."""
    story.on("2026-12-01").subscribe("100.00")
    with clock.stand_at(date(2026, 12, 1)):
        keep_card(1, "declines_soft")
        update_customer(SYSTEM, 1, {"email": "erika@beispiel.example"})
    story.on("2026-12-01").run()
    assert story.invoices() == []
    assert collected_on(story, "2026-12-01") == ["declined"]
    assert collected_on(story, "2026-12-03") == ["declined"], "nobody tries before the day"
    assert collected_on(story, "2026-12-04") == ["declined", "declined"]
    assert story.invoices() == []
    with clock.stand_at(date(2026, 12, 5)):
        keep_card(1, "succeeds")
    assert collected_on(story, "2026-12-08") == ["declined", "declined", "accepted"]

    (bill,) = story.invoices()
    assert bill.issued_on == date(2026, 12, 8)
    assert bill.lines[0].period == "2026-12-01 - 2026-12-31"
    assert story.on("2026-12-08").run().due == 0
    end_reading()
    assert [row.state for row in db.session.scalars(select(Collection))] == ["done"]
    told = db.session.scalars(select(Message.template).order_by(Message.id)).all()
    assert [name for name in told if name in ("payment_declined", "invoice")] == [
        "payment_declined", "payment_declined", "invoice",
    ]  # fmt: skip
