"""Settings -> Dunning as people use it: levels, what holds for all, base rates; refusals stand at their fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest
from flask import Flask
from sqlalchemy import select

from extensions import db
from models import Activity, BaseRate, DunningLevel
from services import dunning_settings
from services.actor import SYSTEM
from services.dunning_level_edits import fingerprint
from services.dunning_levels import LevelWish
from tests.admin.conftest import Desk

T = TypeVar("T")
PAGE = "/admin/dunning-levels/"
RATES = "/admin/base-rates/"
LEVELS = (LevelWish("Zahlungserinnerung", 7), LevelWish("1. Mahnung", 14, fee_cents=300, consumer_fee_cents=76))
LEVEL = {
    "name": "Letzte Mahnung", "days_after_due": "30", "days_to_pay": "10", "fee_cents": "5,00",
    "consumer_fee_cents": "0,50", "with_interest": "y", "letter": "always", "deactivate_after": "y",
}  # fmt: skip


@pytest.fixture
def levelled(people: Flask) -> Flask:
    """A house with two levels."""
    inside(people, lambda: dunning_settings.save_levels(SYSTEM, LEVELS))
    return people


def inside(app: Flask, look: Callable[[], T]) -> T:
    with app.app_context():
        try:
            return look()
        finally:
            db.session.remove()


def stored(app: Flask) -> list[tuple[str, int, int]]:
    query = select(DunningLevel).order_by(DunningLevel.level)
    return inside(app, lambda: [(row.name, row.days, row.fee_cents) for row in db.session.scalars(query)])


@pytest.mark.feature("X-12")
@pytest.mark.feature("M2-15")
def test_a_house_without_levels_is_told_and_takes_the_recommended_ones(owner: Desk, people: Flask) -> None:
    inside(people, lambda: dunning_settings.save_levels(SYSTEM, ()))
    page = owner.get(PAGE)
    assert "Noch wird niemand gemahnt" in page and "Empfohlene Stufen übernehmen" in page
    for overview in ("/admin/dunning-runs/", "/admin/dunning-runs/preview/"):
        assert "Zu den Mahnstufen" in owner.get(overview)
    assert "Die empfohlenen Stufen sind angelegt." in owner.post(f"{PAGE}recommended/")
    again = owner.post(f"{PAGE}recommended/")
    assert "Es gibt schon Stufen." in again and "sind angelegt" not in again, "nobody set them up just now"
    assert [name for name, _, _ in stored(people)][:2] == ["Zahlungserinnerung", "1. Mahnung"]
    assert "Empfohlene Stufen" not in owner.get(PAGE)
    assert "Zu den Mahnstufen" not in owner.get("/admin/dunning-runs/")


@pytest.mark.feature("MAH-5")
def test_levels_are_added_changed_and_taken_out_and_each_deed_is_told(owner: Desk, levelled: Flask) -> None:
    assert "Die Stufe ist angelegt." in owner.post(f"{PAGE}new/", LEVEL)
    assert stored(levelled)[2] == ("Letzte Mahnung", 30, 500)
    seen = inside(levelled, fingerprint)
    owner.post(f"{PAGE}edit/?level=3", LEVEL | {"seen": seen, "days_after_due": "10"})
    assert [name for name, _, _ in stored(levelled)] == ["Zahlungserinnerung", "Letzte Mahnung", "1. Mahnung"]
    assert "Die Stufe ist entfernt." in owner.post(f"{PAGE}remove/", {"level": 2})
    assert len(stored(levelled)) == 2
    told = select(Activity.id).where(Activity.code == "dunning.levels_changed", Activity.actor_kind == "staff")
    assert len(inside(levelled, lambda: list(db.session.scalars(told)))) == 3


@pytest.mark.feature("MAH-5")
def test_a_refusal_stands_at_its_field_and_nothing_is_saved(owner: Desk, levelled: Flask) -> None:
    for values, sentence in (
        ({"days_after_due": "14"}, "ist schon nach so vielen Tagen dran"),
        ({"consumer_fee_cents": "0,77"}, "höchstens 76 Cent"),
        ({"fee_cents": "1,234"}, "höchstens zwei Nachkommastellen"),
        ({"name": "<svg onload=alert(1)>" * 9}, "60"),
        ({"days_after_due": ""}, "Letzte Mahnung"),
    ):
        page = owner.post(f"{PAGE}new/", LEVEL | values)
        assert "Noch ist nichts gespeichert" in page and sentence in page and "<svg onload" not in page
    assert len(stored(levelled)) == 2
    late = owner.post(f"{PAGE}edit/?level=2", LEVEL | {"seen": "von gestern"})
    assert "inzwischen von anderer Seite geändert" in late
    assert owner.client.get(f"{PAGE}edit/?level=9").status_code == 404


@pytest.mark.feature("MAH-7")
def test_what_holds_for_all_levels_is_saved_or_refused_at_its_field(owner: Desk, levelled: Flask) -> None:
    house = {"grace_bank_days": "3", "days_between": "2", "minimum_cents": "2,50", "consumer_fee_cap_cents": "1,00",
             "statement_days": "5"}  # fmt: skip
    assert "Es gilt ab dem nächsten Mahnlauf." in owner.post(f"{PAGE}save/", house)
    own = inside(levelled, dunning_settings.house)
    assert (own.minimum_cents, own.consumer_fee_cap_cents, own.is_automatic) == (250, 100, False)
    assert "verlangt von Verbrauchern mehr" in owner.post(f"{PAGE}save/", house | {"consumer_fee_cap_cents": "0,10"})
    assert inside(levelled, dunning_settings.house) == own


@pytest.mark.feature("MAH-3")
def test_base_rates_are_entered_put_right_and_taken_out(owner: Desk, people: Flask) -> None:
    assert "fehlt" in owner.get(RATES) and "Deutsche Bundesbank" in owner.get(RATES)
    owner.post(f"{RATES}enter/", {"valid_from": "2026-07-01", "percent": "1,27"})
    page = owner.get(RATES)
    assert "1,27 %" in page and "6,27 %" in page and "10,27 %" in page
    owner.post(f"{RATES}enter/", {"valid_from": "2026-07-01", "percent": "-0,88"})
    assert "-0,88 %" in owner.get(RATES)
    wrong = owner.post(f"{RATES}enter/", {"valid_from": "2026-08-01", "percent": "1"})
    assert "gilt ab dem 1. Januar oder dem 1. Juli" in wrong
    assert "Der Basiszinssatz ist entfernt." in owner.post(f"{RATES}remove/", {"on": "2026-07-01"})
    assert inside(people, lambda: db.session.scalars(select(BaseRate)).all()) == []
    assert owner.client.get(f"{RATES}remove/?on=gestern").status_code == 404
