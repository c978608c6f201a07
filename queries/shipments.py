"""Shipments as calls and screens need them: a page in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select

from extensions import db
from models import Invoice, Shipment
from queries.customers import of_customers

SHOWN = 50  # on a card


@dataclass(frozen=True, slots=True)
class ShipmentFilter:
    """What to look for; empty fields do not count. Both days are included."""

    ids: tuple[int, ...] = ()
    subscription_ids: tuple[int, ...] = ()
    invoice_ids: tuple[int, ...] = ()
    customer_ids: tuple[int, ...] = ()
    customer_ext_uids: tuple[str, ...] = ()
    customer_numbers: tuple[str, ...] = ()
    status: str = ""
    shipped_from: date | None = None
    shipped_to: date | None = None


@dataclass(frozen=True, slots=True)
class ShipmentCard:
    """One shipment with the number of its invoice. `articles`: maps of article_number, title, quantity (as text)."""

    id: int
    subscription_id: int | None
    invoice_id: int
    invoice_number: str
    customer_id: int
    shipped_on: date
    status: str
    carrier: str
    tracking_number: str
    option: str
    articles: Sequence[Mapping[str, Any]]


def find_shipments(wanted: ShipmentFilter, limit: int, offset: int = 0) -> list[ShipmentCard]:
    """A page in the order they were noted."""
    found: list[ColumnElement[bool]] = [
        column.in_(values)
        for column, values in ((Shipment.id, wanted.ids), (Shipment.subscription_id, wanted.subscription_ids),
                               (Shipment.invoice_id, wanted.invoice_ids))
        if values
    ]  # fmt: skip
    found += of_customers(Shipment.customer_id, wanted.customer_ids, wanted.customer_ext_uids, wanted.customer_numbers)
    if wanted.status:
        found.append(Shipment.status == wanted.status)
    if wanted.shipped_from:
        found.append(Shipment.shipped_on >= wanted.shipped_from)
    if wanted.shipped_to:
        found.append(Shipment.shipped_on <= wanted.shipped_to)
    query = select(
        Shipment.id, Shipment.subscription_id, Shipment.invoice_id, func.coalesce(Invoice.number, ""),
        Shipment.customer_id, Shipment.shipped_on, Shipment.status, Shipment.carrier, Shipment.tracking_number,
        Shipment.option, Shipment.articles,
    ).join(Invoice, Invoice.id == Shipment.invoice_id)  # fmt: skip
    rows = db.session.execute(query.where(*found).order_by(Shipment.id).limit(limit).offset(offset))
    return [ShipmentCard(*row) for row in rows]


def get_shipment(shipment_id: int) -> ShipmentCard | None:
    found = find_shipments(ShipmentFilter(ids=(shipment_id,)), 1)
    return found[0] if found else None


def shipments_of_invoices(invoice_ids: Sequence[int]) -> dict[int, list[ShipmentCard]]:
    """The shipments of each of these invoices, in one statement."""
    found: dict[int, list[ShipmentCard]] = {id_: [] for id_ in invoice_ids}
    for card in find_shipments(ShipmentFilter(invoice_ids=tuple(invoice_ids)), 10_000) if invoice_ids else ():
        found[card.invoice_id].append(card)
    return found
