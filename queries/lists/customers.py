"""Customers and their tags."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from models import Customer, CustomerTag, Receivable, Tag
from queries.lists.finding import customer_words
from queries.lists.listing import Listing, Rows, equals
from queries.lists.names import customer_name


def _customers() -> Rows:
    return select(
        Customer.id, Customer.number, customer_name().label("name"), Customer.email, Customer.zipcode, Customer.city,
        Customer.customer_type, Customer.status, Customer.currency_code, Customer.created_at,
        _open_cents().label("open_cents"),
    ).where(_speaks_for_itself(), Customer.erased_at.is_(None))  # fmt: skip


def _speaks_for_itself() -> ColumnElement[bool]:
    """Not merged into another record (D-11)."""
    return or_(Customer.survivor_id.is_(None), Customer.survivor_id == Customer.id)


def _open_cents() -> Any:
    """What is open in the customer's own currency; an index answers it for the rows of the page alone."""
    sums = select(func.coalesce(func.sum(Receivable.open_cents), 0)).where(
        Receivable.customer_id == Customer.id, Receivable.currency_code == Customer.currency_code
    )
    return sums.correlate(Customer).scalar_subquery()


def _tagged(value: str) -> ColumnElement[bool]:
    tag_id = int(value) if value.isdecimal() and len(value) < 19 else 0
    return Customer.id.in_(select(CustomerTag.customer_id).where(CustomerTag.tag_id == tag_id))


CUSTOMERS = Listing(
    statement=_customers,
    key=Customer.id,
    sorts={"number": Customer.number, "created_at": Customer.created_at},
    narrows={"status": equals(Customer.status), "customer_type": equals(Customer.customer_type), "tag": _tagged},
    search=lambda text: customer_words(Customer.id, text),
)


def _tags() -> Rows:
    used = select(func.count()).where(CustomerTag.tag_id == Tag.id).correlate(Tag).scalar_subquery()
    return select(Tag.id, Tag.name, used.label("customers"), Tag.created_at)


TAGS = Listing(statement=_tags, key=Tag.id, order=(Tag.word,), sorts={"name": Tag.word})
