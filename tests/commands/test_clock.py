"""`./kontor clock`: where the test clock stands, and forward, with words and as JSON."""

from __future__ import annotations

import json
from contextvars import copy_context
from datetime import timedelta

import pytest
from flask import Flask

from commands import clock as clock_of_house
from services import clock, clock_moves
from services.actor import SYSTEM
from tests.commands.conftest import Kontor
from tests.commands.test_failures import facts, found, sentence


def days_ahead(days: int) -> str:
    return (clock.berlin(clock.real()).date() + timedelta(days)).isoformat()


@pytest.mark.feature("X-13")
def test_it_shows_the_day_and_goes_forward_in_this_process(kontor: Kontor) -> None:
    found(kontor)
    assert kontor("clock").stdout == f"{days_ahead(0)}: the test clock stands at the real day.\n"
    moved = json.loads(kontor("clock", "--forward", "2 days", "--json").stdout)
    assert (moved["today"], moved["real_today"], moved["days_ahead"]) == (days_ahead(2), days_ahead(0), 2)
    assert moved["running"] is False and moved["failures"] == 0
    assert kontor("clock").stdout.startswith(f"{days_ahead(2)}: the test clock is 2 days ahead of {days_ahead(0)}")
    assert json.loads(kontor("clock", "--to", days_ahead(3), "--json").stdout)["days_ahead"] == 3
    assert json.loads(kontor("bill", "--dry-run", "--json").stdout)["on"] == days_ahead(3), "and so does every command"


@pytest.mark.feature("X-13")
def test_a_way_that_somebody_else_lives_is_shown_where_it_arrived(context: Flask) -> None:
    """The worker of the running house was faster: this process knew the day from before."""
    ahead = clock.berlin(clock.real()).date() + timedelta(1)
    with clock.adopted():
        clock_moves.start(SYSTEM, ahead)
        assert clock.today() < ahead
        copy_context().run(clock_moves.work, (), 600.0)
        clock_of_house._live_through(str(ahead), hidden=True)
        assert clock.today() == ahead


@pytest.mark.feature("X-13")
@pytest.mark.parametrize(
    ("args", "code"),
    [(("--to", "2020-01-01"), "clock_only_forward"), (("--forward", "30 years"), "clock_too_far"),
     (("--forward", "next week"), "unreadable_interval")],
)  # fmt: skip
def test_what_cannot_be_is_one_sentence(kontor: Kontor, args: tuple[str, ...], code: str) -> None:
    found(kontor)
    assert facts(kontor("clock", *args, "--json"))["error"] == code
    assert "Error: " in sentence(kontor("clock", *args))


@pytest.mark.feature("X-13")
@pytest.mark.feature("D-8")
def test_a_live_house_refuses_and_says_why(kontor: Kontor) -> None:
    found(kontor, mode="live")
    assert facts(kontor("clock", "--forward", "1 day", "--json")) == {"error": "clock_is_real"}
    assert kontor("clock").stdout == f"{days_ahead(0)}: a live house, whose clock is the real one.\n"
