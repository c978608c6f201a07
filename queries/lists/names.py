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

# Aliases, for a list may have the table itself beside its own; made once, for each works out all its columns anew.
_paper, _papers_own, _one, _item = aliased(Paper), aliased(Invoice), aliased(Subscription), aliased(SubscriptionItem)
_NAMED = {
    kind: (table, getattr(table, column))
    for kind, table, column in (
        ("customer", aliased(Customer), "number"), ("invoice", aliased(Invoice), "number"),
        ("product", aliased(Product), "number"), ("staff", aliased(Staff), "name"), ("role", aliased(Role), "name"),
        ("tag", aliased(Tag), "name"), ("coupon", aliased(Coupon), "code"), ("message", aliased(Message), "subject"),
        ("shipment", aliased(Shipment), "tracking_number"),
    )
}  # fmt: skip


def customer_name() -> Any:
    """As one column; the same rule as `name_of`."""
    person = func.trim(Customer.first_name + " " + Customer.last_name)
    return case((Customer.organization != "", Customer.organization), else_=person)


def name_or_number() -> Any:
    """The same, and the customer number where the record has no name: it was erased."""
    return func.coalesce(func.nullif(customer_name(), ""), Customer.number)


def name_of(customer: Customer) -> str:
    """The organisation, else first and last name."""
    return customer.organization or f"{customer.first_name} {customer.last_name}".strip()


def object_name(kind: Any, id_: Any) -> Any:
    """How people call what an activity is about, as one column: its number, or its name; empty where it has none.

    Looked up by key for the rows of a page only. Customers are called by their number: who reads activities need not
    know their names.
    """
    named = {name: select(called).where(one.id == id_).scalar_subquery() for name, (one, called) in _NAMED.items()}
    its = select(_papers_own.number).join(_paper, _paper.invoice_id == _papers_own.id)
    named["paper"] = its.where(_paper.id == id_).scalar_subquery()
    named["subscription"] = _contract(id_)
    return func.coalesce(case(*[(kind == name, found) for name, found in named.items()], else_=literal("")), "")


def _contract(id_: Any) -> Any:
    """A contract by the team's own title for it, else by its plan."""
    held = or_(_item.ends_on.is_(None), _item.ends_on > _item.starts_on)  # else it was withdrawn before it began
    plan = select(_item.title).where(_item.subscription_id == id_, _item.kind == "plan", held)
    plan = plan.order_by(_item.id.desc())
    title = select(func.nullif(_one.title, "")).where(_one.id == id_).scalar_subquery()
    return func.coalesce(title, plan.limit(1).scalar_subquery())
