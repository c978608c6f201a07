"""What the calendar does to contracts: trials end, pauses begin and end, cancelled contracts are closed.

Billing follows the dates by itself; this lets the stored states follow them, credits what is billed and not served,
and may run late, twice or never.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from billing.errors import KontorError
from extensions import db, queues
from models import InvoiceLine, Receivable, Subscription, SubscriptionPause
from services import clock, contract_ends
from services.actor import SYSTEM, Actor
from services.contract_rows import hold, settle
from services.unit import end_reading, insistent, write

log = logging.getLogger(__name__)
PAGE = 1_000


def waiting(after: int = 0) -> list[int]:
    """The next thousand contracts (by id) that a day has come for, in one statement."""
    end_reading()
    query = select(Subscription.id).where(Subscription.id > after, _has_come())
    return list(db.session.scalars(query.order_by(Subscription.id).limit(PAGE)))


def behind(session: Session, receivable_ids: Collection[int]) -> list[int]:
    """Those of them with a line on the invoices of these receivables, in one statement."""
    query = select(Subscription.id).join(InvoiceLine, InvoiceLine.subscription_id == Subscription.id)
    query = query.join(Receivable, Receivable.invoice_id == InvoiceLine.invoice_id).distinct()
    return list(session.scalars(query.where(Receivable.id.in_(receivable_ids), _has_come()).order_by(Subscription.id)))


def follow(subscription_id: int, actor: Actor = SYSTEM) -> None:
    """Bring one contract up to today: state, planned change, credits, mark, and its end."""

    def deed() -> None:
        with write() as session:
            held = hold(session, subscription_id)
            if held.happened:
                settle(actor, held)
        contract_ends.close(actor, subscription_id)

    insistent(deed)


def follow_all() -> int:
    """All that wait, one transaction each; who fails is left for the next look. Gives how many were looked at."""
    return follow_these(_all_waiting())


def follow_these(subscription_ids: Iterable[int]) -> int:
    """The same for these alone."""
    count = 0
    for subscription_id in subscription_ids:
        count += 1
        try:
            follow(subscription_id)
        except KontorError as error:
            log.error("contract %s: %s", subscription_id, error)
    return count


def ring() -> None:
    """The timetable's entry: a doorbell for each, so that no job is long."""
    queues.ring_many("money", "jobs.contracts.follow", list(_all_waiting()))


def _all_waiting() -> Iterator[int]:
    after = 0
    while ids := waiting(after):
        yield from ids
        after = ids[-1]


def _has_come() -> ColumnElement[bool]:
    s, p, today = Subscription, SubscriptionPause, clock.today()
    goes_on = or_(p.ends_on.is_(None), p.ends_on > today)
    begun = select(p.subscription_id).where(p.starts_on <= today, goes_on)
    return or_(
        and_(s.ends_on <= today, s.status != "closed"),
        s.planned_on <= today,
        and_(s.status == "trial", s.trial_ends_on <= today),
        and_(s.status == "active", s.id.in_(begun)),
        and_(s.status == "paused", s.id.not_in(begun)),
        and_(s.status == "active", s.number_events > 0, s.next_billing_on.is_(None)),
    )
