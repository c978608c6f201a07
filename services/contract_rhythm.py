"""When a contract is collected: one collection on another day (D-6), or the billing day moved for good."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from billing.charges import UNDECIDED, Charge, open_charges
from billing.contracts import ClaimKey, Rhythm, Terms, moved_rhythm
from billing.errors import AlreadyDone, Invalid, NotAllowed
from billing.periods import add_months, shift
from billing.taxes import ZERO
from extensions import db
from services import clock, contract_versions, due_marks, snapshots
from services import values as check
from services.actor import Actor
from services.contract_plans import Edition, carry_out, require_free
from services.contract_rows import Held, hold, look, period_end, settle
from services.unit import write

LATEST = timedelta(days=731)  # a mistyped year
MOST_MONTHS = 24
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Collection:
    """The next collection of a contract: the nominal start of its period, its day, and the day without any move."""

    period_start: date
    due_on: date
    regular_on: date


def next_collection(held: Held) -> Collection | None:
    """What is collected next, or None where nothing is due any more."""
    terms, claimed = held.terms(), held.claims()
    day = due_marks.first_open_day(terms, claimed)
    charges = [] if day is None else _periods(terms, day, claimed)
    if day is None or not charges:
        return None
    start = min(charge.key.period_start for charge in charges)
    return Collection(start, day, _regular(terms, start, claimed))


def set_next_payment(actor: Actor, subscription_id: int, on: date) -> None:
    """D-6, M1-07: the next collection alone moves to that day; the billing day stays.

    Raises NotFound, NotAllowed: "wrong_state", "nothing_due"; AlreadyDone where it is due on that day; Invalid
    ("next_event"): in the past or too far away.
    """
    with write() as session:
        held = hold(session, subscription_id, "postpone")
        _move(actor, held, on)


def postpone(actor: Actor, subscription_id: int, months: int) -> None:
    """The next collection so many months later. Raises as `set_next_payment`, and Invalid("months")."""
    check.number_in("months", months, 1, MOST_MONTHS)
    with write() as session:
        held = hold(session, subscription_id, "postpone")
        _move(actor, held, add_months(_next(held).due_on, months))


def renew(actor: Actor, subscription_id: int) -> None:
    """The next period is billed now instead of on its day. AlreadyDone where it is due anyway."""
    with write() as session:
        held = hold(session, subscription_id, "postpone")
        if _next(held).due_on <= clock.today():
            raise AlreadyDone("due_already")
        _move(actor, held, clock.today())


def billing_days(subscription_id: int, new_day: date) -> tuple[date, ...]:
    """The next three billing days if the billing day moved to `new_day` for good: what is shown before it is done."""
    since, rhythm = _moved(look(db.session(), subscription_id), new_day)
    days = [since] if since != new_day else []
    days += [shift(new_day, rhythm.interval, n) for n in range(SHOWN)]
    return tuple(days[:SHOWN])


def move_billing_day(actor: Actor, subscription_id: int, new_day: date) -> date:
    """The billing day moves for good: from the end of what is paid on, periods are counted from `new_day`.

    The days between are billed as a part of a period. Gives the day on which the new count begins. Raises NotFound,
    NotAllowed: "wrong_state", "change_planned", "pause_planned"; Invalid("new_day").
    """
    with write() as session:
        held = hold(session, subscription_id, "change")
        require_free(held)
        since, rhythm = _moved(held, new_day)
        ends, kept = contract_versions.running(held, since), snapshots.kept_rhythm(rhythm)
        begins = [contract_versions.copy(item, since, rhythm=kept) for item in ends]
        values = {"anchor_on": rhythm.anchor_on.isoformat()}
        carry_out(held, Edition("billing_day", since, ends, begins, values, new_rhythm=True))
        settle(
            actor, held, "subscription.billing_day_moved", effective_on=since.isoformat(), new_day=new_day.isoformat()
        )
        return since


def _moved(held: Held, new_day: date) -> tuple[date, Rhythm]:
    since = max(period_end(held, clock.today()), held.row.started_on)
    plan, terms = snapshots.item_of(held.plan()), held.terms()
    old = plan.rhythm or terms.rhythm
    last = shift(since, old.interval, 1)
    if not since <= new_day < last:
        raise Invalid("new_day", "outside_period", first=since.isoformat(), last=(last - timedelta(1)).isoformat())
    return since, moved_rhythm(old, since, new_day)


def _next(held: Held) -> Collection:
    found = next_collection(held)
    if found is None:
        raise NotAllowed("nothing_due")
    return found


def _move(actor: Actor, held: Held, on: date) -> None:
    found = _next(held)
    if on < clock.today():
        raise Invalid("next_event", "in_the_past")
    if on == found.due_on:
        raise AlreadyDone("unchanged")
    if on > clock.today() + LATEST:
        raise Invalid("next_event", "too_far", latest=(clock.today() + LATEST).isoformat())
    moved = {start: due for start, due in held.row.moved or () if start != found.period_start.isoformat()}
    if on != found.regular_on:
        moved[found.period_start.isoformat()] = on.isoformat()
    held.row.moved = sorted(map(list, moved.items())) or None
    days = {"due_on": (found.due_on.isoformat(), on.isoformat())}
    settle(
        actor, held, "subscription.collection_moved", changes=days, period_start=found.period_start.isoformat()
    )  # fmt: skip


def _periods(terms: Terms, day: date, claimed: set[ClaimKey]) -> list[Charge]:
    charges = open_charges(terms, day, claimed, lambda item, on: (UNDECIDED, "", ZERO))
    return [charge for charge in charges if charge.key.kind == "period" and charge.due_on == day]


def _regular(terms: Terms, start: date, claimed: set[ClaimKey]) -> date:
    """The day on which that period is due without a move of its own."""
    others = tuple(move for move in terms.moved if move.period_start != start)
    plain = replace(terms, moved=others)
    charges = open_charges(plain, start + LATEST + LATEST, claimed, lambda item, on: (UNDECIDED, "", ZERO))
    return min(charge.due_on for charge in charges if charge.key.period_start == start)
