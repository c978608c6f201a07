"""How a contract can be ended: minimum term, renewal, notice, and what may not bind a consumer. Ends are exclusive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from billing.periods import Interval, Unit, index_of, shift

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Notice:
    """The rules of ending a contract. None means: no such rule."""

    minimum: Interval | None  # minimum term from the start (SUBSCRIPTION_DURATION)
    renewal: Interval | None  # tacit renewal after it (SUBSCRIPTION_DURATION_FOLLOW); None: indefinite
    notice: Interval | None  # notice period (SUBSCRIPTION_CANCELLATION)


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


def lawful_for_consumers(rules: Notice) -> bool:
    """Section 309 Nr. 9 BGB: at most two years, then indefinite, with at most one month's notice (CON-4)."""
    return not unlawful_part(rules)


def _at_most(interval: Interval | None, months: int, days: int) -> bool:
    return interval is None or (interval.months <= months and interval.days <= days)


def _term_boundary(first_boundary: date, renewal: Interval, not_before: date) -> date:
    n = index_of(first_boundary, renewal, not_before)
    boundary = shift(first_boundary, renewal, n)
    return boundary if boundary == not_before else shift(first_boundary, renewal, n + 1)
