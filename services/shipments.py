"""Shipments: what was sent to a customer, when, by whom, and for which invoice (M2-33 to M2-35)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from billing.errors import Invalid, NotAllowed, NotFound
from models import Customer, Invoice, InvoiceLine, Shipment, Subscription, SubscriptionItem
from models.shipments import STATES
from services import activities, clock
from services.actor import Actor
from services.unit import write

LONGEST = {"tracking_number": 80, "carrier": 80, "option": 200}
MOST_ARTICLES = 100
FIELDS = ("shipped_on", "status", "carrier", "tracking_number", "option", "articles")
_cancelling = aliased(Invoice)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A shipment to be noted. Without an invoice the contract finds it, without articles they are the contract's.

    `articles` are maps of article_number, title and quantity (as text). No status: planned before its day, else
    shipped.
    """

    subscription_id: int | None = None
    invoice_id: int | None = None
    shipped_on: date | None = None  # None: today
    tracking_number: str = ""
    carrier: str = ""
    option: str = ""
    articles: Sequence[Mapping[str, str]] = ()
    status: str = ""


def create_shipment(actor: Actor, delivery: Delivery) -> int:
    """Note a shipment; gives its id.

    Raises Invalid: "subscription_id" where neither contract nor invoice is named ("missing"), "invoice_id" of a
    document that is no issued invoice or of another customer, and fields that are too long or unknown; NotFound;
    NotAllowed("not_billed_yet") where the contract has no invoice to which it could belong.
    """
    with write() as session:
        on = delivery.shipped_on or clock.today()
        contract = _contract(session, delivery.subscription_id)
        invoice = _invoice(session, contract, delivery.invoice_id, on)
        values = _checked({
            "shipped_on": on, "status": delivery.status or ("planned" if on > clock.today() else "shipped"),
            "carrier": delivery.carrier, "tracking_number": delivery.tracking_number, "option": delivery.option,
            "articles": list(delivery.articles) or _articles(session, contract, invoice, on),
        })  # fmt: skip
        now = clock.instant()
        whose = contract.id if contract else invoice.subscription_id
        row = Shipment(subscription_id=whose, invoice_id=invoice.id, customer_id=invoice.customer_id, created_at=now,
                       updated_at=now, **values)  # fmt: skip
        session.add(row)
        session.flush()
        activities.record(
            actor, "shipment.created", "shipment", row.id, customer_id=row.customer_id, number=invoice.number,
            shipped_on=on.isoformat(), tracking_number=row.tracking_number,
        )  # fmt: skip
        return row.id


def change_shipment(actor: Actor, shipment_id: int, values: Mapping[str, Any]) -> None:
    """Change what is given: the fields of a Delivery except the contract, which stays. A new `invoice_id` moves it.

    A new day does not move it to another invoice: what was sent for an invoice stays with it. Raises NotFound, and as
    `create_shipment`.
    """
    with write() as session:
        row = session.get(Shipment, shipment_id, with_for_update=True, populate_existing=True)
        if row is None:
            raise NotFound("shipment", field="shipment_id")
        wanted = _checked({name: value for name, value in values.items() if name in FIELDS})
        if values.get("invoice_id"):
            contract = _contract(session, row.subscription_id)
            wanted["invoice_id"] = _invoice(session, contract, values["invoice_id"], row.shipped_on).id
        changes = activities.changes_between(row, wanted)
        if not changes:
            return
        for name, value in wanted.items():
            setattr(row, name, value)
        row.updated_at, row.version = clock.instant(), row.version + 1
        activities.record(actor, "shipment.changed", "shipment", row.id, customer_id=row.customer_id, changes=changes)


def delete_shipment(actor: Actor, shipment_id: int) -> None:
    """Take a shipment out that was noted by mistake; the activity tells what it was. Raises NotFound."""
    with write() as session:
        row = session.get(Shipment, shipment_id, with_for_update=True)
        if row is None:
            raise NotFound("shipment", field="shipment_id")
        activities.record(
            actor, "shipment.deleted", "shipment", row.id, customer_id=row.customer_id,
            shipped_on=row.shipped_on.isoformat(), tracking_number=row.tracking_number,
        )  # fmt: skip
        session.delete(row)


