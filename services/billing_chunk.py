"""One chunk of a billing run: load, plan, claim, issue, all in one transaction and a fixed number of statements."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, cast

from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from billing.contracts import ClaimKey
from billing.errors import KontorError
from billing.invoices import Charge, Draft, Parked, Plan, Totals, missing_fields, next_due_on, plan, total, wanted
from extensions import queues
from models import ParkedCustomer, Run, RunChunk, Subscription
from services import claims, clock, company, due_marks, snapshots
from services.actor import Actor
from services.company import TaxFacts
from services.issue import Issued, issue
from services.issue_rows import Order
from services.snapshots import Case, Snapshot
from services.sql import insert
from services.unit import after_commit, write

RINGS = 50
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Counts:
    """Documents due = issued + skipped + failed (EB-26); `totals` maps a currency to [net, gross] in cents."""

    due: int = 0
    issued: int = 0
    skipped: int = 0
    failed: int = 0
    totals: dict[str, list[int]] = field(default_factory=dict)

    def add(self, other: Counts) -> None:
        self.due += other.due
        self.issued += other.issued
        self.skipped += other.skipped
        self.failed += other.failed
        for currency, (net, gross) in other.totals.items():
            mine = self.totals.setdefault(currency, [0, 0])
            mine[0] += net
            mine[1] += gross

    def count(self, currency: str, totals: Totals) -> None:
        """One more issued document."""
        self.issued += 1
        mine = self.totals.setdefault(currency, [0, 0])
        mine[0] += totals.net_cents
        mine[1] += totals.gross_cents

    def facts(self) -> dict[str, Any]:
        return {"due": self.due, "issued": self.issued, "skipped": self.skipped, "failed": self.failed,
                "totals": self.totals}  # fmt: skip


@dataclass(slots=True)
class Work:
    """What planning a snapshot comes to, before anything is written."""

    drafts: list[tuple[Case, Draft]] = field(default_factory=list)
    parked: list[Parked] = field(default_factory=list)
    passed_over: list[Charge] = field(default_factory=list)  # periods of deactivated customers (D-12)
    marks: dict[int, date | None] = field(default_factory=dict)


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


def plan_cases(snapshot: Snapshot, on: date, facts: TaxFacts) -> Work:
    """Wanted minus claimed for every case; writes nothing, so the preview is the run's own arithmetic."""
    work = Work()
    for case in snapshot.cases:
        if case.debtor.status == "deactivated":
            _pass_over(case, snapshot.claimed, on, work)
            continue
        payer = case.debtor.payer(case.contracts[0].currency)
        planned = plan(payer, case.contracts, snapshot.claimed, on, facts.seller, facts.rates, case.confirmed)
        _sort_out(case, planned, on, work)
    return work


def _sort_out(case: Case, planned: Plan, on: date, work: Work) -> None:
    held = {parked.subscription_id for parked in planned.parked}
    work.parked.extend(planned.parked)
    work.drafts.extend((case, draft) for draft in planned.drafts)
    for terms in case.contracts:
        if terms.subscription_id not in held:
            work.marks[terms.subscription_id] = next_due_on(terms, on)


def _pass_over(case: Case, claimed: set[ClaimKey], on: date, work: Work) -> None:
    """A deactivated customer's periods are skipped and not made up later (D-12)."""
    for terms in case.contracts:
        work.passed_over.extend(charge for charge in wanted(terms, on) if charge.key not in claimed)
        work.marks[terms.subscription_id] = next_due_on(terms, on)


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
    counts = Counts(due=1, failed=_park(session, chunk.run_id, [_parked_by(customer_id, error)]))
    note(chunk, counts)
    return counts


def _bill_range(
    session: Session, chunk: RunChunk, first: int, last: int, issued_on: date | None = None, actor: Actor | None = None
) -> Counts:
    """`issued_on` and `actor`: the run's own unless given."""
    run = session.get_one(Run, chunk.run_id)
    own = company.get_company()
    snapshot = snapshots.due_cases(session, first, last, run.on_date, own.days_for_payment, lock=True)
    work = plan_cases(snapshot, run.on_date, company.tax_facts(run.on_date))
    orders, counts = _claim(session, work, run.id)
    actor = actor or Actor(run.actor_kind, run.actor_id, run.actor_name)
    letterhead_id = company.freeze_letterhead()
    issued = issue(session, orders, issued_on or run.on_date, actor, letterhead_id=letterhead_id, run_id=run.id)
    _settle_parked(session, run.id, first, last)
    counts.failed += _park(session, run.id, work.parked)
    counts.due = counts.issued + counts.skipped + counts.failed
    due_marks.set_marks(session, work.marks)
    after_commit(lambda: _ring(issued))
    return counts


