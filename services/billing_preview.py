"""What a run would do: the run's own planning over a snapshot, writing nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select

from billing import words
from billing.charges import Charge
from billing.discounts import Discount
from billing.invoices import Parked
from billing.lines import Line
from extensions import db
from models import Activity, Subscription
from services import clock, company, credit_at_issue, parking, run_plans, snapshots
from services.billing_gate import refuse_far
from services.debtors import Debtor
from services.issue_rows import Order
from services.run_counts import Counts
from services.tax_watch import Watch
from services.unit import end_reading

SHOWN = 100  # rows of one page; the counts and sums cover everything
CHUNK = 500
MOST_KEPT = 8  # plans a process remembers: asking before the start, and going back, cost no second planning

_KEPT: dict[tuple[object, ...], Preview] = {}


@dataclass(frozen=True, slots=True)
class LineRow:
    """One position; `cents` is in the contract's net or gross mode, after its discounts; `end` is exclusive."""

    title: str
    start: date | None
    end: date | None
    quantity: Decimal
    cents: int
    discounts: tuple[Discount, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftRow:
    """One invoice that would be issued; amounts in cents. `prepaid_cents`: what paid credit would settle of it."""

    customer_id: int
    customer_number: str
    name: str
    currency: str
    net_cents: int
    gross_cents: int
    billing_on: date
    is_gross: bool
    positions: tuple[LineRow, ...]
    prepaid_cents: int = 0


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
    """`drafts` is one page of those that were searched for, `found` of them in all; `parked` is cut at SHOWN rows;
    `counts` covers everything."""

    on: date
    search: str = ""
    page: int = 0
    found: int = 0
    counts: Counts = field(default_factory=Counts)
    drafts: list[DraftRow] = field(default_factory=list)
    parked: list[ParkedRow] = field(default_factory=list)


def preview(on: date, search: str = "", page: int = 0) -> Preview:
    """Plan the run of that day without claiming anything; memory does not grow with the number of customers.

    `search`: the rows shown are of customers in whose name or number each typed word begins a word.

    Raises NotAllowed("run_too_far") for the days for which a run would not start either.
    """
    refuse_far(on)
    end_reading()
    key = (str(db.engine.url), on, clock.today(), search, max(page, 0), _stamp())
    kept = _KEPT.get(key)
    if kept is None:
        kept = _KEPT[key] = _planned(on, search, max(page, 0))
        while len(_KEPT) > MOST_KEPT:
            _KEPT.pop(next(iter(_KEPT)), None)
    return kept


def _stamp() -> int:
    """Every deed leaves an activity, so while there is no new one a plan is still the plan."""
    return int(db.session.scalar(select(func.max(Activity.id))) or 0)


def _planned(on: date, search: str, page: int) -> Preview:
    result = Preview(on, search, page)
    typed = words.query_words(search)
    days = company.get_company().days_for_payment
    facts = company.tax_facts(on)
    watch = Watch(facts.seller, on)
    for first, last in _ranges(on):
        snapshot = snapshots.due_cases(db.session(), first, last, on, days, lock=False)
        work = run_plans.plan_cases(snapshot, on, facts, watch)
        debtors = {case.debtor.id: case.debtor for case in snapshot.cases}
        for order in credit_at_issue.settled(db.session(), [Order(c.debtor, d, t, {}) for c, d, t in work.drafts]):
            result.counts.note(order.draft, order.totals, order.prepaid_cents)
            if _matches(order.debtor, typed):
                _add_draft(result, order)
        result.counts.failed += len(work.parked)
        for parked in parking.merge_parked(work.parked):
            _add_parked(result, debtors[parked.customer_id], parked)
        result.counts.skipped += len(work.passed_over)
    result.counts.add_up()
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


def _matches(debtor: Debtor, typed: list[str]) -> bool:
    if not typed:
        return True
    known = words.index_words(debtor.name, debtor.number)
    return all(any(word.startswith(begin) for word in known) for begin in typed)


def _add_draft(result: Preview, order: Order) -> None:
    debtor, draft, totals = order.debtor, order.draft, order.totals
    if result.found // SHOWN == result.page:
        positions = tuple(_line_row(position) for position in draft.positions)
        result.drafts.append(
            DraftRow(debtor.id, debtor.number, debtor.name, draft.currency, totals.net_cents, totals.gross_cents,
                     draft.billing_on, draft.is_gross, positions, order.prepaid_cents)
        )  # fmt: skip
    result.found += 1


def _line_row(position: Charge | Line) -> LineRow:
    if isinstance(position, Charge):
        item, period = position.item, position.period
        return LineRow(item.title, period.start, period.end, item.quantity, position.amount_cents, position.discounts)
    start, end = position.period if position.period is not None else (None, None)
    return LineRow(position.title, start, end, position.quantity, position.amount_cents, position.discounts)


def _add_parked(result: Preview, debtor: Debtor, parked: Parked) -> None:
    if len(result.parked) < SHOWN:
        result.parked.append(
            ParkedRow(debtor.id, debtor.number, debtor.name, parked.subscription_id, parked.code, parked.facts)
        )  # fmt: skip
