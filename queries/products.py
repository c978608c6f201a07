"""Products as a call needs them: one page in three statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from extensions import db
from models import Product, ProductAddon, ProductPrice, VatRate
from services import clock

_plan = aliased(Product)


@dataclass(frozen=True, slots=True)
class ProductCard:
    """One product; `vat_percent` is today's rate of its category, `assigned` the plans an add-on goes with."""

    id: int
    number: str
    kind: str
    title: str
    description: str
    currency_code: str
    unit_price: Decimal
    setup_fee: Decimal
    is_gross: bool
    supply_kind: str
    allow_multiple: bool
    tags: str
    translations: Any
    features: Any
    interval_unit: str | None
    interval_count: int
    number_events: int
    trial_unit: str | None
    trial_count: int
    term_unit: str | None
    term_count: int
    renewal_unit: str | None
    renewal_count: int
    notice_unit: str | None
    notice_count: int
    return_url_success: str
    return_url_cancel: str
    vat_percent: Decimal
    assigned: tuple[str, ...]


_COLUMNS = [field.name for field in fields(ProductCard) if field.name not in ("vat_percent", "assigned")]


def find_products(numbers: Sequence[str] = (), tag: str = "", limit: int = 100, offset: int = 0) -> list[ProductCard]:
    """A page of the active products in the order they were made; `tag` is one of the commas' words."""
    query = select(Product.vat_category, *(getattr(Product, name) for name in _COLUMNS)).where(Product.is_active)
    if numbers:
        query = query.where(Product.number.in_(numbers))
    if tag:
        query = query.where(Product.tags.contains(tag, autoescape=True))
    rows = db.session.execute(query.order_by(Product.id).limit(limit).offset(offset)).all()
    rates, assigned = rates_today(), _assigned([row.id for row in rows])
    return [_card(row, rates, assigned.get(row.id, ())) for row in rows]


def prices_of(product_id: int) -> list[ProductPrice]:
    """The prices of a product in further currencies."""
    query = select(ProductPrice).where(ProductPrice.product_id == product_id)
    return list(db.session.scalars(query.order_by(ProductPrice.currency_code)))


def price_of(product_id: int, currency: str) -> ProductPrice | None:
    """Its price in one of them."""
    return next((row for row in prices_of(product_id) if row.currency_code == currency), None)


def rates_today() -> dict[str, Decimal]:
    """The percentage of each category on this day; rates are dated data."""
    today = clock.today()
    query = select(VatRate.category, VatRate.percent).where(
        VatRate.country_code == "DE",
        VatRate.valid_from <= today,
        (VatRate.valid_to.is_(None)) | (VatRate.valid_to > today),
    )
    return {row.category: row.percent for row in db.session.execute(query)}


def _assigned(ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    query = select(ProductAddon.addon_id, _plan.number).join(_plan, _plan.id == ProductAddon.plan_id)
    found: dict[int, tuple[str, ...]] = {}
    for addon_id, number in db.session.execute(query.where(ProductAddon.addon_id.in_(ids)).order_by(_plan.id)):
        found[addon_id] = (*found.get(addon_id, ()), number)
    return found


def _card(row: Any, rates: dict[str, Decimal], assigned: tuple[str, ...]) -> ProductCard:
    values = {name: getattr(row, name) for name in _COLUMNS}
    return ProductCard(**values, vat_percent=rates.get(row.vat_category, Decimal(0)), assigned=assigned)
