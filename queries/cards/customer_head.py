"""The head of a customer's card: who it is, and how much each tab holds. Every tab begins with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from extensions import db
from models import (
    Activity,
    CouponRedemption,
    Customer,
    CustomerLogin,
    CustomerTag,
    Invoice,
    Message,
    Payment,
    Subscription,
    Tag,
)
from models.activities import STATUS
from queries.cards.documents import count_documents
from queries.family import family_of
from queries.lists.conditions import Rows
from queries.lists.names import name_of

_asked = aliased(Customer)


def _of_family(model: Any) -> Callable[[Rows], Any]:
    return lambda family: select(func.count()).where(model.customer_id.in_(family)).scalar_subquery()


# What is counted beside the name of a tab: the tab's name (admin/card.py) and how its rows are counted.
COUNTS: dict[str, Callable[[Rows], Any]] = {
    "subscriptions": _of_family(Subscription),
    "invoices": _of_family(Invoice),
    "payments": _of_family(Payment),
    "documents": count_documents,
    "messages": _of_family(Message),
    "logins": _of_family(CustomerLogin),
    "vouchers": _of_family(CouponRedemption),
}


@dataclass(frozen=True, slots=True)
class Head:
    """The surviving record. `merged_number` is the number that was asked for if that record was merged into this one;
    `status_changed` says whether its status was ever changed (P-11)."""

    customer: Customer
    name: str
    tags: tuple[str, ...]
    counts: Mapping[str, int]
    status_changed: bool
    merged_number: str = ""

    @property
    def id(self) -> int:
        return self.customer.id

    @property
    def is_erased(self) -> bool:
        """Deleted, and only kept for what the law keeps (D-5)."""
        return self.customer.erased_at is not None


def get_head(customer_id: int) -> Head | None:
    """The head of the record that this id leads to, or None. Three statements."""
    leads = select(Customer, _asked.number).join(_asked, Customer.id == func.coalesce(_asked.survivor_id, _asked.id))
    found = db.session.execute(leads.where(_asked.id == customer_id)).first()
    if found is None:
        return None
    customer, number = found
    counts, changed = _counts(customer.id)
    return Head(
        customer, name_of(customer), tags_of(customer.id), counts, changed,
        merged_number="" if customer.id == customer_id else number,
    )  # fmt: skip


def tags_of(customer_id: int) -> tuple[str, ...]:
    """The names of the tags that a record wears, by name. One statement."""
    query = select(Tag.name).join(CustomerTag).where(CustomerTag.customer_id == customer_id).order_by(Tag.word)
    return tuple(db.session.scalars(query))


def _counts(customer_id: int) -> tuple[dict[str, int], bool]:
    family = family_of(customer_id)
    changed = exists().where(Activity.customer_id.in_(family), STATUS)
    columns = [count(family).label(name) for name, count in COUNTS.items()]
    row = db.session.execute(select(*columns, changed.label("status_changed"))).one()
    counts = dict(zip(COUNTS, row, strict=False))
    return {name: int(count) for name, count in counts.items()}, bool(row.status_changed)
