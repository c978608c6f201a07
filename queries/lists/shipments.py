"""Shipments, the newest first."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from models import Customer, Invoice, Shipment
from models.shipments import STATES
from queries.lists.conditions import Condition, Rows, day_bound, met_on_the_way, there_is
from queries.lists.finding import begins, number_begins, number_has, number_or_customer
from queries.lists.names import customer_name
from queries.lists.shape import Listing, Sort


def _shipments() -> Rows:
    return (
        select(
            Shipment.id, Shipment.shipped_on, Shipment.status, Shipment.carrier, Shipment.tracking_number,
            Shipment.customer_id, customer_name().label("customer"), Shipment.invoice_id,
            Invoice.number.label("invoice_number"), Shipment.subscription_id,
        )
        .join(Customer, Customer.id == Shipment.customer_id)
        .join(Invoice, Invoice.id == Shipment.invoice_id)
    )  # fmt: skip


def _state(value: str) -> Condition | None:
    return met_on_the_way(Shipment.status, value) if value in STATES else None


def _words(text: str) -> list[Condition]:
    """By the invoice's number, the tracking number, or the customer's words."""
    to_invoice = Invoice.id == Shipment.invoice_id
    of_row = there_is(to_invoice, number_has(Invoice.number, text)) | begins(Shipment.tracking_number, text)
    numbered: Any = select(Shipment.id).join(Invoice, to_invoice)
    known = number_begins(Invoice.number, text) | begins(Shipment.tracking_number, text)
    return number_or_customer(Condition(of_row, numbered.where(known)), Shipment.customer_id, Shipment.id, text)


SHIPMENTS = Listing(
    statement=_shipments,
    key=Shipment.id,
    sorts={"shipped_on": Sort((Shipment.shipped_on,))},
    narrows={
        "status": _state,
        "from": day_bound(lambda day: Shipment.shipped_on >= day, "-shipped_on"),
        "to": day_bound(lambda day: Shipment.shipped_on <= day, "-shipped_on"),
    },
    search=_words,
)
