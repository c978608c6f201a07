"""The planner: what a contract wants, minus what is claimed, sorted into drafts."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from billing.charges import (
    Charge,
    Taxing,
    due_charges,
    open_starts,
)
from billing.contracts import ClaimKey, Item, Terms
from billing.drafts import Draft, Payer
from billing.errors import KontorError
from billing.lines import Line
from billing.reductions import reduced
from billing.taxes import (
    Buyer,
    RateTable,
    Seller,
    TaxCase,
    tax_of,
)
from billing.usage_lines import usage_lines

MAX_OPEN_PERIODS = 12
BILLED_CUSTOMERS = frozenset({"active", "blocked"})  # D-12


@dataclass(frozen=True, slots=True)
class Parked:
    """What is not billed, and why. `facts` are plain values for the run's report."""

    customer_id: int
    subscription_id: int | None
    code: str
    facts: dict[str, object]


class Plan(NamedTuple):
    drafts: list[Draft]
    parked: list[Parked]


def plan(
    payer: Payer,
    contracts: Sequence[Terms],
    claimed: Container[ClaimKey],
    on: date,
    seller: Seller,
    rates: RateTable,
    confirmed: Container[int] = (),
) -> Plan:
    """Wanted minus claimed, for one customer up to and including the day `on`.

    One draft per (currency, net or gross, payment type, collection mode, kept method, tax case, billing day), oldest
    first.
    A contract with more than 12 open periods is parked unless its id is in `confirmed` (D-13), one whose data
    cannot be billed is parked with its reason; the customer's other contracts are planned all the same (EB-25).
    """
    result = Plan([], [])
    if payer.status not in BILLED_CUSTOMERS:
        return result
    taxing = _taxing(payer.buyer, seller, rates)
    groups: dict[_GroupKey, _Group] = {}
    for terms in contracts:
        _sort_in(groups, terms, *_open_or_parked(payer, terms, claimed, on, taxing, confirmed, result.parked))
    for key in sorted(groups) if len(groups) > 1 else groups:
        result.drafts.append(_draft(payer.customer_id, key, groups[key]))
    if result.drafts and (payer.grants or any(terms.coupons for terms in contracts)):
        result.drafts[:] = reduced(payer, contracts, result.drafts)
    return result


_GroupKey = tuple[date, str, bool, int, str, int, TaxCase]
_Dated = tuple[date, Line]  # billing day, line


@dataclass(slots=True)
class _Group:
    """What becomes one draft."""

    charges: list[Charge] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    days_for_payment: int = 0


def _sort_in(groups: dict[_GroupKey, _Group], terms: Terms, charges: Sequence[Charge], lines: Sequence[_Dated]) -> None:
    for charge in charges:
        _group(groups, terms, charge.due_on, charge.tax_case).charges.append(charge)
    for due_on, line in lines:
        _group(groups, terms, due_on, line.tax_case).lines.append(line)


def _group(groups: dict[_GroupKey, _Group], terms: Terms, due_on: date, tax_case: TaxCase) -> _Group:
    key = (due_on, terms.currency, terms.is_gross, terms.payment_type, terms.collection, terms.method_id, tax_case)
    found = groups.get(key)
    if found is None:
        found = groups[key] = _Group()
    # Contracts with two payment terms on one invoice: the longer one is kinder and never wrong.
    found.days_for_payment = max(found.days_for_payment, terms.days_for_payment)
    return found


def _draft(customer_id: int, key: _GroupKey, group: _Group) -> Draft:
    due_on, currency, is_gross, payment_type, collection, method_id, tax_case = key
    return Draft(
        customer_id,
        currency,
        is_gross,
        payment_type,
        collection,
        tax_case,
        due_on,
        group.days_for_payment,
        tuple(group.charges),
        tuple(group.lines),
        method_id,
    )


def _open_or_parked(
    payer: Payer,
    terms: Terms,
    claimed: Container[ClaimKey],
    on: date,
    taxing: Taxing,
    confirmed: Container[int],
    parked: list[Parked],
) -> tuple[list[Charge], list[_Dated]]:
    """Planned periods and usage; a contract that waits for a person bills neither."""
    try:
        charges = list(due_charges(terms, on, claimed, taxing))
        lines = list(usage_lines(terms, on, taxing, payer.language)) if terms.usage else []
    except KontorError as error:
        # Before the first known rate lies an old start: then the many periods are the reason, not the rates.
        starts = open_starts(terms, on, claimed) if error.code == "no_vat_rate" else set()
        many = _asks_a_person(starts, terms, confirmed)
        known = Parked(payer.customer_id, terms.subscription_id, error.code, dict(error.facts))
        parked.append(_too_many(payer, terms, starts) if many else known)
        return [], []
    starts = _open_starts(charges)
    if not _asks_a_person(starts, terms, confirmed):
        return charges, lines
    parked.append(_too_many(payer, terms, starts))
    return [], []


def _asks_a_person(starts: set[date], terms: Terms, confirmed: Container[int]) -> bool:
    return len(starts) > MAX_OPEN_PERIODS and terms.subscription_id not in confirmed


def _too_many(payer: Payer, terms: Terms, starts: set[date]) -> Parked:
    facts = {"periods": len(starts), "first": min(starts).isoformat(), "last": max(starts).isoformat()}
    return Parked(payer.customer_id, terms.subscription_id, "too_many_open_periods", facts)


def _open_starts(charges: list[Charge]) -> set[date]:
    if len(charges) <= MAX_OPEN_PERIODS:
        return set()
    return {charge.key.period_start for charge in charges if charge.key.kind == "period"}


def _taxing(buyer: Buyer, seller: Seller, rates: RateTable) -> Taxing:
    """Tax by the day of supply, which is the last day of the period (0.7)."""

    def taxing(item: Item, supplied_on: date) -> tuple[TaxCase, str, Decimal]:
        section_13b = item.is_section_13b
        return tax_of(
            seller, buyer, rates, item.supply_kind, item.vat_category, supplied_on, is_section_13b=section_13b
        )

    return taxing
