"""A new or changed VAT id is asked about by itself; whatever does not bear on VAT rings no bell (INV-9)."""

from __future__ import annotations

import pytest
from flask import Flask

from extensions import queues
from services import vat_bells, vat_settings
from services.actor import SYSTEM
from services.customers import create_customer, update_customer

ABROAD = {"organization": "Radhaus Wien", "country_code": "AT", "vat_id": "ATU13585627"}


@pytest.fixture
def rung(context: Flask, monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """The bells that would go out."""
    heard: list[tuple[object, ...]] = []
    monkeypatch.setattr(queues, "ring", lambda *bell: heard.append(bell))
    return heard


@pytest.mark.feature("INV-9")
def test_a_new_id_rings_once_and_a_changed_one_again(rung: list[tuple[object, ...]]) -> None:
    number = create_customer(SYSTEM, ABROAD)
    assert rung == [("now", vat_bells.JOB, number)]
    update_customer(SYSTEM, number, {"city": "Wien"})
    assert len(rung) == 1, "an address says nothing of the id"
    update_customer(SYSTEM, number, {"vat_id": "ATU66889218"})
    update_customer(SYSTEM, number, {"country_code": "DE", "vat_id": "DE136695976"})
    assert len(rung) == 2


@pytest.mark.parametrize(
    "values",
    [
        {"last_name": "Huber", "country_code": "AT"},
        {"organization": "Nord GmbH", "vat_id": "DE136695976"},
        {"organization": "Berg AG", "country_code": "CH", "vat_id": "CHE107787577MWST"},
    ],
)
def test_where_nothing_rests_on_an_id_no_bell_rings(rung: list[tuple[object, ...]], values: dict[str, str]) -> None:
    create_customer(SYSTEM, values)
    assert rung == []


def test_with_the_check_off_no_bell_rings(rung: list[tuple[object, ...]]) -> None:
    values = {"vat_check": "off", "vat_check_days": 30, "vat_rely_days": 90, "vat_unconfirmed": "hold"}
    vat_settings.change_vat_checks(SYSTEM, values)
    create_customer(SYSTEM, ABROAD)
    assert rung == []
