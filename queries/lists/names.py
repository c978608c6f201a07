"""How a customer is called in lists: the organisation, or the person's names."""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, func, literal, or_, select
from sqlalchemy.orm import aliased

from models import (
    Coupon,
    Customer,
    Invoice,
    Message,
    Paper,
    Product,
    Role,
    Shipment,
    Staff,
    Subscription,
    SubscriptionItem,
    Tag,
)


def customer_name() -> Any:
    """As one column; the same rule as `name_of`."""
    person = func.trim(Customer.first_name + " " + Customer.last_name)
    return case((Customer.organization != "", Customer.organization), else_=person)


def name_of(customer: Customer) -> str:
    """The organisation, else first and last name."""
    return customer.organization or f"{customer.first_name} {customer.last_name}".strip()


def object_name(kind: Any, id_: Any) -> Any:
    """How people call what an activity is about, as one column: its number, or its name; empty where it has none.

    Looked up by key for the rows of a page only. Customers are called by their number: who reads activities need not
    know their names.
    """
    kinds: dict[str, tuple[Any, str]] = {
        "customer": (Customer, "number"), "invoice": (Invoice, "number"), "product": (Product, "number"),
        "staff": (Staff, "name"), "role": (Role, "name"), "tag": (Tag, "name"), "coupon": (Coupon, "code"),
        "message": (Message, "subject"), "shipment": (Shipment, "tracking_number"),
    }  # fmt: skip
    named = {name: _called(model, column, id_) for name, (model, column) in kinds.items()}
    paper, its = aliased(Paper), aliased(Invoice)
    named["paper"] = select(its.number).join(paper, paper.invoice_id == its.id).where(paper.id == id_).scalar_subquery()
    named["subscription"] = _contract(id_)
    return func.coalesce(case(*[(kind == name, found) for name, found in named.items()], else_=literal("")), "")


def _contract(id_: Any) -> Any:
    """A contract by the team's own title for it, else by its plan."""
    one, item = aliased(Subscription), aliased(SubscriptionItem)
    held = or_(item.ends_on.is_(None), item.ends_on > item.starts_on)  # else it was withdrawn before it began
    plan = select(item.title).where(item.subscription_id == id_, item.kind == "plan", held).order_by(item.id.desc())
    title = select(func.nullif(one.title, "")).where(one.id == id_).scalar_subquery()
    return func.coalesce(title, plan.limit(1).scalar_subquery())


def _called(model: Any, column: str, id_: Any) -> Any:
    one = aliased(model)  # a list may have the table itself beside its own
    return select(getattr(one, column)).where(one.id == id_).scalar_subquery()
