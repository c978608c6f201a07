"""PAYMENT_PROVIDER and PAYMENT_TOKEN: a shop whose customers enter cards hands the token over, and it is charged."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from extensions import db
from gateways.base import SetupWish
from gateways.sandbox import SandboxGateway
from models import ActivityDetail, Payment, PaymentMethod
from services import attempts, billing_run, clock, products, providers
from services.actor import SYSTEM
from tests.api.test_customers import make, one
from tests.api.wire import Wire
from tests.services import shop


def token_of(app: Flask, card: str = "succeeds") -> str:
    """A test card that was entered on the provider's own page."""
    with app.app_context():
        gateway = providers.offered()["sandbox"]
        assert isinstance(gateway, SandboxGateway)
        wish = SetupWish("card", "shop", "http://127.0.0.1/", "e@beispiel.example", "Erika", "DE", "de")
        setup = gateway.begin_setup(wish)
        gateway.choose(setup.id, card)
        kept = gateway.read_setup(setup.id).method
        assert kept is not None
        return kept.token


def methods(app: Flask) -> list[tuple[int, str, str, bool]]:
    with app.app_context():
        rows = db.session.scalars(select(PaymentMethod).order_by(PaymentMethod.id)).all()
        found = [(row.customer_id, row.gateway, row.token, row.is_default) for row in rows]
        db.session.remove()
        return found


@pytest.mark.feature("M1-18")
@pytest.mark.feature("M1-19")
def test_a_token_that_comes_with_the_customer_is_kept_and_charged(wire: Wire, app: Flask) -> None:
    token = token_of(app)
    key = make(wire, PAYMENT_TYPE=6, PAYMENT_PROVIDER="sandbox", PAYMENT_TOKEN=token, ADDRESS="Allee 1",
               ZIPCODE="20095", CITY="Hamburg")  # fmt: skip
    assert methods(app) == [(key, "sandbox", token, True)]
    with app.app_context():
        products.create_product(SYSTEM, {"number": "plan", "title": "Tarif", "unit_price": 10, "interval": shop.MONTH})
        db.session.remove()
    wire.ok("subscription.create", data={"CUSTOMER_ID": key, "ARTICLE_NUMBER": "plan"})
    with app.app_context():
        assert billing_run.bill(clock.today(), SYSTEM).counts.charging == 1
        assert [attempts.carry_on(each) for each in attempts.waiting(10)] == ["accepted"]
        assert db.session.scalars(select(Payment.gateway)).all() == ["sandbox"]
        db.session.remove()
    (invoice,) = wire.ok("invoice.get", filter={"CUSTOMER_ID": key})["INVOICES"]
    assert (invoice["STATUS"], invoice["PAYMENT_TYPE"], invoice["OUTSTANDING_AMOUNT"]) == ("paid", "6", 0)


@pytest.mark.feature("M1-19")
def test_a_token_by_update_is_the_default_once_however_often_the_full_record_is_sent(wire: Wire, app: Flask) -> None:
    key = make(wire)
    first, second = token_of(app), token_of(app)
    for token in (first, first, second, second):
        wire.ok("customer.update", data={"CUSTOMER_ID": key, "PAYMENT_TYPE": 6, "PAYMENT_PROVIDER": "sandbox",
                                         "PAYMENT_TOKEN": token})  # fmt: skip
        wire.ok("customer.update", data=one(wire, key))
    assert methods(app) == [(key, "sandbox", first, False), (key, "sandbox", second, True)]
    with app.app_context():
        told = " ".join(db.session.scalars(select(ActivityDetail.details)))
        db.session.remove()
    assert first not in told and second not in told, "the trail says that it changed, never what it is"


def test_a_provider_that_no_gateway_speaks_to_is_told_back_and_never_charged(wire: Wire, app: Flask) -> None:
    """A token of such a house was never more than a note for the shop that wrote it."""
    key = make(wire, PAYMENT_TYPE=1, PAYMENT_PROVIDER="wirecard", PAYMENT_TOKEN="tok_1")
    assert methods(app) == []
    shown = one(wire, key)
    assert (shown["PAYMENT_PROVIDER"], shown["PAYMENT_TOKEN"]) == ("wirecard", "tok_1")
