"""POST /events/<gateway>: where providers knock. The bytes as they came, kept before anything is done with them."""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from api import events
from extensions import db, limiter
from gateways.sandbox import SandboxGateway
from gateways.sandbox_store import tell
from models import GatewayEvent
from services import clock, providers

Told = tuple[dict[str, str], bytes]


@pytest.fixture
def told(app: Flask) -> Iterator[Told]:
    """One event of the sandbox's provider, as it would send it now."""
    limiter.reset()
    with app.app_context():
        gateway = providers.offered()["sandbox"]
        assert isinstance(gateway, SandboxGateway)
        with gateway._store.open() as store:
            tell(store, "charge", "charge.succeeded", "sbx_charge_1", clock.real())
        (one,) = gateway.pending_events(clock.real())
        db.session.remove()
    yield one


def kept(app: Flask) -> list[str]:
    with app.app_context():
        found = list(db.session.scalars(select(GatewayEvent.state)))
        db.session.remove()
    return found


def post(server: tuple[str, int], headers: Mapping[str, str], body: bytes, to: str = "sandbox") -> tuple[int, str]:
    connection = http.client.HTTPConnection(*server, timeout=20)
    connection.request("POST", f"/events/{to}", body, dict(headers))
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


@pytest.mark.feature("EB-56")
def test_an_event_is_kept_and_confirmed_and_again_without_harm(app: Flask, server: tuple[str, int], told: Told) -> None:
    for _ in range(5):
        assert post(server, *told) == (200, "ok")
    assert kept(app) == ["stored"]


@pytest.mark.feature("S20")
def test_what_is_forged_too_old_or_too_long_is_turned_away(app: Flask, server: tuple[str, int], told: Told) -> None:
    headers, body = told
    assert post(server, headers, body + b" ") == (400, "signature")
    assert post(server, {}, body) == (400, "signature")
    assert post(server, headers, b"x" * (events.MAX_BYTES + 1))[0] == 413
    with app.app_context(), clock.stand_at(clock.real() - timedelta(minutes=6)):
        gateway = providers.offered()["sandbox"]
        assert isinstance(gateway, SandboxGateway)
        (old,) = gateway.pending_events(clock.real())
    assert post(server, *old) == (400, "too_old")
    assert kept(app) == []


def test_a_provider_that_is_not_offered_has_no_door(app: Flask, server: tuple[str, int], told: Told) -> None:
    assert post(server, *told, to="stripe")[0] == 404
    assert post(server, *told, to="nobody")[0] == 404
    assert kept(app) == []


@pytest.mark.feature("S7")
def test_the_door_is_for_machines_no_session_no_token_no_other_method(
    app: Flask, server: tuple[str, int], told: Told
) -> None:
    assert post(server, {**told[0], "Origin": "https://elsewhere.example"}, told[1])[0] == 200
    client = app.test_client()
    assert client.get("/events/sandbox").status_code == 405
    assert "Set-Cookie" not in client.post("/events/sandbox", data=told[1], headers=told[0]).headers
