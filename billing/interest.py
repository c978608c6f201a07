"""Interest on what is paid late (section 288 BGB): by days, by half-years, rounded once.

The rate is the base rate (section 247 BGB), which changes on 1 January and 1 July, plus 5 points where a consumer is
involved and 9 points among businesses. Rates are entered by the operator from the Bundesbank's announcement: none is
built in, and where one is missing nothing is charged, never guessed (MAH-3).

A year counts 365 days, a leap year too: the law names a rate for the year and no way of counting its days, and section
191 BGB counts a year that need not run in one piece as 365 days. 29 February is a day like the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from billing.errors import Invalid
from billing.money import divide_half_up

CONSUMER_POINTS, BUSINESS_POINTS = Decimal(5), Decimal(9)  # section 288 (1), (2) BGB
DAYS_OF_YEAR = 365
LONGEST_GAP = 20  # half-years back: what is older has lapsed (section 195 BGB)

Owed = tuple[date, int]  # from this day on so many cents are owed of the claim
Span = tuple[date, date]  # from, up to (exclusive)


@dataclass(frozen=True, slots=True)
class Part:
    """Days of one rate and one principal. `until` is exclusive; `percent` is the whole rate, base and points."""

    starts_on: date
    until: date
    principal_cents: int
    percent: Decimal

    @property
    def days(self) -> int:
        return (self.until - self.starts_on).days


@dataclass(frozen=True, slots=True)
class Interest:
    """What is owed, from which parts; `missing`: first days of half-years without a base rate, then cents are 0."""

    cents: int
    parts: tuple[Part, ...] = ()
    missing: tuple[date, ...] = ()


class BaseRates:
    """The dated table: one rate for each half-year, in percent, which may be negative."""

    __slots__ = ("_by_start",)

    def __init__(self, rates: Iterable[tuple[date, Decimal]]) -> None:
        self._by_start: dict[date, Decimal] = {}
        for starts_on, percent in rates:
            self._add(starts_on, percent)

    def percent(self, on: date) -> Decimal | None:
        """The base rate of that day's half-year; None where nobody entered it, though one before is known."""
        return self._by_start.get(half_year_of(on))

    def _add(self, starts_on: date, percent: Decimal) -> None:
        if starts_on != half_year_of(starts_on):
            raise Invalid("valid_from", "not_a_half_year", on=starts_on.isoformat())
        if starts_on in self._by_start:
            raise Invalid("valid_from", "rate_twice", on=starts_on.isoformat())
        if not percent.is_finite():
            raise Invalid("percent", "not_a_number")
        self._by_start[starts_on] = percent


def half_year_of(day: date) -> date:
    """1 January or 1 July, whichever the day's base rate holds from."""
    return date(day.year, 7 if day.month > 6 else 1, 1)


def next_half_year(day: date) -> date:
    """The first day of the half-year after the day's own."""
    return date(day.year, 7, 1) if day.month <= 6 else date(day.year + 1, 1, 1)


def half_years(since: date, until: date) -> list[date]:
    """The first days of the half-years of both days and of those in between, but no more than LONGEST_GAP."""
    days = [half_year_of(min(since, until))]
    while (following := next_half_year(days[-1])) <= until:
        days.append(following)
    return days[-LONGEST_GAP:]


def points(is_consumer: bool) -> Decimal:
    """What the law adds to the base rate."""
    return CONSUMER_POINTS if is_consumer else BUSINESS_POINTS


def interest(
    owed: Sequence[Owed], since: date, until: date, rates: BaseRates, is_consumer: bool, respites: Sequence[Span] = ()
) -> Interest:
    """Simple interest on a claim from the first day in default up to `until`, exclusive.

    `owed` tells what was owed from which day on; the day on which money came bears no interest on it any more. Days of
    `respites` (a deferral, instalments that are kept) bear none. Only the claim itself bears interest, never interest
    or fees (section 289 BGB). Rounded half up once, at the end (MAH-2).
    """
    days = [
        span
        for start, end, cents in _principals(owed, since, until)
        for span in _by_half_year(start, end, respites, cents)
    ]
    missing = sorted({half_year_of(start) for start, _, _ in days if rates.percent(start) is None})
    if missing:
        return Interest(0, (), tuple(missing))
    parts = tuple(Part(start, end, cents, (rates.percent(start) or Decimal(0)) + points(is_consumer))
                  for start, end, cents in days)  # fmt: skip
    return Interest(_rounded(parts), parts)


def still_to_charge(wanted: Interest, charged_cents: int) -> int:
    """What a further reminder may add: all interest up to its day, less what was charged before."""
    return max(wanted.cents - charged_cents, 0)


def _principals(owed: Sequence[Owed], since: date, until: date) -> Iterator[tuple[date, date, int]]:
    """Spans within [since, until) in which the same positive amount was owed."""
    steps = sorted(owed, key=lambda step: step[0])
    ends = [start for start, _ in steps[1:]] + [until]
    for (start, cents), end in zip(steps, ends, strict=True):
        first, last = max(start, since), min(end, until)
        if first < last and cents > 0:
            yield first, last, cents


def _by_half_year(start: date, end: date, respites: Sequence[Span], cents: int) -> Iterator[tuple[date, date, int]]:
    """The span without its respites, cut at 1 January and 1 July."""
    for first, last in _without(start, end, sorted(respites)):
        while first < last:
            cut = min(last, next_half_year(first))
            yield first, cut, cents
            first = cut


def _without(start: date, end: date, respites: Sequence[Span]) -> Iterator[Span]:
    for pause, again in respites:
        if start < min(pause, end):
            yield start, min(pause, end)
        start = max(start, again)
    if start < end:
        yield start, end


def _rounded(parts: Sequence[Part]) -> int:
    """cents * days * percent / (365 * 100), added up exactly; a rate below zero takes nothing from anybody."""
    total = sum((Fraction(part.percent) * part.principal_cents * part.days for part in parts), Fraction(0))
    return max(divide_half_up(total.numerator, total.denominator * DAYS_OF_YEAR * 100), 0)
