"""The planner: what a contract wants, minus what is claimed, sorted into drafts. And what a draft comes to."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from billing.contracts import ClaimKey, Item, Terms, billing_anchor
from billing.errors import Invalid, KontorError
from billing.periods import MAX_PERIODS, Period, index_of, nth
from billing.pricing import Part, line_cents, prorate
from billing.taxes import (
    ZERO,
    Amounts,
    Buyer,
    RateTable,
    Seller,
    TaxCase,
    TaxLine,
    category_of,
    decide,
    spread,
    tax_lines,
)

MAX_OPEN_PERIODS = 12
SMALL_INVOICE_CENTS = 250_00  # section 33 UStDV, gross, EUR (INV-4)
# A paused, ended or switched-off contract bills nothing new; D-12 for the customer.
SILENT_CONTRACTS = frozenset({"paused", "deactivated", "closed"})
BILLED_CUSTOMERS = frozenset({"active", "blocked"})
UNDECIDED = TaxCase("undecided", "", False, "")

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Charge:
    """One line to be billed. `amount_cents` is in the contract's net or gross mode; tax is UNDECIDED before plan()."""

    key: ClaimKey
    subscription_id: int
    item: Item
    period: Period  # as charged: cut where the item or the contract starts or ends inside the nominal period
    due_on: date  # billing day: the period's start in advance, its end in arrears
    counter: int  # 1-based index of the period in the contract
    amount_cents: int
    part: Part  # days charged of the days of the full period
    tax_case: TaxCase = UNDECIDED
    tax_category: str = ""  # EN 16931: S Z E AE O K G
    percent: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Payer:
    """The (surviving) customer who is billed."""

    customer_id: int
    currency: str
    buyer: Buyer
    status: str = "active"


@dataclass(frozen=True, slots=True)
class Draft:
    """What becomes one invoice. Its charges share everything an invoice can say only once."""

    customer_id: int
    currency: str
    is_gross: bool
    payment_type: int
    collection: str
    tax_case: TaxCase
    billing_on: date
    days_for_payment: int
    charges: tuple[Charge, ...]


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
    """A draft's sums in cents; `line_amounts` has (net, tax, gross) per charge and adds up to the sums."""

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


Taxing = Callable[[Item, date], tuple[TaxCase, str, Decimal]]


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

    One draft per (currency, net or gross, payment type, collection mode, tax case, billing day), oldest first.
    A contract with more than 12 open periods is parked unless its id is in `confirmed` (D-13), one whose data
    cannot be billed is parked with its reason; the customer's other contracts are planned all the same (EB-25).
    """
    result = Plan([], [])
    if payer.status not in BILLED_CUSTOMERS:
        return result
    taxing = _taxing(payer.buyer, seller, rates)
    groups: dict[_GroupKey, list[Charge]] = {}
    days: dict[_GroupKey, int] = {}
    for terms in contracts:
        charges = _open_or_parked(payer, terms, claimed, on, taxing, confirmed, result.parked)
        for charge in charges:
            key = _group_key(terms, charge)
            groups.setdefault(key, []).append(charge)
            # Contracts with two payment terms on one invoice: the longer one is kinder and never wrong.
            days[key] = max(days.get(key, 0), terms.days_for_payment)
    for key in sorted(groups) if len(groups) > 1 else groups:
        result.drafts.append(_draft(payer.customer_id, key, days[key], groups[key]))
    return result


def wanted(terms: Terms, on: date) -> list[Charge]:
    """Everything the contract has billed or should have billed up to and including `on`, claimed or not.

    Bounded by the day, the contract's and the items' ends, and number_events. Tax is not decided here.
    """
    return [] if terms.status in SILENT_CONTRACTS else list(_charges(terms, on, (), _untaxed))


def billed_elsewhere(terms: Terms, next_event: date) -> list[ClaimKey]:
    """D-13: the claims to store for a contract that comes in running and whose first bill here is due on
    `next_event`: all that was due before that day, whatever the contract's status."""
    return [charge.key for charge in _charges(terms, next_event - _DAY, (), _untaxed)]


