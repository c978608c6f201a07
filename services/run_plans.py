"""What billing a snapshot comes to, before anything is written: the run's own planning, and the preview's."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from billing.contracts import ClaimKey
from billing.invoices import Charge, Draft, Parked, Plan, Totals, next_due_on, plan, total, wanted
from services import lawful
from services.company import TaxFacts
from services.snapshots import Case, Snapshot


@dataclass(slots=True)
class Work:
    """What planning a snapshot comes to, before anything is written."""

    drafts: list[tuple[Case, Draft]] = field(default_factory=list)
    parked: list[Parked] = field(default_factory=list)
    passed_over: list[Charge] = field(default_factory=list)  # periods of deactivated customers (D-12)
    marks: dict[int, date | None] = field(default_factory=dict)


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


def lawful_drafts(work: Work) -> list[tuple[Case, Draft, Totals]]:
    """Drafts with their totals; one that the law lacks something for parks its customer, and no number is drawn."""
    found = []
    for case, draft in work.drafts:
        totals = total(draft)
        reason = lawful.refusal(case.debtor, draft, totals)
        if reason:
            for charge in draft.charges:
                work.marks.pop(charge.subscription_id, None)
            work.parked.append(reason)
        else:
            found.append((case, draft, totals))
    return found
