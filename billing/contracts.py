"""What a contract says, and the dates that follow from it. All dates in Europe/Berlin, all ends exclusive."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from billing.periods import Interval, Unit, index_of, shift
from billing.usage import Usage

if TYPE_CHECKING:
    from billing.discounts import Coupon

PLANNED_KINDS = ("period", "setup")  # claims of items; all others are of single records of usage
_DAY = timedelta(days=1)


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


def ordinary_end(starts_on: date, given_on: date, rules: Notice, period_end: date) -> date:
    """The exclusive end of an ordinary cancellation: the earliest lawful one.

    Where neither term nor notice was agreed, the running billing period is served to its end: it was booked as a
    whole, and nobody is bound any longer by it.
    """
    if rules == Notice(None, None, None):
        return max(period_end, given_on + _DAY)
    return earliest_end(starts_on, given_on, rules)


def binding(rules: Notice, is_consumer: bool) -> Notice:
    """The rules that bind this customer: what a consumer could not lawfully be bound to does not hold (CON-4).

    A renewal for a further term falls away, the minimum term ends after two years, a notice is a month at most
    (section 309 Nr. 9, section 306 BGB).
    """
    if not is_consumer or lawful_for_consumers(rules):
        return rules
    minimum = rules.minimum if _at_most(rules.minimum, 24, 730) else Interval(Unit.MONTH, 24)
    return Notice(minimum, None, rules.notice if _at_most(rules.notice, 1, 30) else Interval(Unit.MONTH, 1))


def unlawful_part(rules: Notice) -> str:
    """Which of the three breaks section 309 Nr. 9 BGB: "minimum", "renewal", "notice", or nothing."""
    if not _at_most(rules.minimum, 24, 730):
        return "minimum"
    if rules.renewal is not None:
        return "renewal"
    return "" if _at_most(rules.notice, 1, 30) else "notice"


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


def end_of_period(anchor: date, interval: Interval, day: date) -> date:
    """The end (exclusive) of the billing period that `day` lies in; a day before the anchor ends at the anchor."""
    return shift(anchor, interval, max(index_of(anchor, interval, day), -1) + 1)


def lawful_for_consumers(rules: Notice) -> bool:
    """Section 309 Nr. 9 BGB: at most two years, then indefinite, with at most one month's notice (CON-4)."""
    return not unlawful_part(rules)


def _leads_back(interval: Interval, day: date, n: int, since: date) -> bool:
    anchor = shift(day, interval, -n)
    return anchor <= since and shift(anchor, interval, n) == day


def _at_most(interval: Interval | None, months: int, days: int) -> bool:
    return interval is None or (interval.months <= months and interval.days <= days)


def _term_boundary(first_boundary: date, renewal: Interval, not_before: date) -> date:
    n = index_of(first_boundary, renewal, not_before)
    boundary = shift(first_boundary, renewal, n)
    return boundary if boundary == not_before else shift(first_boundary, renewal, n + 1)
