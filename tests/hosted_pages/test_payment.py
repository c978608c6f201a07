"""Customers look after their payment methods by their link: the first at once, a change after a code (D-11, M1-46)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select, update

from config import ROOT
from extensions import db
from models import Company, Customer, PaymentMethod
from services import customers
from services.actor import SYSTEM
from services.unit import write
from tests.hosted_pages.test_accountdata import MINIMAL, made, record, rows
from tests.hosted_pages.visitor import Visitor

PAGE = "/payment"


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app, made(app, **MINIMAL))


def send(visitor: Visitor, under: str = PAGE, **fields: str) -> str:
    """A button of the payment page; gives the page that it leads to."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', visitor.client.get(visitor.path).text)
    assert token
    given = {"csrf_token": token[1], **fields}
    return visitor.client.post(visitor.path + under, data=given, follow_redirects=True).text


def enter(visitor: Visitor, page: str, card: str = "succeeds") -> str:
    """At the provider: the card is chosen, and the customer comes back."""
    address = re.search(r'class="btn primary" href="([^"]+)"', page)
    assert address, page
    setup = urlsplit(address[1]).path
    shown = visitor.client.get(setup)
    assert shown.status_code == 200 and "MUSTER" in shown.text
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown.text)
    assert token
    back = visitor.client.post(setup, data={"csrf_token": token[1], "card": card})
    return visitor.client.get(urlsplit(back.location).path, follow_redirects=True).text


def kept(app: Flask) -> list[PaymentMethod]:
    return rows(app, select(PaymentMethod).order_by(PaymentMethod.id))


@pytest.mark.feature("D-11")
@pytest.mark.feature("M1-17")
@pytest.mark.feature("M1-46")
def test_the_first_card_counts_at_once(app: Flask, visitor: Visitor) -> None:
    assert "Karte, PayPal und andere Zahlungsarten" in visitor.client.get(visitor.path).text
    page = enter(visitor, send(visitor, deed="add", kind="card", gateway="sandbox"))
    assert "Ihre Zahlungsart ist hinterlegt" in page and "in Verwendung" in page
    (card,) = kept(app)
    assert card.state == "active" and record(app, card.customer_id).payment_type == 6


@pytest.mark.feature("D-11")
def test_a_change_waits_for_the_code_and_the_old_address_is_told(app: Flask, visitor: Visitor) -> None:
    enter(visitor, send(visitor, deed="add", kind="card", gateway="sandbox"))
    assert "Code eingeben" in send(visitor, deed="add", kind="paypal", gateway="sandbox")
    assert len(kept(app)) == 1, "nothing is begun before the code"
    assert "Dieser Code stimmt nicht" in send(visitor, "/payment/code", code="000000")
    enter(visitor, send(visitor, "/payment/code", code=visitor.code()), "paypal")
    card, paypal = kept(app)
    assert (card.is_default, paypal.is_default, paypal.kind) == (False, True, "paypal")
    assert visitor.newest_mail("customer_changed").recipient == MINIMAL["email"]
    send(visitor, deed="choose", method=str(card.id))
    assert "Sie bezahlen jetzt auf diesem Weg" in send(visitor, "/payment/code", code=visitor.code())
    send(visitor, deed="remove", method=str(paypal.id))
    assert "Die Zahlungsart ist entfernt" in send(visitor, "/payment/code", code=visitor.code())
    assert [row.state for row in kept(app)] == ["active", "removed"]


@pytest.mark.feature("D-11")
def test_after_five_wrong_codes_the_page_says_that_all_begins_again(app: Flask, visitor: Visitor) -> None:
    enter(visitor, send(visitor, deed="add", kind="card", gateway="sandbox"))
    send(visitor, deed="add", kind="paypal", gateway="sandbox")
    pages = [send(visitor, "/payment/code", code="000000") for _ in range(6)]
    assert "Dieser Code stimmt nicht" in pages[3] and "Code senden" in pages[3]
    for page in pages[4:]:
        assert "zu oft falsch" in page and "Noch einmal beginnen" in page and "neuen senden" not in page
    assert len(kept(app)) == 1


def test_strangers_methods_and_unknown_wishes_are_refused(app: Flask, visitor: Visitor) -> None:
    enter(visitor, send(visitor, deed="add", kind="card", gateway="sandbox"))
    other = Visitor(app, made(app, last_name="Fremd", email="fremd@kundin.example"))
    (card,) = kept(app)
    for fields in ({"deed": "remove", "method": str(card.id)}, {"deed": "choose", "method": "x"}, {"deed": "<svg>"},
                   {"deed": "add", "kind": "card", "gateway": "wirecard"}):  # fmt: skip
        assert "Code eingeben" not in send(other, **fields)
    other.client.get(f"{other.path}{PAGE}/back/{card.id}")
    assert [row.state for row in kept(app)] == ["active"]


def test_what_is_not_allowed_is_not_offered(app: Flask, visitor: Visitor) -> None:
    with app.app_context():
        key = db.session.scalars(select(Customer.id)).one()
        customers.update_customer(SYSTEM, key, {"allowed_payment_types": "1,4"})
        db.session.remove()
    page = visitor.client.get(visitor.path + PAGE).text
    assert "PayPal hinzufügen" in page and "Karte hinzufügen" not in page


def test_a_live_house_has_no_test_provider(app: Flask, visitor: Visitor) -> None:
    page = send(visitor, deed="add", kind="card", gateway="sandbox")
    address = re.search(r'href="[^"]*(/sandbox-provider/setup/[^"]+)"', page)
    assert address and visitor.client.get("/sandbox-provider/setup/unknown").status_code == 404
    with app.app_context(), write() as session:
        session.execute(update(Company).values(mode="live"))
    assert visitor.client.get(address[1]).status_code == 404


def test_nobody_is_asked_for_a_card_number_anywhere() -> None:
    """PCI DSS, SAQ A: the provider's page takes it, ours never does."""
    asked = re.compile(r"cc-number|cc-csc|card_?number|\bcvc\b|\bcvv\b|\bpan\b", re.I)
    pages = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("admin/*.py"), *ROOT.glob("hosted_pages/*.py")]
    assert len(pages) > 100 and [page.name for page in pages if asked.search(page.read_text())] == []
