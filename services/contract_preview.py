"""What a deed on a contract would come to, before anybody says yes: by the deed's own steps, writing nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import select

from billing.changes import Edits, due_later, due_now, edited
from billing.charges import Charge
from billing.contracts import ClaimKey, Item, Terms
from billing.drafts import total
from billing.invoices import plan
from billing.lines import Line
from billing.notice import binding, minimum_term_end, ordinary_end
from billing.periods import Period
from extensions import db
from models import Customer, Product, Subscription, SubscriptionItem
from services import clock, company, extras, snapshots
from services.bookings import notice_rules
from services.contract_changes import TERMS, Change, edition_of
from services.contract_credits import unserved
from services.contract_plans import Edition
from services.contract_rows import Held, earliest_end, look, period_end
from services.debtors import debtors_of
from services.due_marks import first_open_day

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Row:
    """A position that would stand on a document; `cents` in the contract's net or gross mode, negative where it is
    credited. `days` of `of_days` where it is a part of a period."""

    title: str
    quantity: Decimal
    period: Period | None
    days: int | None
    of_days: int | None
    cents: int


class Binding(NamedTuple):
    """The earliest end (exclusive) by the terms of now and by those of the change, and how long that one binds."""

    end_before: date
    end_after: date
    bound_until: date


@dataclass(frozen=True, slots=True)
class Preview:
    """`on`: the day from which the change holds. `credits` are taken back at once, `charges` billed by the next run,
    `later` on `later_on`. Sums are in the contract's mode; `credit_gross_cents` is what the corrections come to."""

    on: date
    is_planned: bool
    currency: str
    is_gross: bool
    supersedes: bool
    credits: tuple[Row, ...]
    charges: tuple[Row, ...]
    later_on: date | None
    later: tuple[Row, ...]
    credit_gross_cents: int
    binding: Binding
    fee_waived: bool  # the new product has a set-up fee, and a change charges none
    next_on: date | None = None  # the next invoice of the contract with the change, and what it comes to with VAT
    next_gross_cents: int = 0

    @property
    def credit_cents(self) -> int:
        return sum(row.cents for row in self.credits)

    @property
    def charge_cents(self) -> int:
        return sum(row.cents for row in self.charges)

    @property
    def balance_cents(self) -> int:
        """What the change comes to: billed by the next run less what is credited."""
        return self.charge_cents + self.credit_cents

    @property
    def later_cents(self) -> int:
        return sum(row.cents for row in self.later)


def preview_change(subscription_id: int, wanted: Change) -> Preview:
    """What `contract_changes.change` would do now. Raises as it does."""
    held = look(db.session(), subscription_id)
    edition = edition_of(held, wanted)
    terms, claimed = held.terms(), snapshots.claims_of(held.session, subscription_id)
    after = edited(terms, _edits(held, edition))
    today = clock.today()
    later = due_later(after, max(today, edition.on - _DAY) if edition.is_planned else today, claimed)
    credits = _credits(held, {} if edition.is_planned else {item.id: edition.on for item in edition.ends})
    return Preview(
        edition.on, edition.is_planned, held.row.currency_code, held.row.is_gross, held.row.planned_on is not None,
        credits[0], _charges(due_now(after, today, claimed)), later[0].due_on if later else None, _charges(later),
        credits[1], _binding(held, edition), _waives_fee(held, edition), *_next_invoice(held, after, claimed),
    )  # fmt: skip


def _next_invoice(held: Held, after: Terms, claimed: set[ClaimKey]) -> tuple[date | None, int]:
    """What the run that bills it first will ask for this contract alone, coupons and granted credit counted."""
    day, today = first_open_day(after, claimed), clock.today()
    if day is None:
        return None, 0
    facts, on = company.tax_facts(today), max(day, today)
    granted = extras.grants(held.session, select(Customer.id).where(Customer.id == held.customer.id))
    debtor = debtors_of(held.session, [held.customer.id])[held.customer.id]
    payer = debtor.payer(after.currency, granted.get(held.customer.id, ()))
    drafts = plan(payer, [after], claimed, on, facts.seller, facts.rates, {after.subscription_id}).drafts
    return on, sum(total(draft).gross_cents for draft in drafts)


def _binding(held: Held, edition: Edition) -> Binding:
    """A change may bring other terms; they count from the contract's own start, and nobody shall agree unawares."""
    today = clock.today()
    agreed = Subscription(**{name: edition.values.get(name, getattr(held.row, name)) for name in TERMS})
    rules = binding(notice_rules(agreed), held.customer.customer_type == "consumer")
    start = held.row.started_on
    after = ordinary_end(start, max(today, start), rules, period_end(held, today))
    return Binding(earliest_end(held, today), after, minimum_term_end(start, rules.minimum))


def _waives_fee(held: Held, edition: Edition) -> bool:
    if edition.kind != "product" or any(item.kind == "setup" for item in edition.begins):
        return False
    product = held.session.get(Product, next(item.product_id for item in edition.begins if item.kind == "plan"))
    return product is not None and product.setup_fee > 0


def preview_rest(subscription_id: int, since: date) -> tuple[tuple[Row, ...], int]:
    """What is billed for days from `since` on and would be credited, and its gross sum (negative): a pause, an end."""
    held = look(db.session(), subscription_id)
    ends = {item.id: since for item in held.items if item.kind != "setup" and (item.ends_on or since) >= since}
    return _credits(held, ends)


def _edits(held: Held, edition: Edition) -> Edits:
    begins = tuple(_new(item, -n) for n, item in enumerate(edition.begins, 1))
    ends = frozenset(item.id for item in edition.ends)
    rhythm = begins[0].rhythm if edition.new_rhythm and begins else None
    return Edits(edition.on, ends, held.planned_begun, held.planned_ended - ends, begins, rhythm)


def _new(row: SubscriptionItem, number: int) -> Item:
    return replace(snapshots.item_of(row), id=number)


def _credits(held: Held, ends: dict[int, date]) -> tuple[tuple[Row, ...], int]:
    corrections = [found.correction() for found in unserved(held.session, ends)]
    rows = tuple(_credit(line) for found in corrections for line in found.lines)
    return rows, sum(found.totals.gross_cents for found in corrections)


def _credit(line: Line) -> Row:
    days, of_days = line.part or (None, None)
    return Row(line.title, -line.quantity, line.period, days, of_days, line.amount_cents)


def _charges(charges: Iterable[Charge]) -> tuple[Row, ...]:
    return tuple(_charge(charge) for charge in charges)


def _charge(charge: Charge) -> Row:
    days, of_days = charge.part if charge.part.days != charge.part.of_days else (None, None)
    return Row(charge.item.title, charge.item.quantity, charge.period, days, of_days, charge.amount_cents)
