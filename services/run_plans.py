"""What billing a snapshot comes to, before anything is written: the run's own planning, and the preview's."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from billing.charges import Charge, next_due_on, wanted
from billing.contracts import ClaimKey, Terms, billing_anchor
from billing.drafts import Draft, Totals, total
from billing.invoices import Parked, Plan, plan
from billing.lawful import SellerData
from billing.usage import due_days
from services import lawful
from services.company import TaxFacts
from services.snapshots import Case, Snapshot
from services.tax_watch import Watch


@dataclass(slots=True)
class Work:
    """What planning a snapshot comes to, before anything is written."""

    own: SellerData
    watch: Watch
    drafts: list[tuple[Case, Draft, Totals]] = field(default_factory=list)
    parked: list[Parked] = field(default_factory=list)
    passed_over: list[Charge] = field(default_factory=list)  # periods of deactivated customers (D-12)
    marks: dict[int, date | None] = field(default_factory=dict)


def plan_cases(snapshot: Snapshot, on: date, facts: TaxFacts, watch: Watch | None = None) -> Work:
    """Wanted minus claimed for every case; writes nothing, so the preview is the run's own arithmetic.

    `watch` goes on from one snapshot to the next where nothing is written in between.
    """
    work = Work(lawful.seller_data(), watch or Watch(facts.seller, facts.on, facts.run_id))
    for case in snapshot.cases:
        if case.debtor.status == "deactivated":
            _pass_over(case, snapshot.claimed, on, work)
            continue
        planned = _plan(case, snapshot, on, facts, work.watch)
        if work.watch.crosses(planned.drafts):
            planned = _plan(case, snapshot, on, facts, work.watch)
        _sort_out(case, planned, on, work)
    return work


def _plan(case: Case, snapshot: Snapshot, on: date, facts: TaxFacts, watch: Watch) -> Plan:
    payer = case.debtor.payer(case.contracts[0].currency, case.grants)
    return plan(payer, case.contracts, snapshot.claimed, on, watch.seller, facts.rates, case.confirmed)


def _sort_out(case: Case, planned: Plan, on: date, work: Work) -> None:
    held = {parked.subscription_id for parked in planned.parked}
    work.parked.extend(planned.parked)
    for terms in case.contracts:
        if terms.subscription_id not in held:
            work.marks[terms.subscription_id] = next_due_on(terms, on)
    for draft in planned.drafts:
        _add(case, draft, work)


def _add(case: Case, draft: Draft, work: Work) -> None:
    """The draft with its sums, or its customer parked: the law lacks something for it, or a person has to decide."""
    totals = total(draft)
    reason = lawful.refusal(case.debtor, draft, totals, own=work.own) or work.watch.refusal(case.debtor, draft, totals)
    if reason is None:
        work.drafts.append((case, draft, totals))
        return
    work.parked.append(reason)
    for position in draft.positions:
        if position.subscription_id is not None:
            work.marks.pop(position.subscription_id, None)


def _pass_over(case: Case, claimed: set[ClaimKey], on: date, work: Work) -> None:
    """A deactivated customer's periods are skipped and not made up later (D-12)."""
    for terms in case.contracts:
        work.passed_over.extend(charge for charge in wanted(terms, on) if charge.key not in claimed)
        work.marks[terms.subscription_id] = _next_look(terms, on)


def _next_look(terms: Terms, on: date) -> date | None:
    """Usage is not skipped with the periods: it waits until the customer is active again, so its day stays marked."""
    days = [next_due_on(terms, on), *due_days(terms, billing_anchor(terms))]
    return min((day for day in days if day is not None), default=None)