def next_due_on(terms: Terms, after: date) -> date | None:
    """The first billing day after `after`, or None when nothing is due any more."""
    if terms.status in SILENT_CONTRACTS:
        return None
    anchor = billing_anchor(terms)
    days = (_item_due_after(terms, item, anchor, after) for item in terms.items)
    return min((day for day in days if day is not None), default=None)


def total(draft: Draft) -> Totals:
    """The draft's tax table and sums: VAT once per category and rate on the document's sum (RND-3, RND-5)."""
    amounts = [(c.tax_category, c.percent, c.amount_cents) for c in draft.charges]
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

    Up to 250.00 EUR gross the name suffices (INV-4), except where tax passes to the recipient or the goods leave
    the country's tax; other currencies get no such favour, for the law counts in EUR.
    """
    needed = ["name"]
    relaxed = currency == "EUR" and abs(gross_cents) <= SMALL_INVOICE_CENTS
    vat_id_needed = case is not None and case.category in ("AE", "K")
    if vat_id_needed or not relaxed:
        needed += ["address", "zipcode", "city"]
    if vat_id_needed:
        needed += ["country_code", "vat_id"]
    return tuple(name for name in needed if not str(getattr(recipient, name)).strip())


_GroupKey = tuple[date, str, bool, int, str, TaxCase]


def _group_key(terms: Terms, charge: Charge) -> _GroupKey:
    return charge.due_on, terms.currency, terms.is_gross, terms.payment_type, terms.collection, charge.tax_case


def _draft(customer_id: int, key: _GroupKey, days_for_payment: int, charges: list[Charge]) -> Draft:
    due_on, currency, is_gross, payment_type, collection, tax_case = key
    return Draft(
        customer_id,
        currency,
        is_gross,
        payment_type,
        collection,
        tax_case,
        due_on,
        days_for_payment,
        tuple(charges),
    )


def _open_or_parked(
    payer: Payer,
    terms: Terms,
    claimed: Container[ClaimKey],
    on: date,
    taxing: Taxing,
    confirmed: Container[int],
    parked: list[Parked],
) -> list[Charge]:
    if terms.status in SILENT_CONTRACTS:
        return []
    try:
        charges = list(_charges(terms, on, claimed, taxing))
    except KontorError as error:
        parked.append(Parked(payer.customer_id, terms.subscription_id, error.code, dict(error.facts)))
        return []
    starts = _open_starts(charges)
    if len(starts) <= MAX_OPEN_PERIODS or terms.subscription_id in confirmed:
        return charges
    facts: dict[str, object] = {
        "periods": len(starts),
        "first": min(starts).isoformat(),
        "last": max(starts).isoformat(),
    }
    parked.append(Parked(payer.customer_id, terms.subscription_id, "too_many_open_periods", facts))
    return []


def _open_starts(charges: list[Charge]) -> set[date]:
    if len(charges) <= MAX_OPEN_PERIODS:
        return set()
    return {charge.key.period_start for charge in charges if charge.key.kind == "period"}


def _taxing(buyer: Buyer, seller: Seller, rates: RateTable) -> Taxing:
    """Tax by the day of supply, which is the last day of the period (COMPLIANCE 0.7)."""

    def taxing(item: Item, supplied_on: date) -> tuple[TaxCase, str, Decimal]:
        case = decide(seller, buyer, item.supply_kind)
        percent = rates.percent(seller.country, item.vat_category, supplied_on) if case.taxed else ZERO
        return case, category_of(case, percent), percent

    return taxing


def _untaxed(item: Item, supplied_on: date) -> tuple[TaxCase, str, Decimal]:
    return UNDECIDED, "", ZERO


def _charges(terms: Terms, on: date, claimed: Container[ClaimKey], taxing: Taxing) -> Iterator[Charge]:
    anchor = billing_anchor(terms)
    for item in terms.items:
        if item.kind == "setup":
            yield from _setup_charge(terms, item, anchor, on, claimed, taxing)
        else:
            yield from _period_charges(terms, item, anchor, on, claimed, taxing)


def _period_charges(
    terms: Terms, item: Item, anchor: date, on: date, claimed: Container[ClaimKey], taxing: Taxing
) -> Iterator[Charge]:
    begins, ends = _window(terms, item, anchor)
    for n in _candidates(terms, item, anchor, begins, ends, on):
        nominal = nth(anchor, terms.interval, n)
        key = ClaimKey(item.id, "period", nominal.start)
        if key in claimed or _settled(item, nominal.start):
            continue
        due_on = _due_on(terms, nominal, begins)
        if due_on > on:
            return
        charged = _cut(nominal, begins, ends)
        whole = line_cents(item.quantity, item.unit_price)
        case, category, percent = taxing(item, charged.last_day)
        amount = whole if charged is nominal else prorate(whole, nominal, charged)
        yield Charge(
            key,
            terms.subscription_id,
            item,
            charged,
            due_on,
            n + 1,
            amount,
            Part(charged.days, nominal.days),
            case,
            category,
            percent,
        )


def _setup_charge(
    terms: Terms, item: Item, anchor: date, on: date, claimed: Container[ClaimKey], taxing: Taxing
) -> Iterator[Charge]:
    """Once, with the first period of its item; supplied on that period's first day."""
    key = ClaimKey(item.id, "setup", item.starts_on)
    if key in claimed or _settled(item, item.starts_on):
        return
    begins, ends = _window(terms, item, anchor)
    n = index_of(anchor, terms.interval, begins)
    due_on = _due_on(terms, nth(anchor, terms.interval, n), begins)
    if due_on > on or (ends is not None and ends <= begins) or _beyond_events(terms, n):
        return
    period = Period(begins, begins + _DAY)
    case, category, percent = taxing(item, begins)
    amount = line_cents(item.quantity, item.unit_price)
    yield Charge(key, terms.subscription_id, item, period, due_on, n + 1, amount, Part(1, 1), case, category, percent)


