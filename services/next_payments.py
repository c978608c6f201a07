"""What the next billing run would ask of a customer: the run's own planning, looking ahead and writing nothing (M1-07).

Currency by currency, for a yearly contract in francs must not make a monthly one in euros look a year ahead.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import func, select

from extensions import db
from models import Subscription
from queries.family import family_of
from services import clock, company, credit_at_issue, run_plans, snapshots
from services.issue_rows import Order
from services.run_plans import Work
from services.snapshots import Snapshot
from services.tax_watch import Watch


@dataclass(frozen=True, slots=True)
class NextPayment:
    """What is asked for next in one currency: gross cents, less the paid credit that will settle it. `cents` is None
    where a run would leave the customer to a person, for the reason `parked_code`, or where nothing is billed yet."""

    currency: str
    on: date
    cents: int | None
    credit_cents: int = 0
    parked_code: str = ""


def next_payments(customer_id: int) -> tuple[NextPayment, ...]:
    """By currency; none for who is deactivated or has no running contract (D-12).

    A number of statements that depends on no history; the same for a record without contracts, but for VAT ids that
    count and coupons that run. What is due already comes with the run of today.
    """
    session, today = db.session(), clock.today()
    days = {currency: max(day, today) for currency, day in _marks(customer_id).items()}
    own, facts = company.get_company(), company.tax_facts(today)
    until = max(days.values(), default=today)
    seen = snapshots.due_cases(session, customer_id, customer_id, until, own.days_for_payment, lock=False)
    works = {currency: _work(seen, currency, day, facts) for currency, day in days.items()}
    orders = credit_at_issue.settled(session, list(_orders(works.values())))
    active = any(case.debtor.status != "deactivated" for case in seen.cases)
    return tuple(_told(currency, days[currency], works[currency], orders) for currency in sorted(days) if active)


def _marks(customer_id: int) -> dict[str, date]:
    """The day on which a run will next look at the customer's contracts, by currency."""
    query = select(Subscription.currency_code, func.min(Subscription.next_billing_on)).where(
        Subscription.customer_id.in_(family_of(customer_id)), Subscription.next_billing_on.is_not(None)
    )
    rows = db.session.execute(query.group_by(Subscription.currency_code))
    return {currency: day for currency, day in rows if day is not None}


def _work(seen: Snapshot, currency: str, day: date, facts: company.TaxFacts) -> Work:
    """The plan of that day for the contracts in one currency."""
    cases = [
        replace(case, contracts=tuple(terms for terms in case.contracts if terms.currency == currency))
        for case in seen.cases
    ]
    part = Snapshot([case for case in cases if case.contracts], seen.claimed)
    return run_plans.plan_cases(part, day, replace(facts, on=day), Watch(facts.seller, day))


def _orders(works: Iterable[Work]) -> Iterable[Order]:
    for work in works:
        yield from (Order(case.debtor, draft, totals, {}) for case, draft, totals in work.drafts)


def _told(currency: str, day: date, work: Work, orders: list[Order]) -> NextPayment:
    mine = [order for order in orders if order.draft.currency == currency]
    if not mine:
        return NextPayment(currency, day, None, parked_code=work.parked[0].code if work.parked else "")
    used = sum(order.prepaid_cents for order in mine)
    return NextPayment(currency, day, sum(order.totals.gross_cents for order in mine) - used, used)
