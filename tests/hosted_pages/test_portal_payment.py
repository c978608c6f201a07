"""Customers with a login look after their payment methods in the portal, without a code (M1-46)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select, update

from extensions import db
from models import CustomerLogin, Message, PaymentMethod
from services.unit import write
from tests.hosted_pages.test_accountdata import record, rows
from tests.hosted_pages.test_portal import Guest, made
from tests.services.charged import keep_card


@pytest.fixture
def customer(app: Flask) -> int:
    made(app)
    return int(rows(app, select(CustomerLogin.customer_id))[0])


@pytest.fixture
def guest(app: Flask, customer: int) -> Guest:
    guest = Guest(app)
    guest.log_in()
    return guest


def enter(guest: Guest, kind: str, card: str) -> str:
    """Add a method at the provider; gives the page that the customer comes back to."""
    page = guest.send("/payment", deed="add", kind=kind, gateway="sandbox").text
    address = re.search(r'class="btn primary" href="([^"]+)"', page)
    assert address, page
    setup = urlsplit(address[1]).path
    token = re.search(r'name="csrf_token" value="([^"]+)"', guest.client.get(setup).text)
    assert token
    back = guest.client.post(setup, data={"csrf_token": token[1], "card": card})
    return guest.client.get(urlsplit(back.location).path, follow_redirects=True).text


def methods(app: Flask) -> list[PaymentMethod]:
    return rows(app, select(PaymentMethod).order_by(PaymentMethod.id))


@pytest.mark.feature("M1-46", "D-11")
def test_methods_are_added_chosen_and_removed_without_a_code_and_the_address_is_told(
    app: Flask, customer: int, guest: Guest
) -> None:
    assert "Es ist noch keine Karte" in guest.get("/payment").text
    assert "Ihre Zahlungsart ist hinterlegt" in enter(guest, "card", "succeeds")
    enter(guest, "paypal", "paypal")
    card, paypal = methods(app)
    assert (paypal.is_default, record(app, customer).payment_type) == (True, 4)
    page = guest.get("/payment").text
    assert "PayPal" in page and "gültig bis" in page and "Damit bezahlen" in page
    assert "PayPal" in guest.get().text, "the page of one's own tells them, too"
    guest.send("/payment", deed="choose", method=str(card.id))
    guest.send("/payment", deed="remove", method=str(paypal.id))
    assert [(row.state, row.is_default) for row in methods(app)] == [("active", True), ("removed", False)]
    told = rows(app, select(Message).where(Message.template == "customer_changed"))
    assert len(told) == 4 and rows(app, select(Message).where(Message.template == "customer_code")) == []


def test_strangers_methods_and_unknown_wishes_are_refused(app: Flask, customer: int, guest: Guest) -> None:
    made(app, "fremd@kundin.example")
    stranger = max(rows(app, select(CustomerLogin.customer_id)))
    with app.app_context():
        kept = keep_card(stranger, "succeeds")
        db.session.remove()
    for fields in ({"deed": "remove", "method": str(kept)}, {"deed": "choose", "method": "x"}, {"deed": "<svg>"},
                   {"deed": "add", "kind": "card", "gateway": "wirecard"}):  # fmt: skip
        assert guest.send("/payment", **fields).status_code == 409
    assert "nicht mehr hinterlegt" in guest.send("/payment", deed="choose", method=str(kept)).text
    assert guest.get(f"/payment/back/{kept}").status_code == 302
    assert [row.state for row in methods(app)] == ["active"]


def test_whoever_is_not_logged_in_sees_and_does_nothing(app: Flask, customer: int) -> None:
    with app.app_context():
        kept = keep_card(customer, "succeeds")
        db.session.remove()
    nobody = Guest(app)
    assert nobody.get("/payment").headers["Location"].endswith("/portal/login")
    assert nobody.send("/payment", "/login", deed="remove", method=str(kept)).headers["Location"].endswith("/login")
    assert [row.state for row in methods(app)] == ["active"]


def test_an_expired_card_says_so_and_asks_for_another(app: Flask, customer: int, guest: Guest) -> None:
    with app.app_context():
        kept = keep_card(customer, "succeeds")
        with write() as session:
            session.execute(update(PaymentMethod).where(PaymentMethod.id == kept).values(state="expired"))
        db.session.remove()
    page = guest.get("/payment").text
    assert "abgelaufen" in page and "Bitte fügen Sie eine andere hinzu" in page
    assert "Damit bezahlen" not in page and "in Verwendung" not in page
    assert "expired" in guest.get("/payment?lang=en").text
