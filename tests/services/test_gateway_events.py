"""What providers tell: kept once, worked on in any order and any number of times, never taken at its word."""

from __future__ import annotations

from datetime import timedelta

import pytest

from billing.errors import NotFound
from gateways.base import BadEvent, Charge, ChargeWish
from gateways.sandbox_store import tell
from models import ActivityDetail, GatewayEvent, Message
from services import attempts, clock, gateway_events, sandbox_post, sweep
from tests.gateways.sandbox_world import Wire
from tests.gateways.world import Told
from tests.services.charged import Till


def posted(till: Till) -> list[Told]:
    """What the provider would send now, without the news of payment data."""
    return [told for told in till.gateway.pending_events(clock.real()) if b'"setup"' not in told[1]]


def handed_in(told: list[Told]) -> list[int]:
    return [new for headers, body in told for new in gateway_events.take_in("sandbox", headers, body)]


def work_on_all() -> list[str]:
    return [gateway_events.take(event_id) for event_id in gateway_events.waiting(100)]


@pytest.mark.feature("EB-56")
@pytest.mark.feature("F12")
def test_an_event_that_comes_five_times_is_kept_and_worked_on_once(till: Till) -> None:
    till.keep("succeeds")
    till.bill()
    till.carry_on()
    told = posted(till)
    assert len(handed_in(told)) == 1
    for _ in range(4):
        assert handed_in(told) == []
    assert work_on_all() == ["done"] and work_on_all() == []
    assert len(till.payments) == 1 and till.attempt.state == "accepted"


@pytest.mark.feature("F12")
def test_the_event_may_come_before_the_answer(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    states = []

    def confirm(wish: ChargeWish, charge_id: str) -> Charge:
        answer = Wire.confirm(till.gateway, wish, charge_id)
        handed_in(posted(till))
        states.extend(work_on_all())
        return answer

    monkeypatch.setattr(till.gateway, "confirm", confirm)
    till.keep("succeeds")
    till.bill()
    assert till.carry_on() == ["accepted"]
    assert states == ["done"] and len(till.payments) == 1


@pytest.mark.feature("EB-51")
def test_an_event_resolves_what_got_no_answer(till: Till) -> None:
    till.keep("times_out_and_succeeds")
    till.bill()
    assert till.carry_on() == ["unknown"]
    handed_in(posted(till))
    assert work_on_all() == ["done"]
    assert till.attempt.state == "accepted" and len(till.payments) == 1


@pytest.mark.feature("F12")
def test_old_news_after_new_ones_changes_nothing(till: Till) -> None:
    till.keep("needs_action")
    till.bill()
    assert till.carry_on() == ["needs_action"]
    waits = posted(till)
    till.gateway.act(till.attempt.provider_id or "", True)
    paid = [told for told in posted(till) if told[1] not in [body for _, body in waits]]
    handed_in(paid)
    assert work_on_all() == ["done"] and till.attempt.state == "accepted"
    handed_in(waits)
    assert work_on_all() == ["done"]
    assert till.attempt.state == "accepted" and len(till.payments) == 1


@pytest.mark.feature("S20")
def test_what_the_provider_did_not_sign_is_not_kept(till: Till) -> None:
    till.keep("succeeds")
    till.bill()
    till.carry_on()
    ((headers, body),) = posted(till)
    for forged in (body.replace(b"succeeded", b"declined"), body + b" ", b"", b"{}", b"\xff"):
        with pytest.raises(BadEvent, match="signature"):
            gateway_events.take_in("sandbox", headers, forged)
    with pytest.raises(BadEvent, match="signature"):
        gateway_events.take_in("sandbox", {}, body)
    with clock.stand_at(clock.real() + timedelta(minutes=6)), pytest.raises(BadEvent, match="too_old"):
        gateway_events.take_in("sandbox", headers, body)
    assert till.all(GatewayEvent) == []
    with pytest.raises(NotFound, match="unknown_provider"):
        gateway_events.take_in("stripe", headers, body)


def test_what_is_about_nothing_of_ours_is_passed_over(till: Till) -> None:
    with till.gateway._store.open() as db:
        tell(db, "charge", "charge.succeeded", "sbx_charge_of_somebody", clock.real(), cents=100)
        tell(db, "other", "balance.available", "", clock.real())
    handed_in(posted(till))
    assert work_on_all() == ["ignored", "ignored"]


@pytest.mark.feature("F12")
def test_another_amount_than_was_asked_is_booked_as_it_came_and_said(till: Till) -> None:
    till.keep("times_out_and_succeeds")
    till.bill()
    till.carry_on()
    asked = till.attempt.amount_cents
    with till.gateway._store.open() as db:
        db.execute("UPDATE charges SET cents = cents - 100")
    handed_in(posted(till))
    work_on_all()
    assert till.payments[0].amount_cents == asked - 100 and till.receivables[0].open_cents == 100
    assert any('"wrong_amount":true' in row.details.replace(" ", "") for row in till.all(ActivityDetail))


def test_a_provider_that_does_not_answer_is_asked_later(till: Till) -> None:
    till.keep("times_out_and_succeeds")
    till.bill()
    till.carry_on()
    (event_id,) = handed_in(posted(till))
    till.gateway.trouble_reading = True
    assert gateway_events.take(event_id) == "stored"
    first = till.all(GatewayEvent)[0].next_look_at
    assert gateway_events.waiting(10) == [], "before its time nobody looks"
    with clock.stand_at(first):
        assert gateway_events.waiting(10) == [event_id]
        till.gateway.trouble_reading = False
        assert gateway_events.take(event_id) == "done"


@pytest.mark.feature("F6")
def test_the_sandbox_tells_its_events_through_the_same_door_once(till: Till) -> None:
    till.keep("succeeds")
    till.bill()
    till.carry_on()
    assert sandbox_post.deliver() > 0 and sandbox_post.deliver() == 0
    sweep.sweep()  # no queue hears it; nothing is lost
    assert "done" in work_on_all()


@pytest.mark.feature("EB-58")
def test_news_of_one_provider_never_move_the_charge_of_another(till: Till) -> None:
    till.keep("times_out_and_succeeds")
    till.bill()
    till.carry_on()
    attempt = till.attempt
    assert attempts.hear("sandbox", attempt.provider_id or "", "") == attempt.id
    assert attempts.hear("stripe", attempt.provider_id or "", attempt.key) is None


@pytest.mark.feature("EB-57")
def test_nobody_is_told_of_a_payment_before_its_outcome_is_known(till: Till) -> None:
    till.keep("times_out_and_succeeds")
    till.bill()
    assert till.carry_on() == ["unknown"] and till.all(Message) == []
    handed_in(posted(till))
    work_on_all()
    assert [mail.template for mail in till.all(Message)] == ["invoice"]
