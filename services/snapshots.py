"""Contracts' rows -> billing data, for many customers at once; with services/debtors.py the only translation desk.

Every function takes a range of customers and reads it in a number of statements that does not depend on its size.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from billing.collecting import Kept
from billing.contracts import PLANNED_KINDS, ClaimKey, Item, Moved, Rhythm, Terms
from billing.discounts import Grant
from billing.periods import Interval, Unit
from models import Claim, Customer, Subscription, SubscriptionItem
from services import extras, providers
from services.debtors import COLUMNS, Debtor, DebtorRow, drawn_debtors
from services.extras import Extras
from services.kept_methods import INVOICED, Paying, kept_methods
from services.sql import row_kind, rows_of

_OF_CONTRACT = (
    "id", "customer_id", "anchor_on", "interval_unit", "interval_count", "trial_ends_on", "ends_on",
    "number_events", "in_arrears", "currency_code", "is_gross", "payment_type", "days_for_payment", "title",
    "invoice_title", "status", "moved", "deactivated_on", "periods_confirmed", "payment_method_id",
)  # fmt: skip

_TERMS = [getattr(Subscription, name) for name in _OF_CONTRACT]


_ContractRow = row_kind("_ContractRow", _OF_CONTRACT)
_ITEM = [
    getattr(SubscriptionItem, name)
    for name in (
        "id", "kind", "product_id", "article_number", "title", "description", "quantity", "unit_price",
        "vat_category", "supply_kind", "starts_on", "ends_on", "rhythm", "is_section_13b",
    )
]  # fmt: skip
_RHYTHM = [column.key for column in _ITEM].index("rhythm")


@dataclass(frozen=True, slots=True)
class Case:
    """One customer with its due contracts, ready for the planner."""

    debtor: Debtor
    contracts: tuple[Terms, ...]
    confirmed: frozenset[int]
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The cases of a chunk, in customer id order, and the claims that stand on their items."""

    cases: list[Case]
    claimed: set[ClaimKey]


def due_cases(session: Session, first: int, last: int, on: date, days_for_payment: int, *, lock: bool) -> Snapshot:
    """Customers of the id range with contracts due by `on`, in eight statements; one more for VAT ids where any count,
    two where coupons run.

    `lock` takes the customers' row locks, in id order, before anything else is read (docs/architecture.md).
    """
    due = (Subscription.customer_id.between(first, last), Subscription.next_billing_on <= on)
    customers = select(*COLUMNS).where(Customer.id.in_(select(Subscription.customer_id).where(*due)))
    customers = customers.order_by(Customer.id)
    rows = rows_of(session, customers.with_for_update() if lock else customers, DebtorRow)
    contracts = rows_of(session, select(*_TERMS).where(*due).order_by(Subscription.id), _ContractRow)
    of_contract = select(Subscription.id).where(*due)
    items = _items(session, select(SubscriptionItem.subscription_id, *_ITEM), of_contract)
    claimed, more = _claims(session, of_contract), extras.of_contracts(session, of_contract)
    granted = extras.grants(session, select(Subscription.customer_id).where(*due))
    kept = kept_methods(session, select(Subscription.customer_id).where(*due))
    cases = _cases(drawn_debtors(session, rows), rows, contracts, items, days_for_payment, more, granted, kept)
    return Snapshot(cases, claimed)


def terms_of(session: Session, subscription_id: int, days_for_payment: int = 14) -> Terms:
    """One contract as billing data, whatever is due. Raises NoResultFound."""
    query = select(*_TERMS, Customer.payment_type.label("theirs"), Customer.days_for_payment.label("their_days"))
    query = query.join(Customer, Customer.id == Subscription.customer_id).where(Subscription.id == subscription_id)
    row: Any = session.execute(query).one()
    only = select(Subscription.id).where(Subscription.id == subscription_id)
    items = _items(session, select(SubscriptionItem.subscription_id, *_ITEM), only)
    terms = drawn_terms(row, items[subscription_id], row.theirs, _first(row.their_days, days_for_payment))
    return extras.of_contracts(session, only).of(terms)


def contracts_where(session: Session, within: ColumnElement[bool]) -> tuple[list[Terms], set[ClaimKey]]:
    """The contracts that meet a condition and the claims on their items, in four statements; without coupons."""
    query = select(*_TERMS).where(within).order_by(Subscription.id)
    rows = rows_of(session, query, _ContractRow)
    only = select(Subscription.id).where(within)
    items = _items(session, select(SubscriptionItem.subscription_id, *_ITEM), only)
    used = extras.usage_of_contracts(session, only)
    return [used.of(drawn_terms(row, items[row.id], 1, 0)) for row in rows], _claims(session, only)


def claims_of(session: Session, subscription_id: int) -> set[ClaimKey]:
    """The claims that stand on one contract's items."""
    return _claims(session, select(Subscription.id).where(Subscription.id == subscription_id))


