"""shipment.* over the wire, and the shipments of an invoice in invoice.get (M2-33 to M2-35)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask

from billing.periods import Interval, Unit
from extensions import db
from services import billing_run, clock, customers, products
from services.actor import SYSTEM
from services.subscriptions import Booking, Order, create_subscription
from tests.api.wire import Wire

DAY = date(2026, 11, 1)


@pytest.fixture
def contract(app: Flask, stand: Callable[[str], None]) -> int:
    """A contract billed for November."""
    stand("2026-11-20T12:00:00+01:00")
    with app.app_context(), clock.stand_at(clock.instant().replace(day=1)):
        month = Interval(Unit.MONTH, 1)
        products.create_product(SYSTEM, {"number": "KAFFEE", "title": "Kaffee", "unit_price": Decimal(12),
                                         "interval": month})  # fmt: skip
        key = customers.create_customer(SYSTEM, {"last_name": "Meier"})
        made = create_subscription(SYSTEM, Order(key, Booking("KAFFEE"), starts_on=DAY))
        billing_run.bill(DAY, SYSTEM)
        db.session.remove()
    return made


@pytest.mark.feature("M2-33")
@pytest.mark.feature("M2-34")
def test_several_shipments_of_an_invoice_are_listed_and_named_by_the_invoice(wire: Wire, contract: int) -> None:
    sent = {"SUBSCRIPTION_ID": str(contract), "DATE": "2026-11-05", "TRACKING_NUMBER": "DHL-1", "SHIPPER": "DHL"}
    first = wire.ok("shipment.create", data=sent)
    assert first == {"STATUS": "success", "SHIPMENT_ID": 1}
    more = {"SUBSCRIPTION_ID": contract, "DATE": "2026-11-19 08:00:00", "ARTICLE_OPTION": "gemahlen",
            "ARTICLES": [{"ARTICLE_NUMBER": "KAFFEE", "QUANTITY": "2.00"}]}  # fmt: skip
    assert wire.ok("shipment.create", data=more)["SHIPMENT_ID"] == 2
    answer = wire.ok("shipment.get", filter={"SUBSCRIPTION_ID": contract})
    assert list(answer) == ["SHIPMENTS"]
    one, two = answer["SHIPMENTS"]
    assert one == {
        "SHIPMENT_ID": "1", "SUBSCRIPTION_ID": str(contract), "INVOICE_ID": "1", "INVOICE_NUMBER": "RE-2026-00001",
        "CUSTOMER_ID": "1", "DATE": "2026-11-05", "STATUS": "shipped", "SHIPPER": "DHL", "TRACKING_NUMBER": "DHL-1",
        "ARTICLE_OPTION": "", "ARTICLES": [{"ARTICLE_NUMBER": "KAFFEE", "TITLE": "Kaffee", "QUANTITY": "1"}],
    }  # fmt: skip
    assert two["ARTICLE_OPTION"] == "gemahlen" and two["ARTICLES"][0]["QUANTITY"] == "2"
    (invoice,) = wire.ok("invoice.get", filter={"INVOICE_ID": 1})["INVOICES"]
    assert invoice["SHIPMENT_ID"] == "1" and invoice["SHIPMENTS"] == [one, two]


@pytest.mark.feature("M2-33")
@pytest.mark.parametrize("part", ["filter", "data"])
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"SHIPMENT_ID": "2"}, ["2"]), ({"SHIPMENT_ID": [1, 2]}, ["1", "2"]), ({"STATUS": "planned"}, ["2"]),
        ({"START_DATE": "2026-11-06"}, ["2"]), ({"END_DATE": "2026-11-05"}, ["1"]), ({"INVOICE_ID": 9}, []),
    ],
)  # fmt: skip
def test_shipments_are_found_by_filter_or_data(
    wire: Wire, contract: int, part: str, asked: dict[str, object], found: list[str]
) -> None:
    for day in ("2026-11-05", "2026-11-25"):
        wire.ok("shipment.create", data={"SUBSCRIPTION_ID": contract, "DATE": day})
    rows = wire.ok("shipment.get", **{part: asked})["SHIPMENTS"]
    assert [row["SHIPMENT_ID"] for row in rows] == found


def test_a_shipment_is_changed_emptied_and_deleted(wire: Wire, contract: int) -> None:
    wire.ok("shipment.create", data={"SUBSCRIPTION_ID": contract, "TRACKING_NUMBER": "A", "SHIPPER": "DHL"})
    wire.ok("shipment.update", data={"SHIPMENT_ID": 1, "STATUS": "delivered", "SHIPPER": "", "DATE": ""})
    (row,) = wire.ok("shipment.get", filter={"SHIPMENT_ID": 1})["SHIPMENTS"]
    assert (row["STATUS"], row["SHIPPER"], row["TRACKING_NUMBER"], row["DATE"]) == ("delivered", "", "A", "2026-11-20")
    assert wire.ok("shipment.delete", data={"SHIPMENT_ID": "1"}) == {"STATUS": "success"}
    assert wire.ok("shipment.get")["SHIPMENTS"] == []
    assert wire.errors("shipment.delete", data={"SHIPMENT_ID": 1}) == ["missing / invalid field: SHIPMENT_ID"]


@pytest.mark.feature("M2-35")
@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({}, "missing / invalid field: SUBSCRIPTION_ID"),
        ({"SUBSCRIPTION_ID": 99}, "missing / invalid field: SUBSCRIPTION_ID"),
        ({"SUBSCRIPTION_ID": 1, "INVOICE_ID": 99}, "missing / invalid field: INVOICE_ID"),
        ({"SUBSCRIPTION_ID": 1, "DATE": "gestern"}, "missing / invalid field: DATE"),
        ({"SUBSCRIPTION_ID": 1, "STATUS": "lost"}, "missing / invalid field: STATUS"),
        (
            {"SUBSCRIPTION_ID": 1, "ARTICLES": [{"TITLE": "x"}]},
            "missing / invalid field (text, up to 40 characters): ARTICLES[1].ARTICLE_NUMBER",
        ),
        ({"SUBSCRIPTION_ID": 2}, "Shipment Error: the contract has no invoice yet: SUBSCRIPTION_ID"),
    ],
)
def test_a_shipment_without_an_invoice_is_refused_with_its_field(
    app: Flask, wire: Wire, contract: int, data: dict[str, object], error: str
) -> None:
    with app.app_context():
        create_subscription(SYSTEM, Order(1, Booking("KAFFEE"), starts_on=date(2026, 12, 1)))
        db.session.remove()
    assert wire.errors("shipment.create", data=data) == [error]
    assert wire.ok("shipment.get")["SHIPMENTS"] == []
