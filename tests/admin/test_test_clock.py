"""The test clock in the back office: looked at, asked about, moved, watched; and the day in the head of every page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from admin.formats import day
from extensions import db
from jobs.schedule import TIMETABLE
from models import Company
from queries.clock import get_clock
from services import clock, clock_moves
from services.actor import SYSTEM
from services.unit import write
from tests.admin.conftest import Desk
from tests.admin.furniture import House


def real_today() -> date:
    return clock.berlin(clock.real()).date()


def live(app: Flask) -> None:
    """What the worker does."""
    with app.app_context(), clock.adopted():
        assert not clock_moves.work(TIMETABLE, 600)
        db.session.remove()


@pytest.fixture
def german(people: Flask) -> Callable[[date], str]:
    """A day as the German pages write it."""

    def write_down(on: date) -> str:
        with people.test_request_context("/admin/"):
            return day(on)

    return write_down


@pytest.mark.feature("X-13")
def test_before_the_clock_moves_a_person_is_asked_with_figures(
    owner: Desk, house: House, german: Callable[[date], str]
) -> None:
    page = owner.get("/admin/clock/")
    assert "Einen Monat weiter" in page and "noch nie verstellt" in page
    to = real_today() + timedelta(40)
    page = owner.get(f"/admin/clock/forward/?to={to.isoformat()}")
    assert f"durchlebt 40 Tage, bis zum {german(to)}" in page and "Verträgen ist bis dahin etwas abzurechnen" in page
    assert f"Bis {german(to)} vorstellen" in page and "lässt sich nicht zurückstellen" in page


@pytest.mark.feature("X-13")
def test_a_day_forward_is_watched_and_stands_in_the_head_of_every_page(
    owner: Desk, people: Flask, house: House, german: Callable[[date], str]
) -> None:
    to = real_today() + timedelta(1)
    page = owner.post("/admin/clock/forward/", {"to": to.isoformat()}, "/admin/clock/")
    assert "Die Uhr ist unterwegs." in page and "data-progress" in page and "Einen Monat weiter" not in page
    assert owner.client.get("/admin/clock/progress/").json == {
        "state": "running", "per_cent": 0, "days_done": 0, "issued": 0,
    }  # fmt: skip
    page = owner.post("/admin/clock/forward/", {"to": to.isoformat()}, "/admin/clock/")
    assert "bereits unterwegs" in page
    live(people)
    assert owner.client.get("/admin/clock/progress/").json == {"state": "finished"}
    for path in ("/admin/", "/admin/customers/", "/admin/clock/"):
        assert f'<span class="badge warn">{german(to)}</span>' in owner.get(path).partition("<main")[0]
    assert "1 Tag" in owner.get("/admin/clock/")


@pytest.mark.feature("X-13")
def test_a_house_in_the_real_day_shows_no_day_in_its_head(reader: Desk, german: Callable[[date], str]) -> None:
    assert german(real_today()) not in reader.get("/admin/settings/").partition("<main")[0]


@pytest.mark.feature("X-13")
@pytest.mark.parametrize("to", ["", "morgen", "1999-01-01", "2999-01-01", "<svg onload=alert(1)>"])
def test_a_day_that_cannot_be_is_told_and_nothing_moves(owner: Desk, people: Flask, to: str) -> None:
    asked = owner.client.get("/admin/clock/forward/", query_string={"to": to}, follow_redirects=True).text
    for page in (asked, owner.post("/admin/clock/forward/", {"to": to}, "/admin/clock/")):
        assert 'class="notice bad"' in page and "<svg onload" not in page
    with people.app_context():
        assert get_clock().moves == ()


@pytest.mark.feature("X-13")
@pytest.mark.feature("D-8")
def test_a_live_installation_has_only_the_real_clock(owner: Desk, people: Flask) -> None:
    with people.app_context(), write() as session:
        session.execute(update(Company).values(mode="live"))
    page = owner.get("/admin/clock/")
    assert "Echtbetrieb" in page and "Einen Monat weiter" not in page
    to = (real_today() + timedelta(1)).isoformat()
    assert "lässt sich nicht verstellen" in owner.post("/admin/clock/forward/", {"to": to}, "/admin/clock/")
    with people.app_context():
        assert get_clock().moves == ()


@pytest.mark.feature("X-13")
def test_why_a_deed_of_a_day_could_not_be_done_is_told_in_words(owner: Desk, people: Flask) -> None:
    with people.app_context():
        with write() as session:
            session.execute(update(Company).values(tax_number="", vat_id=""))
        clock_moves.start(SYSTEM, real_today() + timedelta(1))
    live(people)
    page = owner.get("/admin/clock/")
    assert "2 Aufgaben ließen sich nicht erledigen, die letzte: Es fehlen" in page
