"""Products."""

from __future__ import annotations

from sqlalchemy import func, or_, select

from models import Product
from queries.lists.finding import begins
from queries.lists.listing import Listing, Rows, equals


def _products() -> Rows:
    return select(
        Product.id, Product.number, Product.title, Product.kind, Product.unit_price, Product.currency_code,
        Product.is_gross, Product.interval_unit, Product.interval_count, Product.vat_category, Product.is_active,
    )  # fmt: skip


PRODUCTS = Listing(
    statement=_products,
    key=Product.id,
    order=(Product.is_active.desc(), Product.number),
    sorts={"number": Product.number, "title": Product.title, "unit_price": Product.unit_price},
    narrows={"kind": equals(Product.kind), "is_active": lambda value: Product.is_active == (value == "yes")},
    # A price list is short: here a title may be found by any part of it.
    search=lambda text: or_(
        begins(Product.number, text), func.lower(Product.title).contains(text.lower(), autoescape=True)
    ),
)
