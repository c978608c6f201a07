"""The next invoices of a contract, with their lines: the planner's own work, looking ahead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.charges import Charge, next_due_on
from billing.contracts import ClaimKey, Terms
from billing.discounts import Discount
from billing.drafts import Draft, total
from billing.invoices import plan
from billing.lines import Line
from models import Customer
from services import clock, company, extras
from services.contract_rows import Held
from services.debtors import debtors_of
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


def of_contracts(session: Session, contracts: Iterable[Held], count: int) -> dict[int, tuple[Upcoming, ...]]:
    """The same for contracts that were read already, by id: two statements, one more for VAT ids where any count.

    Each contract alone: on its day it may share an invoice with others of the customer, and with them the granted
    credit.
    """
    held = {each.row.id: each for each in contracts}
    owners = sorted({each.customer.id for each in held.values()})
    facts, debtors = company.tax_facts(clock.today()), debtors_of(session, owners)
    granted = extras.grants(session, select(Customer.id).where(Customer.id.in_(owners)))
    found = {}
    for key, each in held.items():
        terms, owner = each.terms(), each.customer.id
        payer = debtors[owner].payer(terms.currency, granted.get(owner, ()))
        until = _until(terms, each.claims(), count)
        drafts = (
            [] if until is None else plan(payer, [terms], each.claims(), until, facts.seller, facts.rates, {key}).drafts
        )
        found[key] = tuple(told(draft) for draft in drafts[:count])
    return found


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