def _items(session: Session, query: Select[Any], of_contract: Select[Any]) -> dict[int, list[Item]]:
    query = query.where(SubscriptionItem.subscription_id.in_(of_contract)).order_by(SubscriptionItem.id)
    found: dict[int, list[Item]] = defaultdict(list)
    for subscription_id, *values in session.execute(query):
        if values[_RHYTHM] is not None:
            values[_RHYTHM] = rhythm_of(values[_RHYTHM])
        found[subscription_id].append(Item(*values))
    return found


def item_of(row: SubscriptionItem) -> Item:
    """One row as billing sees it; a row that is not stored yet has the id 0."""
    values = [getattr(row, column.key) for column in _ITEM]
    values[0], values[_RHYTHM] = row.id or 0, None if row.rhythm is None else rhythm_of(row.rhythm)
    return Item(*values)


def rhythm_of(kept: dict[str, Any]) -> Rhythm:
    """A rhythm as a version keeps it."""
    interval = Interval.parse(kept["interval"])
    return Rhythm(
        date.fromisoformat(kept["anchor_on"]), _interval(interval.unit, interval.count), kept["in_arrears"],
        kept["number_events"], kept["counted_before"],
    )  # fmt: skip


def kept_rhythm(rhythm: Rhythm) -> dict[str, Any]:
    """The same as it is stored."""
    return {
        "anchor_on": rhythm.anchor_on.isoformat(), "interval": rhythm.interval.format(),
        "in_arrears": rhythm.in_arrears, "number_events": rhythm.number_events,
        "counted_before": rhythm.counted_before,
    }  # fmt: skip


def _claims(session: Session, of_contract: Select[Any]) -> set[ClaimKey]:
    query = (
        select(Claim.item_id, Claim.kind, Claim.period_start)
        .join(SubscriptionItem, SubscriptionItem.id == Claim.item_id)
        .where(SubscriptionItem.subscription_id.in_(of_contract), Claim.released_at.is_(None))
        .where(Claim.kind.in_(PLANNED_KINDS))  # a record of usage knows itself whether it is billed
    )
    make: Callable[[Any], ClaimKey] = ClaimKey._make
    return set(map(make, session.execute(query)))


def _cases(
    debtors: dict[int, Debtor],
    customers: Iterable[Any],
    contracts: Iterable[Any],
    items: dict[int, list[Item]],
    default_days: int,
    more: Extras,
    granted: Mapping[int, tuple[Grant, ...]],
    kept: Mapping[int, list[Kept]],
) -> list[Case]:
    by_customer: dict[int, list[Any]] = defaultdict(list)
    for row in contracts:
        by_customer[row.customer_id].append(row)
    result, can_charge = [], providers.can_charge()
    for row in customers:
        days = _first(row.days_for_payment, default_days)
        mine = by_customer.get(row.id, [])
        how = Paying(kept.get(row.id, ()), can_charge)
        terms = tuple(
            more.of(drawn_terms(contract, items[contract.id], row.payment_type, days, how)) for contract in mine
        )
        confirmed = frozenset(contract.id for contract in mine if contract.periods_confirmed)
        result.append(Case(debtors[row.id], terms, confirmed, granted.get(row.id, ())))
    return result


def drawn_terms(row: Any, items: Iterable[Item], payment_type: int, days: int, how: Paying = INVOICED) -> Terms:
    """A contract's row, stored or only drawn up, as billing sees it. `payment_type` and `days` are the customer's; the
    contract's own win."""
    payment_type = _first(row.payment_type, payment_type)
    collection, method_id = ("invoice_first", 0) if how is INVOICED else how.of(payment_type, row.payment_method_id)
    return Terms(
        row.id,
        row.customer_id,
        row.anchor_on,
        _interval(row.interval_unit, row.interval_count),
        row.trial_ends_on,
        row.ends_on,
        row.number_events or None,
        row.in_arrears,
        row.currency_code,
        row.is_gross,
        payment_type,
        collection,
        _first(row.days_for_payment, days),
        row.title,
        row.invoice_title,
        row.status,
        tuple(items),
        moved=() if row.moved is None else tuple(Moved(*map(date.fromisoformat, pair)) for pair in row.moved),
        method_id=method_id,
        silent_from=row.deactivated_on if row.status == "deactivated" else None,
    )


_intervals: dict[tuple[str, int], Interval] = {}


def _interval(unit: str, count: int) -> Interval:
    """Intervals are few and immutable; the planner's arithmetic is cached by them."""
    found = _intervals.get((unit, count))
    if found is None:
        found = _intervals[(unit, count)] = Interval(Unit(unit), count)
    return found


def _first(own: int | None, inherited: int) -> int:
    return inherited if own is None else own
