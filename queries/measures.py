"""What the overview's months come to: recurring revenue, issued, settled. One statement each for any list of months.

Costly in a large house (a month of 100,000 invoices is some tenth of a second), so `services.figures` keeps the result.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, union_all

from billing.errors import Invalid
from billing.ledger import RECEIVABLE
from billing.periods import Interval, Unit, add_months, shift
from billing.recurring import Running, recurring
from billing.taxes import RateTable, Seller
from extensions import db
from models import Customer, Invoice, JournalEntry, Posting, Subscription, SubscriptionItem
from models.ledger import MOVED

_SWITCHED_OFF = ("paused", "deactivated")
_DAY = timedelta(days=1)
SETTLING = ("payment", "payment_reversal", "credit_applied", "credit_used", "credit_reversal", "refund", "chargeback")


@dataclass(frozen=True, slots=True)
class Figure:
    """A sum of one month (its first day) in one currency. `name`: recurring, issued, settled.

    `count` is of contracts, of documents, or of movements of money.
    """

    month: date
    name: str
    currency: str
    cents: int
    count: int


def measure(months: Sequence[date], today: date, seller: Seller, rates: RateTable) -> list[Figure]:
    """All three figures of these months (their first days), in three statements. A month of nothing has none."""
    if not months:
        return []
    return [*_recurring(months, today, seller, rates), *_issued(months), *_settled(months)]


def last_day(month: date) -> date:
    """The last day of the month that begins on `month`."""
    return add_months(month, 1) - _DAY


def _issued(months: Sequence[date]) -> list[Figure]:
    """Gross, by the day of issue. A cancellation carries negative cents, so it takes away what it cancels."""
    sums = (Invoice.currency_code, func.sum(Invoice.gross_cents), func.count())
    parts = [
        select(literal(n), *sums)
        .where(Invoice.issued_on.between(month, last_day(month)), Invoice.issued_at.is_not(None))
        .group_by(Invoice.currency_code)
        for n, month in enumerate(months)
    ]
    return _figures("issued", months, parts)


def _settled(months: Sequence[date]) -> list[Figure]:
    """What payments and paid credit took off receivables, less what was undone, refunded or returned, by the day
    booked."""
    sums = (Posting.currency_code, -func.sum(Posting.amount_cents), func.count())
    parts = [
        select(literal(n), *sums)
        .select_from(JournalEntry)
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .where(JournalEntry.booked_on.between(month, last_day(month)), MOVED)
        .where(JournalEntry.kind.in_(SETTLING), Posting.account == RECEIVABLE)
        .group_by(Posting.currency_code)
        for n, month in enumerate(months)
    ]
    return _figures("settled", months, parts)


def _figures(name: str, months: Sequence[date], parts: Sequence[Any]) -> list[Figure]:
    rows = db.session.execute(union_all(*parts))
    return [Figure(months[n], name, currency, int(cents), count) for n, currency, cents, count in rows]


def _recurring(months: Sequence[date], today: date, seller: Seller, rates: RateTable) -> list[Figure]:
    """What ran on each month's last day (docs: billing rules, "Recurring revenue")."""
    by_month: dict[int, list[Running]] = defaultdict(list)
    for n, *values in db.session.execute(union_all(*(_running(n, month, today) for n, month in enumerate(months)))):
        by_month[n].append(_item(*values))

    def percent_of(category: str, on: date) -> Decimal:
        try:
            return Decimal(0) if seller.is_small_business(on) else rates.percent(seller.country, category, on)
        except Invalid:  # a rate is missing: the run says so; a picture is no place to fail
            return Decimal(0)

    return [
        Figure(months[n], "recurring", currency, cents, contracts)
        for n, items in by_month.items()
        for currency, (cents, contracts) in recurring(items, last_day(months[n]), percent_of).items()
    ]


def _running(n: int, month: date, today: date) -> Select[Any]:
    """The items of contracts that run on the month's last day, equal ones together."""
    s, item, on = Subscription, SubscriptionItem, last_day(month)
    counts_events = s.number_events > 0
    kinds = (
        s.currency_code, s.is_gross, item.vat_category, s.interval_unit, s.interval_count, item.quantity,
        item.unit_price, case((counts_events, _begins()), else_=None), case((counts_events, s.number_events), else_=0),
        item.rhythm,
    )  # fmt: skip
    plans = func.sum(case((item.kind == "plan", 1), else_=0))
    query = select(literal(n), *kinds, func.count(), plans).join_from(s, item, item.subscription_id == s.id)
    query = query.where(*_runs_on(on), *(_bills_today() if month == today.replace(day=1) else ()))
    return query.group_by(*kinds)


def _runs_on(on: date) -> tuple[ColumnElement[bool], ...]:
    s, item = Subscription, SubscriptionItem
    return (
        or_(item.rhythm.is_not(None), s.anchor_on <= on), or_(s.trial_ends_on.is_(None), s.trial_ends_on <= on),
        or_(s.ends_on.is_(None), s.ends_on > on), or_(s.status != "closed", s.ends_on.is_not(None)),
        item.kind != "setup", item.starts_on <= on, or_(item.ends_on.is_(None), item.ends_on > on),
    )  # fmt: skip


def _bills_today() -> tuple[ColumnElement[bool], ...]:
    """States have no history, so they count for the running month alone; in the others dates decide."""
    off = select(Customer.id).where(Customer.status == "deactivated")
    return Subscription.status.not_in(_SWITCHED_OFF), Subscription.customer_id.not_in(off)


def _begins() -> ColumnElement[date]:
    """The day that periods count from, as `billing.contracts.billing_anchor`."""
    after_trial = and_(Subscription.trial_ends_on.is_not(None), Subscription.trial_ends_on > Subscription.anchor_on)
    return case((after_trial, Subscription.trial_ends_on), else_=Subscription.anchor_on)


def _first_event(rhythm: dict[str, Any]) -> date:
    """The day from which all events of the contract would have been counted by this rhythm."""
    anchor = date.fromisoformat(rhythm["anchor_on"])
    return shift(anchor, Interval.parse(rhythm["interval"]), -rhythm["counted_before"])


def _item(
    currency: str, is_gross: bool, category: str, unit: str, every: int, quantity: Decimal, price: Decimal,
    anchor_on: date | None, events: int, rhythm: dict[str, Any] | None, count: int, plans: int,
) -> Running:  # fmt: skip
    """A version that keeps a rhythm of its own counts by it, whatever the contract's is since (billing.contracts)."""
    interval = Interval.parse(rhythm["interval"]) if rhythm else Interval(Unit(unit), every)
    if rhythm and anchor_on is not None:
        anchor_on, events = _first_event(rhythm), rhythm["number_events"] or 0
    return Running(currency, is_gross, category, interval, quantity, price, count, int(plans), anchor_on, events)
