"""Recurring revenue: what the contracts that run on a day bring in a month, net (MRR).

Yearly prices count a twelfth, quarterly ones a third; weeks and days count by the average month of 365/12 days. Set-up
fees and what is sold once do not recur.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from billing.money import divide_half_up
from billing.periods import Interval, add_months, index_of

_DAYS_OF_MONTH = Fraction(365, 12)


@dataclass(frozen=True, slots=True)
class Running:
    """So many equal items of contracts that run on a day; `plans` of them are plans, one a contract.

    `anchor_on` and `events` are given where a number of events ends the contract.
    """

    currency: str
    is_gross: bool
    vat_category: str
    interval: Interval
    quantity: Decimal
    unit_price: Decimal
    count: int = 1
    plans: int = 1
    anchor_on: date | None = None
    events: int = 0


def monthly_cents(quantity: Decimal, unit_price: Decimal, interval: Interval, percent: Decimal = Decimal(0)) -> int:
    """The net cents a month of one item, rounded half up once; `percent` is the VAT that a gross price contains."""
    price = Fraction(quantity) * Fraction(unit_price) * 100
    months = Fraction(interval.months) or interval.days / _DAYS_OF_MONTH
    value = price / months * 100 / (100 + Fraction(percent))
    return divide_half_up(value.numerator, value.denominator)


def recurring(
    items: Iterable[Running], on: date, percent_of: Callable[[str, date], Decimal]
) -> dict[str, tuple[int, int]]:
    """Currency -> (net cents a month, contracts) of what runs on `on`. Each item is rounded by itself."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for item in items:
        if _over(item, on):
            continue
        percent = percent_of(item.vat_category, on) if item.is_gross else Decimal(0)
        found = sums[item.currency]
        found[0] += monthly_cents(item.quantity, item.unit_price, item.interval, percent) * item.count
        found[1] += item.plans
    return {currency: (cents, contracts) for currency, (cents, contracts) in sums.items()}


def months_until(today: date, count: int = 12) -> tuple[date, ...]:
    """The first days of so many months, the last of which is the running one."""
    return tuple(add_months(today.replace(day=1), -n) for n in range(count - 1, -1, -1))


def _over(item: Running, on: date) -> bool:
    """Whether the number of events has been served."""
    return item.anchor_on is not None and 0 < item.events <= index_of(item.anchor_on, item.interval, on)
