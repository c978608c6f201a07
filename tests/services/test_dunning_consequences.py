"""Before a level and after it: collecting once more, contracts off and on again, by mail or by letter."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from billing.money import Money
from extensions import db
from models import ActivityDetail, Customer, Message, Receivable, Reminder
from services import attempts as attempts_service
from services import clock, dunning_stops, write_offs
from services.dunning_levels import LevelWish
from services.payments import mark_paid, record_payment
from services.unit import write
from tests.services import charged
from tests.services.reminding import (
    ANKE,
    LEVELS,
    after,
    answer,
    attempts,
    books_hold,
    contract,
    dun,
    keep_card,
    levels_of,
    of_invoice,
    set_levels,
)


@pytest.mark.feature("M2-17")
@pytest.mark.feature("M2-18")
def test_a_level_switches_the_contract_off_and_paying_all_switches_it_on_from_the_next_period(owed: Receivable) -> None:
    set_levels(LEVELS[0], LevelWish("Letzte Mahnung", 14, deactivate_after=True, deactivation_text="Bitte zahlen Sie"))
    assert levels_of(after(7)) == [1] and contract() == "active"
    assert levels_of(after(14)) == [2] and contract() == "deactivated"
    assert db.session.scalars(select(Reminder.deactivated).order_by(Reminder.id)).all() == [False, True]
    with clock.stand_at(after(15)):
        record_payment(ANKE, owed.id, Money(100, "EUR"))
        assert dunning_stops.waiting(10) == [] and dunning_stops.resume(owed.id) == 0
    with clock.stand_at(after(50)):
        mark_paid(ANKE, owed.invoice_id or 0)
        assert dunning_stops.waiting(10) == [owed.id]
        assert dunning_stops.resume(owed.id) == 1 and dunning_stops.resume(owed.id) == 0
        assert dunning_stops.waiting(10) == []
    assert contract() == "active"
    assert '"Bitte zahlen Sie' in "".join(db.session.scalars(select(ActivityDetail.details)))


@pytest.mark.feature("M2-17")
def test_a_contract_that_a_person_switched_off_or_that_is_written_off_stays_off(owed: Receivable) -> None:
    set_levels(LevelWish("Letzte Mahnung", 7, deactivate_after=True))
    assert levels_of(after(7)) == [1]
    with clock.stand_at(after(9)):
        write_offs.write_off(ANKE, owed.id, "Insolvenz")
        assert dunning_stops.waiting(10) == [] and dunning_stops.resume(owed.id) == 0
    assert contract() == "deactivated"


@pytest.mark.feature("M2-16")
@pytest.mark.feature("EB-52")
@pytest.mark.feature("EB-51")
def test_a_level_collects_first_and_its_answer_decides(owed: Receivable) -> None:
    set_levels(LEVELS[0], LevelWish("Mahnung", 14, collect_before=True))
    keep_card(owed)
    assert levels_of(after(7)) == [1]
    first = dun(after(14))
    assert (first.reminded, first.collected) == ([], 1)
    attempt = attempts()
    assert (attempt.purpose, attempt.state, attempt.amount_cents) == ("collect", "planned", owed.open_cents)
    for state, why in (("planned", "attempt_under_way"), ("needs_action", "attempt_under_way"),
                       ("unknown", "attempt_unknown"), ("accepted", "collected")):  # fmt: skip
        answer(state)
        again = dun(after(15))
        assert (again.reminded, again.collected, dict(again.why)) == ([], 0, {why: 1})
    answer("declined")
    assert levels_of(after(16)) == [2] and attempts().number == 1


@pytest.mark.feature("M2-13")
def test_without_anything_to_collect_from_the_reminder_comes_at_once(owed: Receivable) -> None:
    set_levels(LEVELS[0], LevelWish("Mahnung", 14, collect_before=True))
    assert levels_of(after(7)) == [1] and levels_of(after(14)) == [2]


def test_who_has_no_address_for_mails_gets_a_letter(owed: Receivable) -> None:
    with write() as session:
        session.execute(update(Customer).values(email="", payment_mail_address=""))
    assert levels_of(after(7)) == [1]
    assert db.session.scalars(select(Reminder.letter_state)).one() == "pending"
    assert db.session.scalars(select(Message.id).where(Message.template == "reminder")).all() == []


@pytest.mark.feature("M2-16")
@pytest.mark.feature("M2-18")
@pytest.mark.parametrize(
    ("card", "answered", "levels", "left"), [("succeeds", "accepted", [], 0), ("declines_hard", "declined", [2], 1)]
)
def test_a_kept_card_is_charged_before_the_level_and_pays_or_is_reminded(
    owed: Receivable, card: str, answered: str, levels: list[int], left: int
) -> None:
    """By the sandbox's own test cards; the invoice was issued on account."""
    set_levels(LEVELS[0], LevelWish("Mahnung", 14, collect_before=True))
    assert levels_of(after(7)) == [1]
    charged.keep_card(owed.customer_id, card)
    assert dun(after(14)).collected == 1
    with clock.stand_at(after(14)):
        assert attempts_service.carry_on(attempts().id, at_once=True) == answered
    assert levels_of(after(15)) == levels
    assert bool(of_invoice(owed).open_cents) is bool(left)
    assert books_hold(after(15))
