"""One chunk of a billing run: load, plan, claim, issue, all in one transaction and a fixed number of statements."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from billing.charges import Charge
from billing.contracts import ClaimKey
from billing.drafts import Draft, total
from models import Run, RunChunk, Subscription
from services import (
    charge_first,
    claims,
    clock,
    company,
    discount_uses,
    due_marks,
    parking,
    run_plans,
    snapshots,
    usage_billing,
    vat_settings,
)
from services.actor import Actor
from services.freezing import freeze
from services.issue import issue, ring_after_commit
from services.issue_rows import Order
from services.run_counts import Counts, note
from services.snapshots import Snapshot
from services.unit import write

log = logging.getLogger(__name__)


def bill_chunk(chunk_id: int, *, patient: bool) -> Counts:
    """Bill the whole chunk in one transaction. Any error leaves it as it was."""
    with write() as session:
        chunk = _take(session, chunk_id, patient)
        if chunk is None:
            return Counts()
        counts = _bill_range(session, chunk, chunk.first_customer_id, chunk.last_customer_id)
        note(chunk, counts)
        chunk.state, chunk.done_at = "done", clock.instant()
        return counts


def bill_one_by_one(chunk_id: int) -> Counts:
    """The chunk again, a transaction a customer: whoever fails is parked with the reason, the others are billed."""
    counts = Counts()
    for customer_id in _due_customers(chunk_id):
        try:
            counts.add(_bill_customer(chunk_id, customer_id))
        except OperationalError:
            raise
        except Exception as error:
            log.error("customer %s parked: %s", customer_id, type(error).__name__)
            counts.add(_park_failed(chunk_id, customer_id, error))
    with write() as session:
        chunk = _take(session, chunk_id, True)
        if chunk is not None:
            chunk.state, chunk.done_at = "done", clock.instant()
    return counts


def bill_again(session: Session, chunk: RunChunk, customer_id: int, issued_on: date, actor: Actor) -> Counts:
    """Bill one customer once more for the chunk's run, by the run's own steps, inside the open transaction.

    What is due is what was due on the run's day; the invoices bear the day on which they are issued. The chunk's
    counts follow; who cannot be billed still is parked again, open, with the reason of now.
    """
    counts = _bill_range(session, chunk, customer_id, customer_id, issued_on, actor)
    note(chunk, counts)
    return counts


def park_again(session: Session, chunk: RunChunk, customer_id: int, error: Exception) -> Counts:
    """Note why the customer could not be billed once more."""
    counts = Counts(due=1, failed=parking.park(session, chunk.run_id, [parking.reason_of(customer_id, error)]))
    note(chunk, counts)
    return counts


def _bill_range(
    session: Session, chunk: RunChunk, first: int, last: int, issued_on: date | None = None, actor: Actor | None = None
) -> Counts:
    """`issued_on` and `actor`: the run's own unless given."""
    run = session.get_one(Run, chunk.run_id)
    own = company.get_company()
    snapshot = snapshots.due_cases(session, first, last, run.on_date, own.days_for_payment, lock=True)
    work = run_plans.plan_cases(snapshot, run.on_date, company.tax_facts(issued_on or run.on_date, run.id))
    if work.watch.oss_from:
        vat_settings.note_crossing(work.watch.oss_from)
    orders, counts = _claim(session, work, run.id)
    actor = actor or Actor(run.actor_kind, run.actor_id, run.actor_name)
    orders, charged = charge_first.parted(session, orders)
    for order in orders:
        counts.count(order.draft.currency, order.totals)
    letterhead_id = company.freeze_letterhead()
    issued = issue(session, orders, issued_on or run.on_date, actor, letterhead_id=letterhead_id, run_id=run.id)
    frozen = freeze(session, charged, issued_on or run.on_date, run.id)
    counts.charging = len(charged)
    documents = [*zip(issued.invoice_ids, orders, strict=True), *zip(frozen, charged, strict=True)]
    _settle_extras(session, documents, snapshot)
    parking.settle_earlier(session, run.id, first, last)
    counts.failed += parking.park(session, run.id, work.parked)
    counts.add_up()
    due_marks.set_marks(session, work.marks)
    ring_after_commit(issued)
    charge_first.ring_after_commit(frozen)
    return counts


