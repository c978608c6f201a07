"""Prices that say exactly what was charged: quantity times price, rounded once, less discounts is the line's net.

A part of a month, or a net amount taken out of a gross price, is no product of the agreed price any more. A net price
with more decimals is (RND-5: 9.99 gross at 19 % is 8.3950 net), so nobody who reads the XML finds a cent too much.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, NamedTuple

from billing.money import divide_half_up
from documents.einvoice_data import EinvoiceLine

_FEWEST: Final = 4  # decimals of a price that was found
_MOST: Final = 12
_CENT: Final = Decimal("0.01")


class Priced(NamedTuple):
    """Quantity (BT-129, its sign is the amount's) and net price (BT-146, never negative: BR-27)."""

    quantity: Decimal
    price: Decimal


def priced(line: EinvoiceLine) -> Priced:
    """Quantity and price whose product is the line's net before its discounts."""
    before = line.net_cents + sum(cents for _, cents in line.discounts)
    size, amount = abs(line.quantity), abs(before)
    quantity = -size if before < 0 else size
    if line.unit_price is not None and cents_of(size * abs(line.unit_price)) == amount:
        return Priced(quantity, abs(line.unit_price))
    if not size:
        return Priced(Decimal(-1 if before < 0 else 1), Decimal(amount).scaleb(-2))
    return Priced(quantity, _found(size, amount))


def cents_of(amount: Decimal) -> int:
    """Whole cents, rounded half up, away from zero."""
    top, bottom = (amount / _CENT).as_integer_ratio()
    return divide_half_up(top, bottom)


def _found(size: Decimal, amount: int) -> Decimal:
    """The shortest price of at least four decimals that gives the amount."""
    for places in range(_FEWEST, _MOST + 1):
        price = round(Decimal(amount).scaleb(-2) / size, places)
        if cents_of(size * price) == amount:
            return price
    raise ValueError("no price of twelve decimals gives the amount")
