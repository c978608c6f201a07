"""Blocked, deactivated, active again: who may do what to whom, and what the record keeps of it (P-11, D-12)."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from billing.errors import AlreadyDone, NotFound
from extensions import db
from models import Activity, Customer
from services import customer_status
from services.actor import SYSTEM, Actor
from services.customers import create_customer

FRAUKE = Actor("staff", 1, "Frauke Brandt")


@pytest.fixture
def customer(context: Flask) -> int:
    return create_customer(SYSTEM, {"last_name": "Wendt"})


@pytest.mark.feature("P-11")
def test_a_customer_is_blocked_deactivated_and_activated_again(customer: int) -> None:
    path = [customer_status.change_status(FRAUKE, customer, action) for action in ("block", "deactivate", "activate")]
    assert path == ["blocked", "deactivated", "active"]
    assert db.session.get_one(Customer, customer).status == "active"


@pytest.mark.feature("P-11")
@pytest.mark.parametrize(("first", "second"), [(None, "activate"), ("block", "block"), ("deactivate", "deactivate")])
def test_a_status_that_stands_already_is_told_so(customer: int, first: str | None, second: str) -> None:
    if first:
        customer_status.change_status(FRAUKE, customer, first)
    with pytest.raises(AlreadyDone) as refused:
        customer_status.change_status(FRAUKE, customer, second)
    assert refused.value.code == f"already_{customer_status.STATUS[second]}"


def test_nobody_is_blocked_who_is_not_there(context: Flask) -> None:
    with pytest.raises(NotFound):
        customer_status.change_status(FRAUKE, 4711, "block")


@pytest.mark.feature("GOB-2")
def test_the_record_says_who_did_it(customer: int) -> None:
    customer_status.change_status(FRAUKE, customer, "block", " Zahlt nicht ")
    row = db.session.scalars(select(Activity).where(Activity.code == "customer.blocked")).one()
    assert (row.actor_kind, row.actor_id, row.customer_id) == ("staff", 1, customer)