def _window(terms: Terms, item: Item, anchor: date) -> tuple[date, date | None]:
    begins = max(anchor, item.starts_on)
    if item.ends_on is None or terms.ends_on is None:
        return begins, item.ends_on or terms.ends_on
    return begins, min(item.ends_on, terms.ends_on)


def _candidates(terms: Terms, item: Item, anchor: date, begins: date, ends: date | None, on: date) -> range:
    """The numbers of the periods that may be due: bounded on every side (EB-12, EB-31)."""
    first = index_of(anchor, terms.interval, begins)
    if item.settled_before is not None and item.settled_before > begins:
        first = max(first, index_of(anchor, terms.interval, item.settled_before - _DAY))
    last = index_of(anchor, terms.interval, on)
    if ends is not None:
        last = min(last, index_of(anchor, terms.interval, ends - _DAY)) if ends > begins else first - 1
    if terms.number_events:
        last = min(last, terms.number_events - 1)
    if last - first >= MAX_PERIODS:
        raise Invalid("anchor_on", "too_many_periods", periods=last - first + 1)
    return range(first, last + 1)


def _due_on(terms: Terms, nominal: Period, begins: date) -> date:
    if not terms.in_arrears:
        return max(begins, nominal.start)
    # The end of the contract closes its last period at once (EB-35); an item that ends earlier waits for the others.
    return nominal.end if terms.ends_on is None else min(nominal.end, terms.ends_on)


def _cut(nominal: Period, begins: date, ends: date | None) -> Period:
    """The part of the period that is served; the very same object when all of it is."""
    starts_late, ends_early = begins > nominal.start, ends is not None and ends < nominal.end
    if not (starts_late or ends_early):
        return nominal
    return Period(max(begins, nominal.start), nominal.end if ends is None else min(ends, nominal.end))


def _settled(item: Item, key_day: date) -> bool:
    return item.settled_before is not None and key_day < item.settled_before


def _beyond_events(terms: Terms, n: int) -> bool:
    return bool(terms.number_events) and n >= (terms.number_events or 0)


def _item_due_after(terms: Terms, item: Item, anchor: date, after: date) -> date | None:
    begins, ends = _window(terms, item, anchor)
    first = index_of(anchor, terms.interval, begins)
    last = first if item.kind == "setup" else max(first, index_of(anchor, terms.interval, after) + 1)
    for n in range(max(first, last - 1), last + 1):
        nominal = nth(anchor, terms.interval, n)
        due_on = _due_on(terms, nominal, begins)
        served = ends is None or (max(begins, nominal.start) < ends)
        if due_on > after and served and not _beyond_events(terms, n):
            return due_on
    return None
