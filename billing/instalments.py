"""A debt paid in instalments: who keeps to the plan has respite and is not dunned (MAH-7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import MAXYEAR, date, timedelta
from itertools import accumulate
from typing import NamedTuple

from billing.bank_days import next_working_day
from billing.errors import Invalid
from billing.money import split_cents
from billing.periods import add_months

MOST = 36
FIRST_WITHIN = 183  # days: meanwhile nobody reminds, and the claim goes on to lapse


class Instalment(NamedTuple):
    """So many cents up to a day."""

    due_on: date
    cents: int


def monthly(open_cents: int, count: int, first_on: date) -> tuple[Instalment, ...]:
    """Equal instalments that add up to what is open, month by month from the first day on.

    Raises Invalid for "count" (1 to 36, a cent each at least).
    """
    if not 1 <= count <= min(MOST, open_cents):
        raise Invalid("count", "out_of_range", most=min(MOST, open_cents))
    if first_on.year + MOST // 12 > MAXYEAR:
        raise Invalid("due_on", "not_in_order")
    parts = split_cents(open_cents, [1] * count)
    return tuple(Instalment(add_months(first_on, number), cents) for number, cents in enumerate(parts))


def check(plan: Sequence[Instalment], open_cents: int, today: date) -> None:
    """Refuse a plan that does not add up to what is open, or asks for money in the past. Raises Invalid."""
    if not plan or len(plan) > MOST:
        raise Invalid("instalments", "out_of_range", most=MOST)
    if any(part.cents <= 0 for part in plan) or sum(part.cents for part in plan) != open_cents:
        raise Invalid("instalments", "not_the_open_amount", open_cents=open_cents)
    days = [part.due_on for part in plan]
    if days[0] < today or sorted(set(days)) != days:
        raise Invalid("due_on", "not_in_order")
    latest = today + timedelta(FIRST_WITHIN)
    if days[0] > latest:
        raise Invalid("due_on", "too_far", latest=latest.isoformat())


def left_of(plan: Sequence[Instalment], paid_cents: int) -> int:
    """How many instalments are not yet paid in full: money pays the earliest first. `paid_cents` as in `is_kept`."""
    return sum(total > paid_cents for total in accumulate(part.cents for part in plan))


def is_kept(plan: Sequence[Instalment], paid_cents: int, today: date, grace_days: int) -> bool:
    """Whether all that had to be paid by now was paid; money that may still be on its way is waited for.

    `paid_cents`: what was paid on the receivable since the plan was made. An instalment that is due on a Sunday or a
    holiday is payable on the next working day (section 193 BGB); `grace_days` count from there.
    """
    late = [part.cents for part in plan if today > next_working_day(part.due_on) + timedelta(grace_days)]
    return paid_cents >= sum(late)
