"""The planner: what a contract wants, minus what is claimed, sorted into drafts. And what a draft comes to."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from billing.charges import (
    SILENT_CONTRACTS,
    UNDECIDED,
    Charge,
    Taxing,
    billed_elsewhere,
    due_charges,
    next_due_on,
    open_starts,
    wanted,
)
from billing.contracts import ClaimKey, Item, Terms
from billing.discounts import Grant
from billing.errors import KontorError
from billing.lines import Line
from billing.reductions import reduced
from billing.taxes import (
    NEEDS,
    Amounts,
    Buyer,
    RateTable,
    Seller,
    TaxCase,
    TaxLine,
    spread,
    tax_lines,
    tax_of,
)
from billing.usage_lines import usage_lines

__all__ = [
    "MAX_OPEN_PERIODS",
    "SILENT_CONTRACTS",
    "SMALL_INVOICE_CENTS",
    "UNDECIDED",
    "Charge",
    "Draft",
    "Parked",
    "Payer",
    "Plan",
    "Recipient",
    "Totals",
    "billed_elsewhere",
    "missing_fields",
    "next_due_on",
    "plan",
    "total",
    "wanted",
]

MAX_OPEN_PERIODS = 12
SMALL_INVOICE_CENTS = 250_00  # section 33 UStDV, gross, EUR (INV-4)
BILLED_CUSTOMERS = frozenset({"active", "blocked"})  # D-12


@dataclass(frozen=True, slots=True)
class Payer:
    """The (surviving) customer who is billed."""

    customer_id: int
    currency: str
    buyer: Buyer
    status: str = "active"
    language: str = "de"
    grants: tuple[Grant, ...] = ()  # granted credit that is left (D-9)


@dataclass(frozen=True, slots=True)
class Draft:
    """What becomes one document. Its charges and lines share everything a document can say only once.

    `charges` are planned periods, `lines` all other positions; they stand on the paper in this order.
    """

    customer_id: int
    currency: str
    is_gross: bool
    payment_type: int
    collection: str
    tax_case: TaxCase
    billing_on: date
    days_for_payment: int
    charges: tuple[Charge, ...]
    lines: tuple[Line, ...] = ()
    method_id: int = 0  # the kept method that is charged first; 0: none

    @property
    def positions(self) -> tuple[Charge | Line, ...]:
        """All that is printed and counted, in its order."""
        return (*self.charges, *self.lines) if self.lines else self.charges


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


class Totals(NamedTuple):
    """A draft's sums in cents; `line_amounts` has (net, tax, gross) per position and adds up to the sums."""

    net_cents: int
    tax_cents: int
    gross_cents: int
    tax_lines: tuple[TaxLine, ...]
    line_amounts: tuple[Amounts, ...]


@dataclass(frozen=True, slots=True)
class Recipient:
    """The frozen recipient as it would stand on the paper."""

    name: str
    address: str
    zipcode: str
    city: str
    country_code: str = ""
    vat_id: str = ""


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


def total(draft: Draft) -> Totals:
    """The draft's tax table and sums: VAT once per category and rate on the document's sum (RND-3, RND-5)."""
    amounts = [(c.tax_category, c.percent, c.amount_cents) for c in draft.positions]
    lines = tax_lines(amounts, draft.is_gross)
    spread_out = spread(amounts, draft.is_gross, lines)
    if len(lines) == 1:
        return Totals(lines[0].net_cents, lines[0].tax_cents, lines[0].gross_cents, lines, spread_out)
    net, tax = sum(line.net_cents for line in lines), sum(line.tax_cents for line in lines)
    return Totals(net, tax, net + tax, lines, spread_out)


def missing_fields(
    recipient: Recipient, gross_cents: int, currency: str = "EUR", case: TaxCase | None = None
) -> tuple[str, ...]:
    """The fields the law asks of the recipient and that are empty (INV-1, section 14 (4) no. 1 UStG).

    Up to 250.00 EUR gross the name suffices (INV-4), except where the tax case asks for more, as reverse charge does;
    other currencies get no such favour, for the law counts in EUR.
    """
    is_small = currency == "EUR" and abs(gross_cents) <= SMALL_INVOICE_CENTS
    needed = _needed(is_small, "" if case is None else case.code)
    return tuple([name for name in needed if not getattr(recipient, name).strip()])


@lru_cache(maxsize=64)
def _needed(is_small: bool, case: str) -> tuple[str, ...]:
    by_case = (name for name in NEEDS.get(case, ()) if name in _OF_RECIPIENT)
    return tuple(dict.fromkeys(("name", *(() if is_small else ("address", "zipcode", "city")), *by_case)))


_OF_RECIPIENT = frozenset(each.name for each in fields(Recipient))

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
