"""Sessions, links and codes that open nothing any more do not lie about for ever (DSG-6, S6)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from extensions import db
from models import CustomerCode, CustomerSession, LoginToken, StaffSession, StaffToken
from queries import customer_sessions, sessions
from services import clock, customer_logins, over_keys, staff, staff_sessions, staff_tokens
from services.actor import SYSTEM
from services.customer_login_keys import LINKS, SESSIONS
from services.unit import end_reading, write
from tests.services import shop

DAY = timedelta(days=1)
KINDS = (StaffSession, CustomerSession, StaffToken, LoginToken, CustomerCode)

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def people() -> tuple[int, int, int]:
    """Somebody of the house, a customer, and the customer's login."""
    customer = shop.somebody()
    login = customer_logins.invite(SYSTEM, customer, "kundin@example.com").login_id
    return staff.enrol(SYSTEM, "jule@example.com", role="Inhaber"), customer, login


def a_key_of_each(people: tuple[int, int, int]) -> None:
    colleague, customer, login = people
    now = clock.real()
    staff_sessions.open_session(colleague, "192.0.2.1", "Firefox")
    SESSIONS.open(login, "192.0.2.2", "Firefox")
    staff_tokens.make(colleague, "reset")
    LINKS.make(login, "reset")
    with write() as session:
        session.add(CustomerCode(customer_id=customer, purpose="accountdata", code_digest="0" * 64, wanted={},
                                 sent_to="kundin@example.com", attempts=0, created_at=now, expires_at=now))  # fmt: skip


def set_all(model: Any, **values: datetime | None) -> None:
    with write() as session:
        session.execute(update(model).values(**values))


def left() -> dict[str, int]:
    end_reading()
    return {model.__name__: len(db.session.scalars(select(model.id)).all()) for model in KINDS}


@pytest.mark.feature("DSG-6")
def test_what_is_over_for_a_week_goes_and_nothing_sooner(people: tuple[int, int, int]) -> None:
    a_key_of_each(people)
    before = left()
    ended = clock.real() - over_keys.KEPT
    for change, goes in ((timedelta(minutes=5), False), (-timedelta(minutes=5), True)):
        for model in (StaffSession, CustomerSession):
            set_all(model, ended_at=ended + change)
        for model in (StaffToken, LoginToken):
            set_all(model, used_at=ended + change)
        set_all(CustomerCode, expires_at=ended + change)
        over_keys.forget_old()
        assert left() == (dict.fromkeys(before, 0) if goes else before)


@pytest.mark.feature("S6")
def test_a_session_that_nobody_ended_goes_when_nobody_used_it_for_a_week(people: tuple[int, int, int]) -> None:
    a_key_of_each(people)
    assert max(sessions.IDLE, customer_sessions.IDLE) < over_keys.KEPT, "by then it opens nothing"
    for since, there in ((over_keys.KEPT - DAY, 1), (over_keys.KEPT + DAY, 0)):
        for model in (StaffSession, CustomerSession):
            set_all(model, last_seen_at=clock.real() - since)
        over_keys.forget_old()
        assert (left()["StaffSession"], left()["CustomerSession"]) == (there, there)


@pytest.mark.feature("S5")
def test_a_link_that_still_opens_stays_and_one_that_nobody_used_goes(people: tuple[int, int, int]) -> None:
    a_key_of_each(people)
    over_keys.forget_old()
    assert left()["StaffToken"] == 1 and left()["LoginToken"] == 2, "the invitation, and the reset that ended it"
    for model in (StaffToken, LoginToken):
        set_all(model, used_at=None, expires_at=clock.real() - over_keys.KEPT - DAY)
    over_keys.forget_old()
    assert (left()["StaffToken"], left()["LoginToken"]) == (0, 0)
