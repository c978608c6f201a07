"""What a contract says, and the dates that follow from it. All dates in Europe/Berlin, all ends exclusive."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from billing.periods import Interval, index_of, shift
from billing.usage import Usage

if TYPE_CHECKING:
    from billing.discounts import Coupon

_DAY = timedelta(days=1)


class ClaimKey(NamedTuple):
    """What is billed at most once: (contract item, kind, nominal period start).

    A period that is cut short keeps its nominal start, a setup fee carries its item's first day:
    neither changes when somebody later corrects where the cut was or moves the anchor.
    """

    item_id: int
    kind: str  # "period" | "setup" | "usage:" and the record's id
    period_start: date


@dataclass(frozen=True, slots=True)
class Item:
    """One priced thing of a contract, or one version of it. `unit_price` is in the contract's net or gross mode."""

    id: int
    kind: str  # "plan" | "addon" | "setup"
    product_id: int | None
    article_number: str
    title: str
    description: str
    quantity: Decimal
    unit_price: Decimal
    vat_category: str  # "standard" | "reduced" | "zero"
    supply_kind: str  # "service" | "goods" | "e_service"
    starts_on: date
    ends_on: date | None  # exclusive
    is_section_13b: bool = False  # a supply of section 13b (2) UStG: the recipient may owe the VAT (INV-8)
    # Claims of this item before this day need no look: the snapshot knows that all of them stand.
    # Only a shortcut for old contracts; None looks at all of them and plans the same.
    settled_before: date | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Terms:
    """One contract as billing sees it."""

    subscription_id: int
    customer_id: int
    anchor_on: date
    interval: Interval
    trial_ends_on: date | None  # exclusive: the first day that is paid for
    ends_on: date | None  # exclusive end of service
    number_events: int | None  # None and 0: unlimited
    in_arrears: bool
    currency: str
    is_gross: bool
    payment_type: int
    collection: str  # "invoice_first" | "charge_first"
    days_for_payment: int
    title: str
    invoice_title: str
    status: str
    items: tuple[Item, ...]
    usage: tuple[Usage, ...] = ()  # recorded and not billed
    coupons: tuple[Coupon, ...] = ()  # redeemed and still running


@dataclass(frozen=True, slots=True)
class Notice:
    """The rules of ending a contract. None means: no such rule."""

    minimum: Interval | None  # minimum term from the start (SUBSCRIPTION_DURATION)
    renewal: Interval | None  # tacit renewal after it (SUBSCRIPTION_DURATION_FOLLOW); None: indefinite
    notice: Interval | None  # notice period (SUBSCRIPTION_CANCELLATION)


def billing_anchor(terms: Terms) -> date:
    """The day all periods are counted from: the end of the trial where there is one, else the anchor.

    An anchor that was moved to a day after the trial (D-6) wins over it.
    """
    trial = terms.trial_ends_on
    return trial if trial is not None and trial > terms.anchor_on else terms.anchor_on


def trial_end(starts_on: date, trial: Interval | None) -> date | None:
    """The first day that is paid for, or None without a trial. A matter of dates, never of hours (EB-13, EB-37)."""
    return None if trial is None else shift(starts_on, trial, 1)


def in_trial(terms: Terms, on: date) -> bool:
    """Whether `on` lies in the free first days."""
    return terms.trial_ends_on is not None and on < terms.trial_ends_on


def minimum_term_end(starts_on: date, minimum: Interval | None) -> date:
    """The first day after the minimum term; the start itself where none was agreed."""
    return starts_on if minimum is None else shift(starts_on, minimum, 1)


def notice_expires(given_on: date, notice: Interval | None) -> date:
    """The first day on which a notice given on `given_on` can end the contract (exclusive end).

    The day of the notice does not count, the last day counts in full (sections 187 (1), 188 BGB).
    """
    return (given_on if notice is None else shift(given_on, notice, 1)) + _DAY


def last_notice_day(end: date, notice: Interval | None) -> date:
    """The last day on which notice can be given so that the contract ends at `end` (exclusive)."""
    day = end - _DAY if notice is None else shift(end - _DAY, notice, -1)
    # Months differ in length: counting back from 31 March may land a few days early.
    while notice_expires(day + _DAY, notice) <= end:
        day += _DAY
    while notice_expires(day, notice) > end:
        day -= _DAY
    return day


def earliest_end(starts_on: date, given_on: date, rules: Notice) -> date:
    """The earliest exclusive end of service for a notice given on `given_on`.

    Inside the minimum term it is the end of that term; afterwards the end of the running renewal,
    or, where the contract went on indefinitely (the only lawful way for consumers since 1 March 2022,
    section 309 Nr. 9 BGB, CON-4), the day the notice period has passed.
    """
    expires = notice_expires(given_on, rules.notice)
    bound_until = minimum_term_end(starts_on, rules.minimum)
    if expires <= bound_until:
        return bound_until
    if rules.renewal is None:
        return expires
    return _term_boundary(bound_until, rules.renewal, expires)


def end_of_period(anchor: date, interval: Interval, day: date) -> date:
    """The end (exclusive) of the billing period that `day` lies in; a day before the anchor ends at the anchor."""
    return shift(anchor, interval, max(index_of(anchor, interval, day), -1) + 1)


def lawful_for_consumers(rules: Notice) -> bool:
    """Section 309 Nr. 9 BGB: at most two years, then indefinite, with at most one month's notice (CON-4)."""
    return rules.renewal is None and _at_most(rules.minimum, 24, 730) and _at_most(rules.notice, 1, 30)


def _at_most(interval: Interval | None, months: int, days: int) -> bool:
    return interval is None or (interval.months <= months and interval.days <= days)


def _term_boundary(first_boundary: date, renewal: Interval, not_before: date) -> date:
    n = index_of(first_boundary, renewal, not_before)
    boundary = shift(first_boundary, renewal, n)
    return boundary if boundary == not_before else shift(first_boundary, renewal, n + 1)
