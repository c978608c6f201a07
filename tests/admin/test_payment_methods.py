"""Kept payment methods on the card: seen, chosen, assigned, removed; and asked for (M1-16 to M1-19)."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from extensions import db
from models import Customer, Message, PaymentMethod, Subscription
from services import customers, method_holds
from services.actor import SYSTEM
from services.unit import write
from tests.admin.conftest import Desk
from tests.admin.furniture import House
from tests.services.charged import keep_card


@pytest.mark.feature("M1-19")
def test_the_card_shows_what_is_kept_and_staff_choose_assign_and_remove_it(
    app: Flask, owner: Desk, house: House
) -> None:
    with app.app_context():
        contract = db.session.scalars(select(Subscription).where(Subscription.status == "active")).first()
        assert contract is not None
        customer, number = contract.customer_id, contract.id
        kept = keep_card(customer, "succeeds")
        customers.update_customer(SYSTEM, customer, {"payment_type": 1})
        db.session.remove()
    page = owner.get(f"/admin/customers/payments/?id={customer}")
    assert "Hinterlegte Zahlungsarten" in page and "Kreditkarte" in page and "Damit bezahlen" in page
    owner.post(f"/admin/payment-methods/?id={kept}")
    owner.post(f"/admin/payment-methods/assign/?id={kept}", {"contract": number})
    with app.app_context():
        assert db.session.get_one(PaymentMethod, kept).is_default
        assert db.session.get_one(Subscription, number).payment_method_id == kept
        db.session.remove()
    owner.post(f"/admin/payment-methods/ask/?customer={customer}")
    owner.post(f"/admin/payment-methods/remove/?id={kept}")
    with app.app_context():
        assert db.session.get_one(PaymentMethod, kept).state == "removed"
        assert db.session.get_one(Customer, customer).payment_type == 1
        assert "payment_data" in set(db.session.scalars(select(Message.template)))
        db.session.remove()


@pytest.mark.feature("M1-19")
def test_a_contract_is_paid_by_a_kept_method_by_another_way_or_as_the_customer_pays(
    app: Flask, owner: Desk, house: House
) -> None:
    with app.app_context():
        kept = keep_card(house.customer, "succeeds")
        db.session.remove()
    contract = f"/admin/subscriptions/details/?id={house.subscription}"
    asked = f"/admin/payment-methods/contract/?id={house.subscription}"
    assert "Kreditkarte" in owner.get(contract) and "Wie beim Kunden" in owner.get(asked)
    for way, paid_by in ((f"method:{kept}", (6, kept)), ("1", (1, None)), ("", (None, None))):
        owner.post(asked, {"way": way}, seen_on=asked)
        with app.app_context():
            row = db.session.get_one(Subscription, house.subscription)
            assert (row.payment_type, row.payment_method_id) == paid_by
            db.session.remove()
    assert "Wie beim Kunden" in owner.get(contract)


def test_a_stranger_s_method_is_no_choice(app: Flask, owner: Desk, house: House) -> None:
    with app.app_context():
        kept = keep_card(house.hostile, "succeeds")
        db.session.remove()
    asked = f"/admin/payment-methods/contract/?id={house.subscription}"
    owner.post(asked, {"way": f"method:{kept}"}, seen_on=asked)
    with app.app_context():
        assert db.session.get_one(Subscription, house.subscription).payment_method_id is None
        db.session.remove()


@pytest.mark.feature("M2-16")
def test_the_card_says_why_a_method_is_not_charged_any_more_and_staff_use_it_again(
    app: Flask, owner: Desk, house: House
) -> None:
    with app.app_context():
        kept = keep_card(house.customer, "succeeds")
        with write() as session:
            method_holds.hold(session, kept, method_holds.DECLINED)
        db.session.remove()
    page = owner.get(f"/admin/customers/payments/?id={house.customer}")
    assert "Wird nicht mehr von selbst belastet: endgültig abgelehnt am" in page and "Wieder verwenden" in page
    owner.post(f"/admin/payment-methods/use-again/?id={kept}")
    assert "Wird nicht mehr von selbst" not in owner.get(f"/admin/customers/payments/?id={house.customer}")
