"""What a contract says, and the dates that follow from it. All dates in Europe/Berlin, all ends exclusive."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from billing.discounts import Coupon
from billing.periods import Interval, index_of, shift

PLANNED_KINDS = ("period", "setup")  # claims of items; all others are of single records of usage


class ClaimKey(NamedTuple):
    """What is billed at most once: (contract item, kind, nominal period start).

    A period that is cut short keeps its nominal start, a setup fee carries its item's first day:
    neither changes when somebody later corrects where the cut was or moves the anchor.
    """

    item_id: int
    kind: str  # "period" | "setup" | "usage:" and the record's id
    period_start: date


class Rhythm(NamedTuple):
    """What the periods of an item are counted from, and how they are billed.

    `counted_before`: periods of the contract that lie before the anchor, so that a number of events goes on counting
    where a new rhythm begins.
    """

    anchor_on: date
    interval: Interval
    in_arrears: bool = False
    number_events: int | None = None  # None and 0: unlimited
    counted_before: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """One priced thing of a contract, or one version of it. `unit_price` is in the contract's net or gross mode.

    `rhythm` is its own where the contract's has changed since, or will: a version keeps the periods it was billed by.
    """

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
    rhythm: Rhythm | None = None
    is_section_13b: bool = False  # a supply of section 13b (2) UStG: the recipient may owe the VAT (INV-8)
    # Claims of this item before this day need no look: the snapshot knows that all of them stand.
    # Only a shortcut for old contracts; None looks at all of them and plans the same.
    settled_before: date | None = field(default=None, compare=False)


class Moved(NamedTuple):
    """D-6: the one collection of the period that begins nominally on `period_start` is due on another day."""

    period_start: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Usage:
    """One record that is not billed yet. `unit_price` is in the contract's net or gross mode."""

    id: int
    item_id: int  # the plan's version of the day of use: its claim hangs there
    product_id: int | None
    article_number: str
    title: str
    description: str
    unit: str
    quantity: Decimal
    unit_price: Decimal
    vat_category: str
    supply_kind: str
    used_on: date
    recorded_on: date
    is_section_13b: bool = False


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
    moved: tuple[Moved, ...] = ()
    method_id: int = 0  # the kept method that is charged; 0: none
    silent_from: date | None = None  # deactivated since that day: what is due from then on is not billed

    @property
    def rhythm(self) -> Rhythm:
        """The contract's own, for every item that has none of its own."""
        return Rhythm(billing_anchor(self), self.interval, self.in_arrears, self.number_events)


def billing_anchor(terms: Terms) -> date:
    """The day all periods are counted from: the end of the trial where there is one, else the anchor.

    An anchor that was moved to a day after the trial (D-6) wins over it.
    """
    trial = terms.trial_ends_on
    return trial if trial is not None and trial > terms.anchor_on else terms.anchor_on


def trial_end(starts_on: date, trial: Interval | None) -> date | None:
    """The first day that is paid for, or None without a trial. A matter of dates, never of hours (EB-13, EB-37)."""
    return None if trial is None else shift(starts_on, trial, 1)


def state_on(status: str, ends_on: date | None, trial_ends_on: date | None, paused: bool, on: date) -> str:
    """The state that follows from a contract's dates. What was closed or switched off stays so."""
    if status in ("closed", "deactivated"):
        return status
    if ends_on is not None:
        return "cancelled"
    if paused:
        return "paused"
    return "trial" if trial_ends_on is not None and on < trial_ends_on else "active"


def events_end(rhythm: Rhythm) -> date | None:
    """The first day after the last of a number of events; None where they are unlimited."""
    if not rhythm.number_events:
        return None
    return shift(rhythm.anchor_on, rhythm.interval, max(rhythm.number_events - rhythm.counted_before, 0))


def moved_rhythm(old: Rhythm, since: date, new_day: date) -> Rhythm:
    """The same rhythm counted from another billing day, for versions that begin on the boundary `since` (D-6).

    The days from `since` to `new_day` are a part of the period before it. The anchor is the nearest day before that
    leads back to `new_day`: a 31st is counted from a month that has one.
    """
    back = next(n for n in range(1, 49) if _leads_back(old.interval, new_day, n, since))
    anchor = shift(new_day, old.interval, -back)
    counted = old.counted_before + index_of(old.anchor_on, old.interval, since)
    return Rhythm(anchor, old.interval, old.in_arrears, old.number_events,
                  counted - index_of(anchor, old.interval, since))  # fmt: skip


def _leads_back(interval: Interval, day: date, n: int, since: date) -> bool:
    anchor = shift(day, interval, -n)
    return anchor <= since and shift(anchor, interval, n) == day
