"""The status on the card: the window with the choice, what it stops with figures, and the history (P-11 to P-15)."""

from __future__ import annotations

import html
from collections.abc import Callable

import pytest
from flask import Flask

from billing.money import Money
from extensions import db
from models import Customer
from services import customer_erasure, customer_status, customers
from services.actor import SYSTEM
from services.credit import grant_credit
from tests.admin.conftest import Desk
from tests.admin.furniture import House
from tests.admin.test_card import merge

STATUS, HISTORY, CARD = ("/admin/customers/status/?id=", "/admin/customers/status/history/?id=",
                         "/admin/customers/details/?id=")  # fmt: skip


def status_of(app: Flask, customer: int) -> str:
    with app.app_context():
        found = db.session.get_one(Customer, customer).status
        db.session.remove()
        return found


@pytest.mark.feature("P-12")
@pytest.mark.feature("P-13")
def test_the_window_offers_the_other_statuses_and_says_with_figures_what_each_stops(owner: Desk, house: House) -> None:
    assert f'href="/admin/customers/status/?id={house.customer}&amp;action=block" data-dialog' in owner.get(
        CARD + str(house.customer)
    )
    page = owner.get(f"{STATUS}{house.customer}&action=block")
    assert 'value="block" checked' in page and 'value="deactivate"' in page and 'value="activate"' not in page
    assert "3 Verträge laufen, nächste Abrechnung am" in page and "Offen sind" in page
    assert "Die 3 laufenden Verträge werden weiter abgerechnet." in page
    assert "ausgelassene Zeiträume werden nicht nachgeholt" in page and "Der erste ausgelassene Zeitraum ist am" in page


@pytest.mark.feature("P-11")
@pytest.mark.feature("P-14")
@pytest.mark.feature("P-15")
def test_details_stand_beside_the_status_once_it_was_changed_and_tell_the_history(
    owner: Desk, people: Flask, house: House
) -> None:
    card = CARD + str(house.customer)
    assert "/admin/customers/status/history/" not in owner.get(card)
    page = owner.post(STATUS + str(house.customer), {"action": "block", "reason": "<b>Zahlt</b> nicht"}, card)
    assert "Der Kunde ist gesperrt." in page and f"/admin/customers/status/history/?id={house.customer}" in page
    owner.post(STATUS + str(house.customer), {"action": "activate", "reason": "Hat bezahlt"}, card)
    assert "/admin/customers/status/history/" in owner.get(card), "active again, and still it was changed"
    told = owner.get(HISTORY + str(house.customer))
    newest, oldest = told.partition("<ol")[2].split("<li>")[1:]
    assert "Hat bezahlt" in newest and newest.index("gesperrt") < newest.index("aktiv</span>")
    assert "&lt;b&gt;Zahlt&lt;/b&gt; nicht" in oldest and "Petra Inhaber" in oldest


@pytest.mark.parametrize(
    ("sent", "told"),
    [({"action": "block", "reason": "  "}, "Bitte füllen Sie dieses Feld aus."),
     ({"reason": "Zahlt nicht"}, "Bitte wählen Sie einen Status."),
     ({"action": "activate", "reason": "Ist schon aktiv"}, "Bitte wählen Sie einen Status.")],
)  # fmt: skip
def test_what_is_missing_is_told_at_its_field_and_nothing_is_changed(
    owner: Desk, people: Flask, house: House, sent: dict[str, object], told: str
) -> None:
    assert told in owner.post(STATUS + str(house.customer), sent, CARD + str(house.customer))
    assert status_of(people, house.customer) == "active"


@pytest.mark.feature("P-15")
@pytest.mark.feature("DSG-5")
def test_the_history_outlives_an_erasure_without_the_reason(owner: Desk, people: Flask, house: House) -> None:
    with people.app_context():
        gone = customers.create_customer(SYSTEM, {"last_name": "Kurz"})
        customer_status.change_status(SYSTEM, gone, "block", "Hat Frau Geheim belogen")
        grant_credit(SYSTEM, gone, Money(100, "EUR"), "Kulanz")  # what keeps the row
        customer_erasure.delete_customer(SYSTEM, gone)
        db.session.remove()
    told = owner.get(HISTORY + str(gone))
    assert "Geheim" not in told and told.count("<li>") == 1 and "gesperrt" in told


@pytest.mark.feature("D-11")
def test_the_history_of_a_merged_record_stands_on_its_survivor_with_its_number(
    owner: Desk, people: Flask, house: House
) -> None:
    with people.app_context():
        customer_status.change_status(SYSTEM, house.hostile, "block", "Vorher")
        number = db.session.get_one(Customer, house.hostile).number
        db.session.remove()
    merge(people, house.hostile, house.customer)
    assert f"in Akte {number}" in html.unescape(owner.get(HISTORY + str(house.customer)))
    assert owner.client.get(HISTORY + str(house.hostile)).headers["Location"] == HISTORY + str(house.customer)


@pytest.mark.feature("P-13")
def test_many_are_asked_with_the_figures_of_them_all(owner: Desk, house: House) -> None:
    page = owner.get(f"/admin/customers/many/deactivate/?id={house.customer}&id={house.hostile}")
    assert "2 Kunden werden deaktiviert." in page and "4 Verträge laufen" in page and "werden nicht mehr" in page


@pytest.mark.feature("P-13")
def test_the_figures_take_as_many_statements_for_many_as_for_one(
    owner: Desk, house: House, statements: list[str]
) -> None:
    counts, address = [], "/admin/customers/many/block/?id="
    for ids in (str(house.customer), "&id=".join(str(number) for number in range(1, 7))):
        owner.get(address + ids)
        statements.clear()
        owner.get(address + ids)
        counts.append(len(statements))
    assert counts[0] == counts[1]


@pytest.mark.feature("S22")
def test_who_may_only_read_sees_the_history_and_changes_nothing(
    desk_of: Callable[[str], Desk], people: Flask, house: House
) -> None:
    clerk = desk_of("Buchhaltung")
    clerk.get(STATUS + str(house.customer), 403)
    assert "nie geändert" in clerk.get(HISTORY + str(house.customer))