def _contract(session: Session, subscription_id: int | None) -> Subscription | None:
    if subscription_id is None:
        return None
    row = session.get(Subscription, subscription_id)
    if row is None:
        raise NotFound("unknown_subscription", field="subscription_id")
    return row


def _invoice(session: Session, contract: Subscription | None, invoice_id: int | None, on: date) -> Invoice:
    """The invoice that was named, or that the contract finds (M2-35)."""
    if invoice_id is not None:
        return _named(session, contract, invoice_id)
    if contract is None:
        raise Invalid("subscription_id", "missing")
    found = _of_period(session, contract.id, on) or _last(session, contract.id)
    if found is None:
        raise NotAllowed("not_billed_yet", field="subscription_id")
    return found


def _named(session: Session, contract: Subscription | None, invoice_id: int) -> Invoice:
    row = session.get(Invoice, invoice_id)
    if row is not None and row.issued_at is None:
        raise NotAllowed("not_issued", field="invoice_id")
    if row is None or row.kind != "invoice":
        raise NotFound("unknown_invoice", field="invoice_id")
    if contract is not None and _survivor(session, contract.customer_id) != _survivor(session, row.customer_id):
        raise Invalid("invoice_id", "of_another_customer")
    return row


def _survivor(session: Session, customer_id: int) -> int | None:
    return session.scalar(select(func.coalesce(Customer.survivor_id, Customer.id)).where(Customer.id == customer_id))


def _of_period(session: Session, subscription_id: int, on: date) -> Invoice | None:
    """The newest that bills a period of this contract with that day in it; one that was cancelled only if no other."""
    cancelled = exists().where(_cancelling.original_id == Invoice.id, _cancelling.kind == "cancellation")
    covers = select(InvoiceLine.invoice_id).where(
        InvoiceLine.subscription_id == subscription_id, InvoiceLine.period_start <= on, InvoiceLine.period_end > on
    )
    query = select(Invoice).where(Invoice.id.in_(covers), *_issued()).order_by(cancelled, Invoice.id.desc())
    return session.scalars(query.limit(1)).first()


def _last(session: Session, subscription_id: int) -> Invoice | None:
    bills = select(InvoiceLine.invoice_id).where(InvoiceLine.subscription_id == subscription_id)
    query = select(Invoice).where(Invoice.id.in_(bills), *_issued()).order_by(Invoice.id.desc())
    return session.scalars(query.limit(1)).first()


def _issued() -> tuple[Any, ...]:
    return Invoice.issued_at.is_not(None), Invoice.kind == "invoice"


def _articles(session: Session, contract: Subscription | None, invoice: Invoice, on: date) -> list[dict[str, str]]:
    """What the contract serves on that day; of a document without a contract its lines."""
    if contract is None:
        lines = select(InvoiceLine.article_number, InvoiceLine.title, InvoiceLine.quantity)
        rows = session.execute(lines.where(InvoiceLine.invoice_id == invoice.id).order_by(InvoiceLine.position))
    else:
        item = SubscriptionItem
        runs = (item.starts_on <= on, or_(item.ends_on.is_(None), item.ends_on > on), item.kind != "setup")
        items = select(item.article_number, item.title, item.quantity)
        rows = session.execute(items.where(item.subscription_id == contract.id, *runs).order_by(item.id))
    return [{"article_number": number, "title": title, "quantity": f"{quantity.normalize():f}"}
            for number, title, quantity in rows]  # fmt: skip


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    for name, longest in LONGEST.items():
        if len(values.get(name, "")) > longest:
            raise Invalid(name, "too_long", longest=longest)
    if values.get("status", "shipped") not in STATES:
        raise Invalid("status", "not_a_choice")
    if len(values.get("articles", ())) > MOST_ARTICLES:
        raise Invalid("articles", "out_of_range")
    if "shipped_on" in values and not 2000 <= values["shipped_on"].year < 2200:
        raise Invalid("shipped_on", "out_of_range")
    return values
