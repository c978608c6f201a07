"""What a contract wants to bill: one charge per item and period, bounded by the contract's and the item's days."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from billing.contracts import ClaimKey, Item, Terms, billing_anchor
from billing.errors import Invalid
from billing.lines import Discount
from billing.periods import MAX_PERIODS, Period, index_of, nth
from billing.pricing import Part, line_cents, prorate
from billing.taxes import ZERO, TaxCase
from billing.usage import due_days

# A paused, ended or switched-off contract bills nothing new.
SILENT_CONTRACTS = frozenset({"paused", "deactivated", "closed"})
UNDECIDED = TaxCase("undecided", "", False, "")

_DAY = timedelta(days=1)

Taxing = Callable[[Item, date], tuple[TaxCase, str, Decimal]]  # item, day of supply -> case, category, percent


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
    discounts: tuple[Discount, ...] = ()  # already taken off `amount_cents`


def wanted(terms: Terms, on: date) -> list[Charge]:
    """Everything the contract has billed or should have billed up to and including `on`, claimed or not.

    Bounded by the day, the contract's and the items' ends, and number_events. Tax is not decided here.
    """
    return [] if terms.status in SILENT_CONTRACTS else list(open_charges(terms, on, (), _untaxed))


def billed_elsewhere(terms: Terms, next_event: date) -> list[ClaimKey]:
    """D-13: the claims to store for a contract that comes in running and whose first bill here is due on
    `next_event`: all that was due before that day, whatever the contract's status."""
    return [charge.key for charge in open_charges(terms, next_event - _DAY, (), _untaxed)]


def next_due_on(terms: Terms, after: date) -> date | None:
    """The first billing day after `after`, of a period or of usage, or None when nothing is due any more."""
    if terms.status in SILENT_CONTRACTS and not terms.usage:
        return None
    anchor = billing_anchor(terms)
    items = () if terms.status in SILENT_CONTRACTS else terms.items
    days = [_item_due_after(terms, item, anchor, after) for item in items]
    if terms.usage:
        days += (day for day in due_days(terms, anchor) if day > after)
    return min((day for day in days if day is not None), default=None)


def open_charges(terms: Terms, on: date, claimed: Container[ClaimKey], taxing: Taxing) -> Iterator[Charge]:
    """The charges due up to and including `on` that are not claimed, whatever the contract's status."""
    anchor = billing_anchor(terms)
    for item in terms.items:
        if item.kind == "setup":
            yield from _setup_charge(terms, item, anchor, on, claimed, taxing)
        else:
            yield from _period_charges(terms, item, anchor, on, claimed, taxing)


def _untaxed(item: Item, supplied_on: date) -> tuple[TaxCase, str, Decimal]:
    return UNDECIDED, "", ZERO


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