def _claim(session: Session, work: run_plans.Work, run_id: int) -> tuple[list[Order], Counts]:
    """Claim everything at once; only what was won becomes an order."""
    drafts = work.drafts
    billed = [draft for _, draft, _ in drafts if draft.collection != "charge_first"]
    charged = [draft for _, draft, _ in drafts if draft.collection == "charge_first"]
    won = claims.claim(session, _keys(billed), "billed", run_id)
    won |= claims.claim(session, _keys(charged), "reserved", run_id)
    skipped = claims.claim(session, [(c.key, c.period.end) for c in work.passed_over], "skipped", run_id)
    counts = Counts(skipped=len(skipped))
    orders = []
    for case, draft, totals in drafts:
        usage_billing.require_won(draft, won)
        mine = tuple(charge for charge in draft.charges if charge.key in won)
        if not mine and not draft.lines:
            counts.skipped += 1
            continue
        if len(mine) < len(draft.charges):
            draft = _with_charges(draft, mine)
            totals = total(draft)
        orders.append(Order(case.debtor, draft, totals, won))
    return orders, counts


def _keys(drafts: Sequence[Draft]) -> list[tuple[ClaimKey, date]]:
    """What drafts claim, with the exclusive ends."""
    keys = [(charge.key, charge.period.end) for draft in drafts for charge in draft.charges]
    return keys + [pair for draft in drafts if draft.lines for pair in usage_billing.wanted(draft)]


def _settle_extras(session: Session, issued: Sequence[tuple[int, Order]], snapshot: Snapshot) -> None:
    """What the invoices used up of records, coupons and grants; no statement where they used nothing of it."""
    some = [(key, order.draft, order.claims) for key, order in issued if order.draft.lines]
    if some:
        usage_billing.settle(session, [(key, draft) for key, draft, _ in some], some[0][2])
    terms = (terms for case in snapshot.cases for terms in case.contracts if terms.coupons)
    coupons = {coupon.redemption_id: coupon for each in terms for coupon in each.coupons}
    if coupons or any(case.grants for case in snapshot.cases):
        discount_uses.record(session, [(key, order.draft) for key, order in issued], coupons)


def _with_charges(draft: Draft, charges: tuple[Charge, ...]) -> Draft:
    return replace(draft, charges=charges)


def _take(session: Session, chunk_id: int, patient: bool) -> RunChunk | None:
    """The chunk under its row lock, or None when it is done or (impatient) in other hands."""
    query = select(RunChunk).where(RunChunk.id == chunk_id, RunChunk.state == "pending")
    query = query.with_for_update(skip_locked=not patient).execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def _due_customers(chunk_id: int) -> Sequence[int]:
    with write() as session:
        chunk = session.get_one(RunChunk, chunk_id)
        on = session.get_one(Run, chunk.run_id).on_date
        within = Subscription.customer_id.between(chunk.first_customer_id, chunk.last_customer_id)
        query = select(Subscription.customer_id).where(within, Subscription.next_billing_on <= on).distinct()
        return session.scalars(query.order_by(Subscription.customer_id)).all()


def _bill_customer(chunk_id: int, customer_id: int) -> Counts:
    with write() as session:
        chunk = _take(session, chunk_id, True)
        if chunk is None:
            return Counts()
        counts = _bill_range(session, chunk, customer_id, customer_id)
        note(chunk, counts)
        return counts


def _park_failed(chunk_id: int, customer_id: int, error: Exception) -> Counts:
    with write() as session:
        chunk = _take(session, chunk_id, True)
        return Counts() if chunk is None else park_again(session, chunk, customer_id, error)
