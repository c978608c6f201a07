"""Products."""

from __future__ import annotations

from sqlalchemy import case, func, or_, select

from models import Product
from queries.lists.conditions import Condition, Rows, equals
from queries.lists.finding import begins
from queries.lists.shape import Listing, Sort

KINDS = frozenset({"plan", "addon", "article"})


def _products() -> Rows:
    return select(
        Product.id, Product.number, Product.title, Product.kind, Product.unit_price, Product.currency_code,
        Product.is_gross, Product.interval_unit, Product.interval_count, Product.vat_category, Product.is_active,
    )  # fmt: skip


def _sold(value: str) -> Condition | None:
    return Condition(Product.is_active == (value == "yes")) if value in ("yes", "no") else None


def _words(text: str) -> list[Condition]:
    """A price list is short: here a title may be found by any part of it."""
    inside = func.lower(Product.title).contains(text.lower(), autoescape=True)
    return [Condition(or_(begins(Product.number, text), inside))]


# A price list is short as well where no index serves its order: what is on sale stands first.
_AWAY = case((Product.is_active, 0), else_=1)

PRODUCTS = Listing(
    statement=_products,
    key=Product.id,
    order="sold",
    sorts={"sold": Sort((_AWAY, Product.number)), "number": Sort((Product.number,)), "title": Sort((Product.title,))},
    narrows={"kind": equals(Product.kind, KINDS), "is_active": _sold},
    search=_words,
)
