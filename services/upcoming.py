"""The next invoices of a contract, with their lines: the planner's own work, looking ahead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from billing.contracts import ClaimKey, Terms
from billing.invoices import Charge, Draft, next_due_on, plan, total
from billing.lines import Discount, Line
from extensions import db
from models import Customer
from services import clock, company, extras, snapshots
from services.due_marks import first_open_day

SHOWN = 3


@dataclass(frozen=True, slots=True)
class UpcomingLine:
    """One position; `days` of `of_days` where it is a part of a period. `cents` in the contract's mode."""

    title: str
    start: date | None
    end: date | None  # exclusive
    days: int | None
    of_days: int | None
    cents: int
    discounts: tuple[Discount, ...] = ()


@dataclass(frozen=True, slots=True)
class Upcoming:
    """One invoice as it would be issued on its billing day, if nothing changes until then; amounts in cents."""

    on: date
    currency: str
    is_gross: bool
    net_cents: int
    tax_cents: int
    gross_cents: int
    lines: tuple[UpcomingLine, ...]


def find_upcoming(subscription_id: int, count: int = SHOWN) -> tuple[Upcoming, ...]:
    """The next invoices, the earliest first; none where nothing is due any more or the contract cannot be billed.

    Seven statements, two more where coupons run. The contract alone: on its day it may share an invoice with others
    of the customer, and with them the granted credit.
    """
    session = db.session()
    terms = snapshots.terms_of(session, subscription_id, company.get_company().days_for_payment)
    claimed = snapshots.claims_of(session, subscription_id)
    until = _until(terms, claimed, count)
    if until is None:
        return ()
    facts = company.tax_facts(clock.today())
    granted = extras.grants(session, select(Customer.id).where(Customer.id == terms.customer_id))
    debtor = snapshots.debtors(session, [terms.customer_id])[terms.customer_id]
    payer = debtor.payer(terms.currency, granted.get(terms.customer_id, ()))
    planned = plan(payer, [terms], claimed, until, facts.seller, facts.rates, {subscription_id})
    return tuple(told(draft) for draft in planned.drafts[:count])


def _until(terms: Terms, claimed: set[ClaimKey], count: int) -> date | None:
    """The last of so many billing days from the first open one on."""
    day = found = first_open_day(terms, claimed)
    for _ in range(count - 1):
        day = None if day is None else next_due_on(terms, day)
        found = day or found
    return found


def told(draft: Draft) -> Upcoming:
    """A planned draft in figures."""
    totals = total(draft)
    return Upcoming(
        draft.billing_on, draft.currency, draft.is_gross, totals.net_cents, totals.tax_cents, totals.gross_cents,
        tuple(_line(position) for position in draft.positions),
    )  # fmt: skip


def _line(position: Charge | Line) -> UpcomingLine:
    title = position.item.title if isinstance(position, Charge) else position.title
    part, period = position.part, position.period
    days, of_days = part if part is not None and part.days != part.of_days else (None, None)
    start, end = (period.start, period.end) if period is not None else (None, None)
    return UpcomingLine(title, start, end, days, of_days, position.amount_cents, position.discounts)
