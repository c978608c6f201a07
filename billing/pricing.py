"""The amount of a line, and of a part of a period. Amounts stay in the price's own mode, net or gross (RND-5)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from typing import NamedTuple

from billing.errors import Invalid
from billing.money import divide_half_up, round_half_up
from billing.periods import Period

# Wide enough that quantity times price is never rounded before the one rounding to cents; it raises rather than round.
_EXACT = Context(prec=80, traps=[Inexact, InvalidOperation, Overflow])
_HUNDRED = Decimal(100)
_MAX_DIGITS = 15  # of cents: what a BIGINT column and every bank can hold


class Part(NamedTuple):
    """Days charged of the days the full period has: what a prorated line stores and prints (EB-39)."""

    days: int
    of_days: int


def line_cents(quantity: Decimal, unit_price: Decimal) -> int:
    """quantity x unit price in cents, rounded half up once (RND-2). Raises Invalid("unit_price") beyond 15 digits."""
    try:
        exact = _EXACT.multiply(_EXACT.multiply(quantity, unit_price), _HUNDRED)
    except ArithmeticError:
        raise Invalid("unit_price", "amount_too_large") from None
    if exact.adjusted() >= _MAX_DIGITS:
        raise Invalid("unit_price", "amount_too_large")
    return round_half_up(exact)


def part_of(nominal: Period, charged: Period) -> Part:
    """The days of `charged` over the days of the FULL nominal period (EB-34). 0 <= factor <= 1, or Invalid (EB-38)."""
    if not nominal.start <= charged.start <= charged.end <= nominal.end:
        raise Invalid("period", "part_outside_period")
    return Part(charged.days, nominal.days)


def prorate(whole_cents: int, nominal: Period, charged: Period) -> int:
    """The share of a period's amount that falls on the days of `charged`.

    Counted as "up to the end of the part" less "up to its start", each rounded once: whatever way a period
    is cut, its parts add up to the whole, and the last one is the whole minus the others (RND-6).
    """
    days, of_days = part_of(nominal, charged)
    if days == of_days:
        return whole_cents
    before = (charged.start - nominal.start).days
    return divide_half_up(whole_cents * (before + days), of_days) - divide_half_up(whole_cents * before, of_days)


def remaining(whole_cents: int, parts: Iterable[int]) -> int:
    """What is left of the whole after the parts: the last part is never computed on its own (RND-6, EB-41)."""
    return whole_cents - sum(parts)
