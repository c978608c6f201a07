"""Every page of the call API costs the same number of statements, whatever its length."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event

from billing.periods import Interval, Unit
from extensions import db
from queries.customers import CustomerFilter, find_customers
from queries.invoice_filters import InvoiceFilter
from queries.invoices import find_invoices
from queries.products import find_products
from queries.subscriptions import SubscriptionFilter, find_subscriptions
from services import billing_run, clock, customers, products
from services.actor import SYSTEM
from services.subscriptions import Booking, Order, create_subscription

TODAY = date(2026, 11, 21)


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def grow(count: int) -> None:
    """Customers, each with a tag, a contract with an add-on, and an invoice."""
    with clock.stand_at(TODAY):
        for _ in range(count):
            key = customers.create_customer(SYSTEM, {"last_name": "Meier", "tags": "VIP"})
            create_subscription(SYSTEM, Order(key, Booking("plan"), (Booking("extra"),)))
        billing_run.bill(TODAY, SYSTEM)


READS: dict[str, tuple[Callable[[], list[Any]], int]] = {
    "customers": (lambda: find_customers(CustomerFilter(term="mei", ids=tuple(range(1, 50))), 100), 4),
    "products": (lambda: find_products(limit=100), 3),
    "subscriptions": (lambda: find_subscriptions(SubscriptionFilter(customer_ids=tuple(range(1, 50))), 100), 4),
    "invoices": (lambda: find_invoices(InvoiceFilter(customer_ids=tuple(range(1, 50)), state="unpaid"), 100), 4),
}


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("name", READS)
def test_the_number_of_statements_does_not_depend_on_the_number_of_rows(name: str) -> None:
    read, expected = READS[name]
    month = Interval(Unit.MONTH, 1)
    products.create_product(SYSTEM, {"number": "plan", "title": "Plan", "unit_price": Decimal(5), "interval": month})
    products.create_product(SYSTEM, {"number": "extra", "title": "E", "unit_price": Decimal(1), "kind": "addon"})
    counts = []
    for more in (1, 6):
        grow(more)
        if name == "products":
            for n in range(more):
                products.create_product(SYSTEM, {"number": f"p{more}{n}", "title": "P", "unit_price": Decimal(1)})
        db.session.rollback()
        with statements() as sent:
            found = read()
        counts.append((len(sent), len(found)))
    assert [count for count, _ in counts] == [expected, expected]
    assert counts[0][1] < counts[1][1]


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("name", READS)
def test_reading_leaves_the_write_door_shut(name: str) -> None:
    read, _ = READS[name]
    with statements() as sent:
        read()
    assert all(statement.lstrip().upper().startswith("SELECT") for statement in sent)
