"""What payment providers told and could not be worked on: listed with its reason, worked on once more by a button."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask

from extensions import db
from models import GatewayEvent
from services.unit import write
from tests.admin.conftest import Desk
from tests.admin.furniture import XSS

LIST = "/admin/provider-events/"
SECRET = "sk_test_51Hemmelig"


def told(app: Flask, state: str = "failed", error: str = "other_sum", object_id: str = "ch_1") -> int:
    """A message of a provider in this state; gives its id."""
    with app.app_context():
        with write() as session:
            row = GatewayEvent(
                gateway="stripe", event_id=f"evt_{object_id}{state}", kind="charge", type="charge.updated",
                object_id=object_id, data=f'{{"secret": "{SECRET}"}}', state=state, error=error, looks=2,
                received_at=datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
            )  # fmt: skip
            session.add(row)
            session.flush()
            number = row.id
        db.session.remove()
        return number


def state_of(app: Flask, number: int) -> str:
    with app.app_context():
        found = db.session.get_one(GatewayEvent, number).state
        db.session.remove()
        return found


@pytest.mark.feature("EB-56")
def test_what_failed_is_told_with_its_reason_and_worked_on_once_more(people: Flask, owner: Desk) -> None:
    assert "Alles, was Anbieter gemeldet haben" in owner.get(LIST)
    number = told(people)
    assert "Meldung eines Zahlungsanbieters" in owner.get("/admin/")
    page = owner.get(LIST)
    for words in ("Zahlung, Stripe", "ch_1", "andere Summe", "20.11.2026", "Noch einmal versuchen"):
        assert words in page
    assert SECRET not in page
    owner.post(LIST + "try-again/", {"id": number}, seen_on=LIST)
    assert state_of(people, number) == "stored" and "ch_1" not in owner.get(LIST)


def test_what_waits_is_listed_apart_and_hostile_words_are_words(people: Flask, owner: Desk) -> None:
    told(people, "stored", "timeout", "ch_wartet")
    told(people, error=XSS[:60], object_id=XSS)
    assert "ch_wartet" not in owner.get(LIST) and XSS not in owner.get(LIST)
    waiting = owner.get(LIST + "?state=waiting")
    assert "ch_wartet" in waiting and "hat nicht geantwortet" in waiting and "Noch einmal versuchen" not in waiting
    assert "ch_wartet" in owner.get(LIST + "?state=all&before=")
