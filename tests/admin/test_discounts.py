"""Coupons, usage, credit and prices in other currencies on the screens (X-20, R-17, D-9)."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from extensions import db
from models import Coupon, CouponRedemption, CreditGrant, Product, ProductPrice, Subscription, UsageRecord
from services import product_prices, products
from services.actor import SYSTEM
from tests.admin.conftest import Desk
from tests.admin.furniture import XSS, House

COUPON = {"code": "SOMMER", "title": "Sommer", "kind": "percent", "percent": "20,5", "lasts": "events", "events": "2",
          "uses_max": "5", "uses_per_customer": "1", "is_active": "y", "currency_code": "EUR"}  # fmt: skip


def make_coupon(desk: Desk, **more: str) -> str:
    return desk.post("/admin/coupons/new/", COUPON | more, seen_on="/admin/coupons/new/")


def rows(app: Flask, model: type) -> list[object]:
    with app.app_context():
        found = list(db.session.scalars(select(model)))
        db.session.remove()
    return found


@pytest.mark.feature("X-20")
def test_a_coupon_is_made_shown_and_switched_off(owner: Desk, people: Flask, house: House) -> None:
    page = owner.get("/admin/coupons/")
    assert "Hier stehen Gutscheine" in page
    page = make_coupon(owner, product_ids="1")
    assert "SOMMER" in page and "20,5 %" in page and "2 Rechnungen" in page and "Einlösbar" in page
    (coupon,) = rows(people, Coupon)
    assert isinstance(coupon, Coupon) and (coupon.percent, coupon.events) == (Decimal("20.5"), 2)
    page = owner.post("/admin/coupons/switch/", {"id": coupon.id})
    assert "Der Gutschein ist ausgeschaltet." in page and "ausgeschaltet</span>" in page
    assert "SOMMER" in owner.get("/admin/coupons/?state=off&kind=percent&search=somm")
    assert "SOMMER" not in owner.get("/admin/coupons/?state=open")


@pytest.mark.feature("X-20")
@pytest.mark.feature("S24")
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"percent": "120"}, "außerhalb"),
        ({"kind": "amount", "amount": ""}, "Bitte füllen Sie dieses Feld aus."),
        ({"kind": "voucher", "amount": "0,005"}, "Cent"),
        ({"customer_id": "gibtsnicht"}, "Es gibt keinen Kunden mit dieser Nummer."),
        ({"lasts": "time"}, "Bitte füllen Sie dieses Feld aus."),
        ({"code": "x" * 50}, "Code"),
    ],
)
def test_a_coupon_that_makes_no_sense_is_told_at_its_field(
    owner: Desk, people: Flask, house: House, wrong: dict[str, str], sentence: str
) -> None:
    page = make_coupon(owner, **wrong)
    assert "Noch ist nichts gespeichert" in page
    assert sentence in page or wrong == {"code": ""} or 'class="field wrong' in page
    assert rows(people, Coupon) == []


@pytest.mark.feature("X-20")
@pytest.mark.feature("R-17")
def test_a_coupon_is_redeemed_for_a_contract_and_ended(owner: Desk, people: Flask, house: House) -> None:
    make_coupon(owner)
    asked = f"/admin/coupons/redeem/?contract={house.subscription}"
    assert "Gutschein einlösen" in owner.get(asked)
    values = {"contract": house.subscription, "coupon": "gibtsnicht"}
    assert "Es gibt keinen Gutschein mit diesem Code." in owner.post("/admin/coupons/redeem/", values, seen_on=asked)
    page = owner.post("/admin/coupons/redeem/", values | {"coupon": "sommer"}, seen_on=asked)
    assert "Der Gutschein ist eingelöst." in page and "SOMMER" in page
    (row,) = rows(people, CouponRedemption)
    assert isinstance(row, CouponRedemption)
    assert "SOMMER" in owner.get(f"/admin/customers/vouchers/?id={row.customer_id}")
    assert "SOMMER" in owner.get("/admin/coupons/") and "1 / 5" in owner.get("/admin/coupons/")
    page = owner.post("/admin/coupons/end/", {"redemption": row.id}, seen_on=f"/admin/coupons/end/?redemption={row.id}")
    assert "Der Gutschein ist beendet." in page and "beendet</span>" in page


@pytest.mark.feature("X-20")
def test_the_usage_dialog_offers_only_what_fits_the_contracts_prices_and_currency(
    owner: Desk, people: Flask, house: House
) -> None:
    with people.app_context():
        mode = db.session.get_one(Subscription, house.subscription).is_gross
        made = {
            number: products.create_product(SYSTEM, {
                "number": number, "title": number, "is_gross": gross, "currency_code": currency,
                "unit_price": Decimal(1)})
            for number, gross, currency in (
                ("fits", mode, "EUR"), ("other-mode", not mode, "EUR"), ("dear", mode, "CHF"), ("both", mode, "CHF"))
        }  # fmt: skip
        product_prices.set_price(SYSTEM, made["both"], "EUR", Decimal(2), Decimal(0))
        db.session.remove()
    page = owner.get(f"/admin/usage/record/?contract={house.subscription}")
    offered = [number for number in made if f'<option value="{number}"' in page]
    assert offered == ["fits", "both"]


@pytest.mark.feature("X-20")
def test_usage_is_recorded_on_the_contracts_page_and_deleted(owner: Desk, people: Flask, house: House) -> None:
    with people.app_context():
        contract = db.session.get_one(Subscription, house.subscription)
        mode = contract.is_gross
        products.create_product(SYSTEM, {"number": "minute", "title": f"Minuten {XSS}", "is_gross": mode,
                                         "unit_price": Decimal("0.10")})  # fmt: skip
        db.session.remove()
    asked = f"/admin/usage/record/?contract={house.subscription}"
    values = {"contract": house.subscription, "article_number": "minute", "quantity": "12,5", "used_on": "",
              "unit_price": "", "description": "Ausland"}  # fmt: skip
    refused = owner.post("/admin/usage/record/", values | {"quantity": "viel"}, seen_on=asked)
    assert "Bitte geben Sie eine Zahl" in refused
    page = owner.post("/admin/usage/record/", values, seen_on=asked)
    assert "Die Nutzung ist erfasst." in page and "12,5" in page and XSS not in page
    (row,) = rows(people, UsageRecord)
    assert isinstance(row, UsageRecord) and row.quantity == Decimal("12.5")
    assert "Ausland" in owner.get(f"/admin/usage/?contract={house.subscription}")
    asked = f"/admin/usage/delete/?id={row.id}"
    assert "wird nicht abgerechnet" in owner.get(asked)
    assert "Die Nutzung ist gelöscht." in owner.post("/admin/usage/delete/", {"id": row.id}, seen_on=asked)
    assert rows(people, UsageRecord) == []


@pytest.mark.feature("D-9")
@pytest.mark.feature("M2-41")
def test_credit_is_granted_on_the_record_and_taken_back(owner: Desk, people: Flask, house: House) -> None:
    asked = f"/admin/credit/?customer={house.customer}"
    assert "vor der Umsatzsteuer" in owner.get(asked)
    values = {"customer": house.customer, "amount": "-5", "currency_code": "EUR", "reason": XSS}
    assert "außerhalb" in owner.post("/admin/credit/", values, seen_on=asked)
    page = owner.post("/admin/credit/", values | {"amount": "12,50"}, seen_on=asked)
    assert "Das Guthaben ist gewährt." in page and "12,50" in page and XSS not in page
    (row,) = rows(people, CreditGrant)
    assert isinstance(row, CreditGrant) and (row.amount_cents, row.source) == (1250, "staff")
    asked = f"/admin/credit/withdraw/?id={row.id}"
    assert re.search(r"12,50\s€ gewährtes Guthaben", owner.get(asked))
    page = owner.post("/admin/credit/withdraw/", {"id": row.id}, seen_on=asked)
    assert "Das Guthaben ist zurückgenommen." in page


@pytest.mark.feature("X-20")
def test_a_product_has_prices_in_other_currencies(owner: Desk, people: Flask, house: House) -> None:
    with people.app_context():
        number = db.session.scalars(select(Product.id).order_by(Product.id)).first()
        db.session.remove()
    assert "nur in EUR verkauft" in owner.get(f"/admin/products/details/?id={number}")
    asked = f"/admin/product-prices/?product={number}"
    values = {"product": number or 0, "currency_code": "eur", "unit_price": "12,5", "setup_fee": ""}
    assert "eigene Währung" in owner.post("/admin/product-prices/", values, seen_on=asked)
    page = owner.post("/admin/product-prices/", values | {"currency_code": "chf"}, seen_on=asked)
    assert "Gespeichert." in page and "CHF" in page and "12,50" in page
    page = owner.post("/admin/product-prices/", values | {"currency_code": "CHF", "unit_price": "13"}, seen_on=asked)
    (row,) = rows(people, ProductPrice)
    assert isinstance(row, ProductPrice) and row.unit_price == 13 and "13,00" in page
    asked = f"/admin/product-prices/remove/?product={number}&currency=CHF"
    assert "nicht mehr in CHF verkauft" in owner.get(asked)
    page = owner.post("/admin/product-prices/remove/", {"product": number or 0, "currency": "CHF"}, seen_on=asked)
    assert "Der Preis ist entfernt." in page and rows(people, ProductPrice) == []
