"""The contracts on a customer's card: what each asks for next and binds to, and its deeds, which lead back there."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from extensions import db
from models import Subscription
from services import clock, customers, subscriptions
from services.actor import SYSTEM
from services.unit import end_reading
from tests.admin.conftest import Desk
from tests.admin.furniture import TODAY, House

TAB = "/admin/customers/subscriptions/"


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.stand_at(TODAY):
        yield


def words_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).replace("\xa0", " ")


def tab(desk: Desk, house: House) -> str:
    return desk.get(f"{TAB}?id={house.customer}")


def panel(page: str, contract: int) -> str:
    return page.partition(f'id="contract-{contract}"')[2].partition("</section>")[0]


def way(page: str, contract: int, name: str) -> str:
    """The address of a deed as the card links it."""
    found = re.search(rf'href="([^"]*deed={name}&[^"]*)"', panel(page, contract))
    assert found, name
    return found[1].replace("&amp;", "&")


@pytest.mark.feature("M1-02")
def test_each_contract_says_its_state_price_next_payment_with_amount_and_earliest_end(
    reader: Desk, house: House
) -> None:
    told = words_of(panel(tab(reader, house), house.subscription))
    assert "Rad im Abo" in told and "aktiv" in told and "89,90 €" in told and "+ Helm 4,50 €" in told
    assert "Nächste Zahlung 112,34 € am 15.12.2026, mit USt." in told and "Kündbar zum 14.12.2026" in told


@pytest.mark.feature("M1-07")
@pytest.mark.feature("D-6")
def test_the_next_payment_is_moved_from_the_card_and_one_is_back_on_it(
    owner: Desk, people: Flask, house: House
) -> None:
    page = tab(owner, house)
    address = way(page, house.subscription, "next_payment")
    asked = owner.get(address)
    assert "Nur diese wird verlegt; alle späteren bleiben" in words_of(asked)
    values = dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', asked))
    answer = owner.client.post(address, data={**values, "csrf_token": owner.own_token(), "next_event": "2026-12-20"})
    assert answer.headers["Location"] == f"{TAB}?id={house.customer}"
    told = words_of(panel(owner.get(answer.headers["Location"]), house.subscription))
    assert "am 20.12.2026, mit USt." in told and "verlegt, sonst 15.12.2026" in told
    with people.app_context():
        end_reading()
        assert db.session.get_one(Subscription, house.subscription).anchor_on.day == 15


def test_a_deed_in_two_steps_comes_back_to_the_card_as_well(owner: Desk, house: House) -> None:
    address = way(tab(owner, house), house.subscription, "change")
    values = {"csrf_token": owner.own_token(), "id": house.subscription, "next": f"{TAB}?id={house.customer}",
              "article_number": "RAD-1", "quantity": "2", "when": "now"}  # fmt: skip
    told = owner.client.post(address, data=values).text
    assert f'name="next" value="{TAB}?id={house.customer}"' in told and 'name="sure"' in told
    answer = owner.client.post(address, data={**values, "sure": "1"})
    assert answer.headers["Location"] == f"{TAB}?id={house.customer}"


@pytest.mark.feature("S17")
def test_nobody_is_led_to_a_strange_house(owner: Desk, house: House) -> None:
    for strange in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        values = {"csrf_token": owner.own_token(), "id": house.subscription, "next": strange,
                  "next_event": "2026-12-21"}  # fmt: skip
        answer = owner.client.post("/admin/contracts/?deed=next_payment", data=values)
        assert answer.headers["Location"] == f"/admin/subscriptions/details/?id={house.subscription}"


def test_usage_and_coupons_are_one_click_away_and_lead_back(owner: Desk, house: House) -> None:
    page = panel(tab(owner, house), house.subscription)
    for place in ("/admin/usage/record/", "/admin/coupons/redeem/"):
        found = re.search(rf'href="({place}[^"]*)"', page)
        assert found and f'name="next" value="{TAB}?id={house.customer}"' in owner.get(found[1].replace("&amp;", "&"))


def test_the_tab_takes_as_many_statements_for_twenty_contracts_as_for_one(
    owner: Desk, people: Flask, house: House, statements: list[str]
) -> None:
    numbers = []
    with people.app_context():
        for count in (1, 20):
            numbers.append(customers.create_customer(SYSTEM, {"last_name": "Neu", "email": "neu@example.com"}))
            for _ in range(count):
                order = subscriptions.Order(numbers[-1], subscriptions.Booking("RAD-1"))
                subscriptions.create_subscription(SYSTEM, order)
        db.session.remove()
    owner.get("/admin/")
    counts = []
    for number in numbers:
        statements.clear()
        owner.get(f"{TAB}?id={number}")
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 30, counts
