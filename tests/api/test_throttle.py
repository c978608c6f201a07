"""500 calls a minute and user; few wrong keys; a queue server that is away stops nobody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from api import throttle
from extensions import limiter
from tests.api.conftest import new_key, served
from tests.api.wire import Wire

ASK = {"SERVICE": "customer.get"}


@pytest.fixture(autouse=True)
def counted_in_memory_again(app: Flask) -> Iterator[None]:
    """The limiter is one for the whole process: it is left as it was found."""
    yield
    app.config["RATELIMIT_STORAGE_URI"] = "memory://"
    limiter.init_app(app)
    limiter._storage_dead = False  # `init_app` does not know that the new storage lives
    limiter.reset()


@pytest.mark.feature("S23")
def test_the_501st_call_of_a_minute_is_refused_and_other_users_are_not_touched(app: Flask, wire: Wire) -> None:
    assert throttle.CALLS == "500/minute"
    statuses = [wire.call("nothing").status for _ in range(500)]
    assert set(statuses) == {400}
    answer = wire.call("customer.get")
    assert (answer.status, answer.headers["Retry-After"]) == (429, "60")
    assert answer.json == {
        "REQUEST": ASK, "RESPONSE": {"ERRORS": ["Rate limit exceeded: 500 calls per minute"]}
    }  # fmt: skip
    other = Wire(wire.host, wire.port, new_key(app, user="other@example.com"), user="other@example.com")
    assert other.call("customer.get").status == 200


@pytest.mark.feature("S23")
def test_who_guesses_keys_is_stopped_even_with_the_right_one_but_nobody_else(app: Flask, wire: Wire) -> None:
    guesser = Wire(wire.host, wire.port, "wrong")
    statuses = [guesser.call("customer.get").status for _ in range(35)]
    assert statuses == [401] * 30 + [429] * 5
    assert wire.call("customer.get").status == 429
    other = Wire(wire.host, wire.port, new_key(app, user="other@example.com"), user="other@example.com")
    assert other.call("customer.get").status == 200


@pytest.mark.feature("S23")
def test_wrong_keys_do_not_use_up_the_calls_of_the_user_they_name(wire: Wire) -> None:
    for _ in range(29):
        assert Wire(wire.host, wire.port, "wrong").call("customer.get").status == 401
    assert wire.call("customer.get").status == 200


@pytest.mark.feature("F6")
def test_a_queue_server_that_is_away_stops_no_call(app: Flask) -> None:
    app.config["RATELIMIT_STORAGE_URI"] = "redis://127.0.0.1:1/0"
    limiter.init_app(app)
    with served(app) as address:
        assert Wire(*address, new_key(app)).call("customer.get").status == 200
