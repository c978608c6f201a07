"""Dated rates: which per cent holds on a day of supply.

Rates are data, never constants in a rule (0.7, F20): who looks one up names the country, the category and the day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.errors import Invalid

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate in force from `valid_from` to `valid_to` (exclusive; None: until further notice)."""

    country: str
    category: str  # "standard" | "reduced" | "zero"
    percent: Decimal
    valid_from: date
    valid_to: date | None


# Germany since 2007, with the half-year of 2020. Others come with OSS, as data.
GERMAN_RATES: tuple[Rate, ...] = (
    Rate("DE", "standard", Decimal("19.00"), date(2007, 1, 1), date(2020, 7, 1)),
    Rate("DE", "standard", Decimal("16.00"), date(2020, 7, 1), date(2021, 1, 1)),
    Rate("DE", "standard", Decimal("19.00"), date(2021, 1, 1), None),
    Rate("DE", "reduced", Decimal("7.00"), date(1983, 7, 1), date(2020, 7, 1)),
    Rate("DE", "reduced", Decimal("5.00"), date(2020, 7, 1), date(2021, 1, 1)),
    Rate("DE", "reduced", Decimal("7.00"), date(2021, 1, 1), None),
    Rate("DE", "zero", ZERO, date(1968, 1, 1), None),
)


class RateTable:
    """Looks a rate up by day. Refuses a table in which two rates claim the same day."""

    __slots__ = ("_found", "_rates")

    def __init__(self, rates: Iterable[Rate]) -> None:
        self._rates: dict[tuple[str, str], list[Rate]] = {}
        self._found: dict[tuple[str, str, date], Decimal] = {}
        for rate in sorted(rates, key=lambda r: r.valid_from):
            self._add(rate)

    def percent(self, country: str, category: str, on: date) -> Decimal:
        """The rate in percent on the day of supply. Raises Invalid("vat_category") if there is none."""
        key = (country, category, on)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._search(country, category, on)
        return found

    def _add(self, rate: Rate) -> None:
        known = self._rates.setdefault((rate.country, rate.category), [])
        if known and (known[-1].valid_to is None or known[-1].valid_to > rate.valid_from):
            raise Invalid("valid_from", "rates_overlap", country=rate.country, category=rate.category)
        known.append(rate)

    def _search(self, country: str, category: str, on: date) -> Decimal:
        for rate in self._rates.get((country, category), ()):
            if rate.valid_from <= on and (rate.valid_to is None or on < rate.valid_to):
                return rate.percent
        raise Invalid("vat_category", "no_vat_rate", country=country, category=category, on=on.isoformat())
