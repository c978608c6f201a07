"""What reduces a customer's bills, on their card: own coupons, what is redeemed and left, granted and paid credit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from billing.money import Money
from extensions import db
from models import Coupon, CouponRedemption
from services import clock, coupons, credit, customers, payments, redemptions
from services.actor import SYSTEM
from services.payments import Receipt
from services.unit import end_reading
from tests.admin.conftest import Desk
from tests.admin.furniture import TODAY, House

TAB = "/admin/customers/vouchers/"


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.stand_at(TODAY):
        yield


def tab(desk: Desk, customer: int) -> str:
    html = re.sub(r"<[^>]+>", " ", desk.get(f"{TAB}?id={customer}"))
    return re.sub(r"\s+", " ", html).replace("\xa0", " ")


def furnish(app: Flask, house: House) -> None:
    """A coupon of their own, a voucher and one for three invoices redeemed, credit granted and paid ahead."""
    with app.app_context():
        coupons.create_coupon(SYSTEM, {"code": "DANKE", "kind": "percent", "percent": Decimal(20), "uses_max": 2,
                                       "uses_per_customer": 0, "customer_id": house.customer})  # fmt: skip
        coupons.create_coupon(SYSTEM, {"code": "WERT", "kind": "voucher", "amount_cents": 5000, "currency_code": "EUR"})
        coupons.create_coupon(SYSTEM, {"code": "DREI", "kind": "percent", "percent": Decimal(5), "events": 3})
        for code in ("WERT", "DREI"):
            redemptions.redeem(SYSTEM, house.subscription, code)
        credit.grant_credit(SYSTEM, house.customer, Money(1500, "EUR"), "Kulanz")
        payments.prepay(SYSTEM, house.customer, Receipt(Money(3000, "EUR"), TODAY))
        db.session.remove()


@pytest.mark.feature("R-17")
def test_the_tab_says_what_is_offered_redeemed_for_which_contract_and_left(
    owner: Desk, people: Flask, house: House
) -> None:
    furnish(people, house)
    told = tab(owner, house.customer)
    assert "DANKE" in told and "unbegrenzt" not in told and "2 Mal" in told and "20 %" in told
    assert "WERT" in told and "noch 50,00 €" in told and "noch 3 Rechnungen" in told and "Rad im Abo" in told
    assert "Kulanz" in told and "15,00 €" in told and "30,00 € übrig" in told and "Zahlung" in told


@pytest.mark.feature("R-17")
def test_what_the_one_customer_may_not_redeem_again_is_used_up(owner: Desk, people: Flask, house: House) -> None:
    with people.app_context():
        coupons.create_coupon(SYSTEM, {"code": "EINMAL", "kind": "voucher", "amount_cents": 500,
                                       "currency_code": "EUR", "customer_id": house.customer})  # fmt: skip
        db.session.remove()
    assert "code=EINMAL" in owner.get(f"{TAB}?id={house.customer}")
    with people.app_context():
        redemptions.redeem(SYSTEM, house.subscription, "EINMAL")
        db.session.remove()
    assert "code=EINMAL" not in owner.get(f"{TAB}?id={house.customer}")
    assert "0 Mal" in tab(owner, house.customer) and "einlösbar" not in tab(owner, house.customer)


@pytest.mark.feature("R-17")
def test_an_empty_tab_says_what_will_stand_there_and_offers_the_first_step(owner: Desk, people: Flask) -> None:
    with people.app_context():
        nobody = customers.create_customer(SYSTEM, {"last_name": "Neu"})
        db.session.remove()
    told = tab(owner, nobody)
    for words in ("Für diesen Kunden allein gibt es keinen Gutschein.", "Es wurde noch kein Gutschein eingelöst.",
                  "Kein Guthaben aus Zahlungen", "Gutschein für diesen Kunden", "Guthaben gewähren"):  # fmt: skip
        assert words in told, words


def test_a_coupon_made_from_the_card_is_this_customer_s_and_leads_back(
    owner: Desk, people: Flask, house: House
) -> None:
    page = owner.get(f"{TAB}?id={house.customer}")
    found = re.search(r'href="(/admin/coupons/new/[^"]*)"', page)
    assert found
    address = found[1].replace("&amp;", "&")
    assert 'name="customer_id"' in owner.get(address) and 'value="10001"' in owner.get(address)
    values = {
        "csrf_token": owner.own_token(), "code": "NUR-SIE", "kind": "percent", "percent": "10", "lasts": "events",
        "events": "1", "uses_max": "0", "uses_per_customer": "1", "customer_id": "10001", "is_active": "y",
    }  # fmt: skip
    answer = owner.client.post(address, data=values)
    assert answer.headers["Location"] == f"{TAB}?id={house.customer}"
    with people.app_context():
        assert db.session.scalar(select(Coupon.customer_id).where(Coupon.code == "NUR-SIE")) == house.customer


def test_a_coupon_is_redeemed_for_one_of_the_customer_s_contracts_and_ended_again(
    owner: Desk, people: Flask, house: House
) -> None:
    furnish(people, house)
    page = owner.get(f"{TAB}?id={house.customer}")
    asked = re.search(r'href="(/admin/customers/vouchers/redeem/[^"]*code=DANKE[^"]*)"', page)
    assert asked and 'value="DANKE"' in owner.get(asked[1].replace("&amp;", "&"))
    values = {"csrf_token": owner.own_token(), "id": house.customer, "subscription_id": house.subscription}
    wrong = owner.client.post(f"{TAB}redeem/", data={**values, "coupon": "GIBTSNICHT"})
    assert "Es gibt keinen Gutschein mit diesem Code." in wrong.text
    answer = owner.client.post(f"{TAB}redeem/", data={**values, "coupon": "danke"})
    assert answer.headers["Location"] == f"{TAB}?id={house.customer}"
    with people.app_context():
        end_reading()
        redemption = db.session.scalars(select(CouponRedemption.id).order_by(CouponRedemption.id.desc())).first()
    ended = owner.client.post("/admin/coupons/end/", data={
        "csrf_token": owner.own_token(), "redemption": redemption, "next": f"{TAB}?id={house.customer}"})  # fmt: skip
    assert ended.headers["Location"] == f"{TAB}?id={house.customer}"


def test_somebody_else_s_contract_cannot_be_chosen(owner: Desk, people: Flask, house: House) -> None:
    furnish(people, house)
    values = {"csrf_token": owner.own_token(), "id": house.hostile, "subscription_id": house.subscription,
              "coupon": "DREI"}  # fmt: skip
    assert owner.client.post(f"{TAB}redeem/", data=values).status_code == 200


def test_credit_granted_and_paid_out_from_the_tab_leads_back_to_it(owner: Desk, people: Flask, house: House) -> None:
    furnish(people, house)
    page = owner.get(f"{TAB}?id={house.customer}")
    for place in ("/admin/credit/", "/admin/credit/withdraw/", "/admin/payments/pay-out/", "/admin/payments/ahead/"):
        found = re.search(rf'href="({place}\?[^"]*)"', page)
        assert found, place
        assert f'name="next" value="{TAB}?id={house.customer}"' in owner.get(found[1].replace("&amp;", "&")), place
