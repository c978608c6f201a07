"""A charge that dies before any of its statements, or right after a provider was called, takes the money once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from flask import Flask

from billing.periods import add_months
from extensions import db
from models import Invoice, PaymentAttempt
from services import attempts, clock, gateway_events, sandbox_post, sealing
from services.checks import check_books
from tests.faults.power import PowerCut, cut_before
from tests.services.charged import FIRST, Till, open_till
from tests.sweeps import some

MOST = 75  # more statements than a charge with its invoice takes


@pytest.fixture
def till(context: Flask) -> Iterator[Till]:
    with clock.stand_at(clock.instant()):
        yield open_till(context)


def recovered(till: Till) -> None:
    """What the sweeper and the provider's events do after the machine is up again."""
    db.session.rollback()
    for _ in range(3):
        till.carry_on()
    sandbox_post.deliver()
    for event_id in gateway_events.waiting(1000):
        gateway_events.take(event_id)


def taken_once(till: Till, documents: int) -> None:
    assert [each.state for each in till.all(PaymentAttempt)] == ["accepted"] * documents
    assert [each.status for each in till.all(Invoice)] == ["issued"] * documents
    with till.gateway._store.open() as store:
        (at_provider,) = store.execute("SELECT count(*) FROM charges WHERE status = 'succeeded'").fetchone()
    assert at_provider == len(till.payments) == documents
    found = check_books()
    assert found.ok, found.findings


@pytest.mark.feature("F3")
@pytest.mark.feature("F5")
def test_a_power_cut_before_any_statement_of_a_charge_takes_the_money_once(till: Till) -> None:
    cuts = some(range(1, MOST), 5)
    for turn, nth in enumerate(cuts):
        on = add_months(FIRST, turn)
        with clock.stand_at(max(on, clock.today())):  # a run bills no month that is far ahead
            if turn % 24 == 0:
                till.keep("succeeds")  # a card does not live for ever
            till.bill(on)
            cut_before(nth, partial(attempts.carry_on, till.attempt.id, at_once=True))
            recovered(till)
    sealing.seal()  # months went by, and nobody else seals what happened in them
    taken_once(till, len(cuts))


@pytest.mark.feature("F3")
@pytest.mark.parametrize("call", ["create", "confirm"])
def test_whoever_dies_right_after_the_provider_was_called_takes_the_money_once(
    till: Till, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    till.keep("succeeds")
    till.bill()
    real: Callable[..., object] = getattr(till.gateway, call)

    def dies(*given: object) -> object:
        real(*given)
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr(till.gateway, call, dies)
        with pytest.raises(PowerCut):
            attempts.carry_on(till.attempt.id, at_once=True)
    recovered(till)
    taken_once(till, 1)
