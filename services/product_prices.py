"""The price of a product in further currencies (X-20). A contract copies it, so changes bind new ones only."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.errors import Invalid, NotFound
from models import Product, ProductPrice
from services import activities
from services import values as check
from services.actor import Actor
from services.products import BIGGEST_PRICE
from services.unit import write


def set_price(actor: Actor, product_id: int, currency: str, unit_price: Decimal, setup_fee: Decimal) -> None:
    """Set both prices in that currency. Raises NotFound; Invalid: "currency_code" that is unknown or the product's own,
    "unit_price", "setup_fee"."""
    with write() as session:
        product = _lock(session, product_id)
        code = check.currency("currency_code", currency)
        if code == product.currency_code:
            raise Invalid("currency_code", "own_currency")
        values = {
            "unit_price": check.exact("unit_price", unit_price, Decimal(0), BIGGEST_PRICE, 8),
            "setup_fee": check.exact("setup_fee", setup_fee, Decimal(0), BIGGEST_PRICE, 8),
        }
        row = _price(session, product_id, code)
        if row is None:
            session.add(ProductPrice(product_id=product_id, currency_code=code, **values))
            changes = {name: (None, activities.plain(value)) for name, value in values.items()}
        else:
            changes = activities.changes_between(row, values)
            for name, value in values.items():
                setattr(row, name, value)
        if changes:
            activities.record(actor, "product.price_changed", "product", product_id, changes=changes, currency=code)


def remove_price(actor: Actor, product_id: int, currency: str) -> None:
    """The product is no longer sold in that currency. Raises NotFound."""
    with write() as session:
        _lock(session, product_id)
        row = _price(session, product_id, currency)
        if row is None:
            raise NotFound("unknown_price", field="currency_code")
        changes = {"unit_price": (activities.plain(row.unit_price), None)}
        session.delete(row)
        activities.record(actor, "product.price_removed", "product", product_id, changes=changes, currency=currency)


def _lock(session: Session, product_id: int) -> Product:
    row = session.get(Product, product_id, with_for_update=True)
    if row is None:
        raise NotFound("unknown_product", field="product_id")
    return row


def _price(session: Session, product_id: int, currency: str) -> ProductPrice | None:
    query = select(ProductPrice).where(
        ProductPrice.product_id == product_id, ProductPrice.currency_code == currency
    )  # fmt: skip
    found: ProductPrice | None = session.scalars(query).one_or_none()
    return found
