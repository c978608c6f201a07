"""What a run would do: the run's own planning over a snapshot, writing nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from billing.invoices import Draft, Parked, Totals
from extensions import db
from models import Subscription
from services import billing_chunk, company, snapshots
from services.billing_chunk import Counts
from services.billing_gate import refuse_far
from services.snapshots import Debtor
from services.unit import end_reading

SHOWN = 500  # rows a person gets to see; the counts and sums cover everything
CHUNK = 500


@dataclass(frozen=True, slots=True)
class DraftRow:
    """One invoice that would be issued; amounts in cents."""

    customer_id: int
    customer_number: str
    name: str
    currency: str
    net_cents: int
    gross_cents: int
    billing_on: date
    lines: int


@dataclass(frozen=True, slots=True)
class ParkedRow:
    """One customer (or contract) that would be left out, and why."""

    customer_id: int
    customer_number: str
    name: str
    subscription_id: int | None
    code: str
    facts: dict[str, object]


@dataclass(slots=True)
class Preview:
    """`drafts` and `parked` are cut at SHOWN rows each; `counts` is complete."""

    on: date
    counts: Counts = field(default_factory=Counts)
    drafts: list[DraftRow] = field(default_factory=list)
    parked: list[ParkedRow] = field(default_factory=list)


def preview(on: date) -> Preview:
    """Plan the run of that day without claiming anything; memory does not grow with the number of customers.

    Raises NotAllowed("run_too_far") for the days for which a run would not start either.
    """
    refuse_far(on)
    end_reading()
    result = Preview(on)
    days = company.get_company().days_for_payment
    facts = company.tax_facts(on)
    for first, last in _ranges(on):
        snapshot = snapshots.due_cases(db.session(), first, last, on, days, lock=False)
        work = billing_chunk.plan_cases(snapshot, on, facts)
        debtors = {case.debtor.id: case.debtor for case in snapshot.cases}
        for case, draft, totals in billing_chunk.lawful_drafts(work):
            _add_draft(result, case.debtor, draft, totals)
        result.counts.failed += len(work.parked)
        for parked in billing_chunk.merge_parked(work.parked):
            _add_parked(result, debtors[parked.customer_id], parked)
        result.counts.skipped += len(work.passed_over)
    result.counts.due = result.counts.issued + result.counts.skipped + result.counts.failed
    return result


def _ranges(on: date) -> Iterator[tuple[int, int]]:
    """Ranges of due customers, by keyset."""
    after = 0
    while True:
        query = select(Subscription.customer_id).where(Subscription.customer_id > after)
        query = query.where(Subscription.next_billing_on <= on).distinct().order_by(Subscription.customer_id)
        ids = db.session.scalars(query.limit(CHUNK)).all()
        if not ids:
            return
        yield ids[0], ids[-1]
        after = ids[-1]


def _add_draft(result: Preview, debtor: Debtor, draft: Draft, totals: Totals) -> None:
    result.counts.count(draft.currency, totals)
    if len(result.drafts) < SHOWN:
        result.drafts.append(
            DraftRow(debtor.id, debtor.number, debtor.name, draft.currency, totals.net_cents, totals.gross_cents,
                     draft.billing_on, len(draft.charges))
        )  # fmt: skip


def _add_parked(result: Preview, debtor: Debtor, parked: Parked) -> None:
    if len(result.parked) < SHOWN:
        result.parked.append(
            ParkedRow(debtor.id, debtor.number, debtor.name, parked.subscription_id, parked.code, parked.facts)
        )  # fmt: skip
