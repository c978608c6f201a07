"""The end of a contract: cancelled at the earliest lawful day or later, withdrawn, and closed when all is billed."""

from __future__ import annotations

from datetime import date, timedelta

from billing.contracts import events_end
from billing.errors import AlreadyDone, Invalid, NotAllowed
from extensions import db
from models import Subscription
from services import activities, clock, contract_credits, contract_versions, due_marks, snapshots
from services import values as check
from services.actor import Actor
from services.contract_rows import Held, earliest_end, hold, look, settle
from services.unit import write

_DAY = timedelta(days=1)


def cancel(
    actor: Actor, subscription_id: int, ends_on: date | None = None, note: str = "", *, extraordinary: bool = False
) -> date:
    """Cancel the contract; gives its end, the first day without service.

    Without a day it ends at the earliest lawful one (X-09). A later day is possible, an earlier one only
    `extraordinary`, with the reason in `note`, and not before the contract's first day; what is billed beyond is
    credited. Raises NotFound, NotAllowed("wrong_state"), Invalid("ends_on", "before_earliest_end", earliest=...),
    Invalid("note", "missing"), AlreadyDone where it is cancelled to that day or no other day is asked for.
    """
    with write() as session:
        held = hold(session, subscription_id)
        if held.row.ends_on is not None and ends_on in (None, held.row.ends_on):
            raise AlreadyDone("cancelled")
        held = hold(session, subscription_id, "cancel")
        end, before = _end(held, ends_on, extraordinary, note), held.row.status
        held.row.ends_on, held.row.cancelled_at = end, clock.instant()
        held.row.cancellation_note = check.text_of(Subscription.__table__.c.cancellation_note, note)
        settle(
            actor, held, "subscription.cancelled", before, last_day=(end - _DAY).isoformat(), note=note,
            extraordinary=extraordinary,
        )  # fmt: skip
        return end


def agreed_end(subscription_id: int, ends_on: date | None, note: str, *, extraordinary: bool) -> date:
    """The end that `cancel` would come to; writes nothing and raises as it does."""
    return _end(look(db.session(), subscription_id), ends_on, extraordinary, note)


def withdraw_cancellation(actor: Actor, subscription_id: int) -> None:
    """Take the notice back; possible up to the last day. What was billed only up to the end goes on from there.

    Raises NotFound, NotAllowed("wrong_state"), NotAllowed("already_over").
    """
    with write() as session:
        held = hold(session, subscription_id, "reactivate")
        end, before = held.row.ends_on, held.row.status
        if end is None:
            raise NotAllowed("not_cancelled")
        if end <= clock.today():
            raise NotAllowed("already_over")
        held.row.ends_on, held.row.cancelled_at, held.row.cancellation_note = None, None, ""
        contract_versions.carry_on(held, end)
        settle(actor, held, "subscription.reactivated", before)


def close(actor: Actor, subscription_id: int) -> bool:
    """End the contract for good once its last day is over and billed; gives whether it is closed now.

    Before that, what was billed for days after the end is credited. A contract whose number of events is used up gets
    its end by it. Safe to repeat.
    """
    with write() as session:
        held = hold(session, subscription_id)
        row, today = held.row, clock.today()
        end = row.ends_on or _used_up(held)
        if row.status == "closed" or end is None or end > today:
            return False
        row.ends_on = end
        contract_credits.credit_unserved(actor, session, row, held.items)
        if due_marks.renew_mark(row.id) is not None:
            return False
        before, row.status = row.status, "closed"
        row.updated_at, row.version = clock.instant(), row.version + 1
        activities.record(
            actor, "subscription.closed", "subscription", row.id, customer_id=row.customer_id,
            last_day=(end - _DAY).isoformat(), changes={"status": (before, "closed")},
        )  # fmt: skip
        due_marks.renew_mark(row.id)
        return True


def _end(held: Held, ends_on: date | None, extraordinary: bool, note: str) -> date:
    earliest = earliest_end(held, clock.today())
    if ends_on is None:
        if not extraordinary:
            return earliest
        ends_on = max(clock.today() + _DAY, held.row.started_on)
    if extraordinary and not note.strip():
        raise Invalid("note", "missing")
    if not extraordinary and ends_on < earliest:
        raise Invalid("ends_on", "before_earliest_end", earliest=(earliest - _DAY).isoformat())
    if ends_on < held.row.started_on:
        raise Invalid("ends_on", "before_start")
    return ends_on


def _used_up(held: Held) -> date | None:
    """The end by the number of events."""
    plan = snapshots.item_of(held.plan())
    return events_end(plan.rhythm or held.terms().rhythm)
