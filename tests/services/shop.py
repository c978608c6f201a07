"""A small shop for tests of money: a customer, a monthly contract of 10.00, minutes at 0.10."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from billing.periods import Interval, Unit
from extensions import db
from models import Invoice, InvoiceLine, Product
from services import billing_run, clock, customers, products, sealing
from services.actor import SYSTEM
from services.checks import check_books
from services.subscriptions import Booking, Order, create_subscription
from services.unit import end_reading

START = date(2026, 1, 1)
MONTH = Interval(Unit.MONTH, 1)


def stock(**changes: Any) -> None:
    """A plan of 10.00 a month, an add-on of 2.00 and minutes of 0.10, in EUR and net."""
    common = {"currency_code": "EUR"} | changes
    for number, title, price, more in (
        ("plan", "Tarif", "10.00", {"interval": MONTH}),
        ("extra", "Zusatz", "2.00", {"kind": "addon"}),
        ("minute", "Minuten", "0.10", {"unit": "MIN"}),
    ):
        values = {"number": number, "title": title, "unit_price": Decimal(price), **more, **common}
        products.create_product(SYSTEM, values)


def somebody(name: str = "Meier", **values: Any) -> int:
    address = {"address": "Lindenallee 1", "zipcode": "20095", "city": "Hamburg"}
    return customers.create_customer(SYSTEM, {"last_name": name, **address, **values})


def contract(customer_id: int, **order: Any) -> int:
    plan = order.pop("plan", Booking("plan"))
    return create_subscription(SYSTEM, Order(customer_id, plan, **{"starts_on": START, **order}))


def bill(on: date | str) -> Any:
    """The run of that day, on that day; gives its counts."""
    day = date.fromisoformat(on) if isinstance(on, str) else on
    with clock.stand_at(day):
        return billing_run.bill(day, SYSTEM).counts


def lines() -> list[InvoiceLine]:
    end_reading()
    query = select(InvoiceLine).order_by(InvoiceLine.id).execution_options(populate_existing=True)
    return list(db.session.scalars(query))


def invoices() -> list[Invoice]:
    end_reading()
    return list(db.session.scalars(select(Invoice).order_by(Invoice.id).execution_options(populate_existing=True)))


def product_id(number: str) -> int:
    found = db.session.scalar(select(Product.id).where(Product.number == number))
    assert found is not None
    return int(found)


def findings() -> list[str]:
    """What check-books finds, once the nightly seal has been set."""
    sealing.seal()
    return [finding["code"] for finding in check_books().findings]