def _claim(session: Session, work: Work, run_id: int) -> tuple[list[Order], Counts]:
    """Claim everything at once; only what was won becomes an order."""
    drafts = lawful_drafts(work)
    wanted_keys = [(charge.key, charge.period.end) for _, draft, _ in drafts for charge in draft.charges]
    won = claims.claim(session, wanted_keys, "billed", run_id)
    skipped = claims.claim(session, [(c.key, c.period.end) for c in work.passed_over], "skipped", run_id)
    counts = Counts(skipped=len(skipped))
    orders = []
    for case, draft, totals in drafts:
        mine = tuple(charge for charge in draft.charges if charge.key in won)
        if not mine:
            counts.skipped += 1
            continue
        if len(mine) < len(draft.charges):
            draft = _with_charges(draft, mine)
            totals = total(draft)
        orders.append(Order(case.debtor, draft, totals, won))
        counts.count(draft.currency, totals)
    return orders, counts


def lawful_drafts(work: Work) -> list[tuple[Case, Draft, Totals]]:
    """Drafts with their totals; one that the law lacks something for parks its customer, and no number is drawn."""
    lawful = []
    for case, draft in work.drafts:
        totals = total(draft)
        missing = missing_fields(case.debtor.recipient, totals.gross_cents, draft.currency, draft.tax_case)
        if missing:
            for charge in draft.charges:
                work.marks.pop(charge.subscription_id, None)
            work.parked.append(Parked(draft.customer_id, None, "missing_fields", {"fields": list(missing)}))
        else:
            lawful.append((case, draft, totals))
    return lawful


def _with_charges(draft: Draft, charges: tuple[Charge, ...]) -> Draft:
    return replace(draft, charges=charges)


def _take(session: Session, chunk_id: int, patient: bool) -> RunChunk | None:
    """The chunk under its row lock, or None when it is done or (impatient) in other hands."""
    query = select(RunChunk).where(RunChunk.id == chunk_id, RunChunk.state == "pending")
    query = query.with_for_update(skip_locked=not patient).execution_options(populate_existing=True)
    return session.scalars(query).one_or_none()


def note(chunk: RunChunk, counts: Counts) -> None:
    """Add to what the chunk has done so far."""
    total_so_far = Counts(chunk.due, chunk.issued, chunk.skipped, chunk.failed, dict(chunk.totals))
    total_so_far.add(counts)
    chunk.due, chunk.issued = total_so_far.due, total_so_far.issued
    chunk.skipped, chunk.failed, chunk.totals = total_so_far.skipped, total_so_far.failed, total_so_far.totals


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


def _parked_by(customer_id: int, error: Exception) -> Parked:
    """The reason is a code and its facts, never the text of an exception: that could hold personal data."""
    if isinstance(error, KontorError):
        return Parked(customer_id, None, error.code, dict(error.facts))
    return Parked(customer_id, None, "unexpected", {"kind": type(error).__name__})


def _settle_parked(session: Session, run_id: int, first: int, last: int) -> None:
    """What earlier runs parked here is superseded by this run's outcome."""
    within = ParkedCustomer.customer_id.between(first, last)
    older = update(ParkedCustomer).where(within, ParkedCustomer.resolved_at.is_(None), ParkedCustomer.run_id != run_id)
    session.execute(older.values(resolved_at=clock.instant()), execution_options={"synchronize_session": False})


def _park(session: Session, run_id: int, parked: Sequence[Parked]) -> int:
    """Write the parked with their reasons in one statement; gives how many documents they stand for.

    Whom this run parked before, for the same reason, is parked again: open, with the facts of now.
    """
    if parked:
        merged = merge_parked(parked)
        rows = [
            {"run_id": run_id, "customer_id": p.customer_id, "subscription_id": p.subscription_id or 0,
             "code": p.code[:40], "facts": p.facts, "created_at": clock.instant()}
            for p in merged
        ]  # fmt: skip
        statement = insert(ParkedCustomer)
        again = {"facts": statement.excluded.facts, "resolved_at": None}
        keys = ["run_id", "customer_id", "subscription_id", "code"]
        session.execute(statement.on_conflict_do_update(index_elements=keys, set_=again), rows)
    return len(parked)


def merge_parked(parked: Sequence[Parked]) -> list[Parked]:
    """One line a customer (or contract) and reason; if it stands for several, `facts["documents"]` says how many."""
    found: dict[tuple[int, int | None, str], list[Parked]] = {}
    for one in parked:
        found.setdefault((one.customer_id, one.subscription_id, one.code), []).append(one)
    return [_merged(same) if len(same) > 1 else same[0] for same in found.values()]


def _merged(same: list[Parked]) -> Parked:
    fields = [field for one in same for field in cast(list[str], one.facts.get("fields", []))]
    facts: dict[str, object] = {**same[0].facts, "documents": len(same)}
    return replace(same[0], facts=facts | ({"fields": list(dict.fromkeys(fields))} if fields else {}))


def _ring(issued: Issued) -> None:
    """Doorbells after the commit, for the first few; the sweeper rings for the rest, so that a run of a hundred
    thousand does not fill the queue's memory."""
    queues.ring_many("money", "jobs.messages.send", issued.message_ids[:RINGS])
    queues.ring_many("paper", "jobs.documents.draw", issued.paper_ids[:RINGS])
