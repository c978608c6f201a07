"""What a contract wants to bill: one charge per item and period, bounded by the contract's and the item's days."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from billing.contracts import ClaimKey, Item, Rhythm, Terms
from billing.discounts import Discount
from billing.errors import Invalid
from billing.periods import MAX_PERIODS, Period, index_of, nth
from billing.pricing import Part, line_cents, prorate
from billing.taxes import ZERO, TaxCase
from billing.usage import due_days

# An ended contract bills nothing. A paused one needs no rule: the days of its items decide.
SILENT_CONTRACTS = frozenset({"closed"})
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
    return list(due_charges(terms, on, (), _untaxed))


def billed_elsewhere(terms: Terms, next_event: date) -> list[ClaimKey]:
    """D-13: the claims to store for a contract that comes in running and whose first bill here is due on
    `next_event`: all that was due before that day, whatever the contract's status."""
    return [charge.key for charge in open_charges(terms, next_event - _DAY, (), _untaxed)]


def next_due_on(terms: Terms, after: date) -> date | None:
    """The first billing day after `after`, of a period or of usage, or None when nothing is due any more."""
    own = terms.rhythm
    items = () if _is_silent(terms) else terms.items
    found = (_item_due_after(terms, item, item.rhythm or own, after) for item in items)
    until = terms.silent_from or date.max
    days = [day for day in found if day is not None and day < until]
    if terms.usage:
        days += (day for day in due_days(terms, own.anchor_on) if day > after)
    return min(days, default=None)


def due_charges(terms: Terms, on: date, claimed: Container[ClaimKey], taxing: Taxing) -> Iterator[Charge]:
    """The charges due up to and including `on` that are not claimed, as far as the contract's state allows them."""
    if _is_silent(terms):
        return iter(())
    if terms.silent_from is not None:
        on = min(on, terms.silent_from - _DAY)
    return open_charges(terms, on, claimed, taxing)


def open_charges(terms: Terms, on: date, claimed: Container[ClaimKey], taxing: Taxing) -> Iterator[Charge]:
    """The charges due up to and including `on` that are not claimed, whatever the contract's status."""
    own = terms.rhythm
    for item in terms.items:
        rhythm = item.rhythm or own
        if item.kind == "setup":
            yield from _setup_charge(terms, item, rhythm, on, claimed, taxing)
        else:
            yield from _period_charges(terms, item, rhythm, on, claimed, taxing)


def open_starts(terms: Terms, on: date, claimed: Container[ClaimKey]) -> set[date]:
    """The starts of the periods that are open up to and including `on`, whatever their tax."""
    return {charge.key.period_start for charge in due_charges(terms, on, claimed, _untaxed)
            if charge.key.kind == "period"}  # fmt: skip


def nominal_period(terms: Terms, item: Item, day: date) -> Period:
    """The full period of the item's rhythm that `day` lies in."""
    rhythm = item.rhythm or terms.rhythm
    return nth(rhythm.anchor_on, rhythm.interval, index_of(rhythm.anchor_on, rhythm.interval, day))


def _is_silent(terms: Terms) -> bool:
    """Ended; or deactivated, and nobody knows since when."""
    return terms.status in SILENT_CONTRACTS or (terms.status == "deactivated" and terms.silent_from is None)


def _untaxed(item: Item, supplied_on: date) -> tuple[TaxCase, str, Decimal]:
    return UNDECIDED, "", ZERO


def _period_charges(
    terms: Terms, item: Item, rhythm: Rhythm, on: date, claimed: Container[ClaimKey], taxing: Taxing
) -> Iterator[Charge]:
    anchor, interval = rhythm.anchor_on, rhythm.interval
    begins, ends = _window(terms, item, anchor)
    for n in _candidates(terms, item, rhythm, begins, ends, on):
        nominal = nth(anchor, interval, n)
        key = ClaimKey(item.id, "period", nominal.start)
        if key in claimed or _settled(item, nominal.start):
            continue
        due_on = _due_on(terms, rhythm, nominal, begins)
        if due_on > on:
            if terms.moved:  # a later period may be due before one whose collection was moved
                continue
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
            rhythm.counted_before + n + 1,
            amount,
            Part(charged.days, nominal.days),
            case,
            category,
            percent,
        )


def _setup_charge(
    terms: Terms, item: Item, rhythm: Rhythm, on: date, claimed: Container[ClaimKey], taxing: Taxing
) -> Iterator[Charge]:
    """Once, with the first period of its item; supplied on that period's first day."""
    key = ClaimKey(item.id, "setup", item.starts_on)
    if key in claimed or _settled(item, item.starts_on):
        return
    begins, ends = _window(terms, item, rhythm.anchor_on)
    n = index_of(rhythm.anchor_on, rhythm.interval, begins)
    due_on = _due_on(terms, rhythm, nth(rhythm.anchor_on, rhythm.interval, n), begins)
    if due_on > on or (ends is not None and ends <= begins) or _beyond_events(rhythm, n):
        return
    period, counter = Period(begins, begins + _DAY), rhythm.counted_before + n + 1
    case, category, percent = taxing(item, begins)
    amount = line_cents(item.quantity, item.unit_price)
    yield Charge(key, terms.subscription_id, item, period, due_on, counter, amount, Part(1, 1), case, category, percent)


def _window(terms: Terms, item: Item, anchor: date) -> tuple[date, date | None]:
    begins = max(anchor, item.starts_on)
    if item.ends_on is None or terms.ends_on is None:
        return begins, item.ends_on or terms.ends_on
    return begins, min(item.ends_on, terms.ends_on)


def _candidates(terms: Terms, item: Item, rhythm: Rhythm, begins: date, ends: date | None, on: date) -> range:
    """The numbers of the periods that may be due: bounded on every side (EB-12, EB-31)."""
    anchor, interval = rhythm.anchor_on, rhythm.interval
    first = index_of(anchor, interval, begins)
    if item.settled_before is not None and item.settled_before > begins:
        first = max(first, index_of(anchor, interval, item.settled_before - _DAY))
    last = index_of(anchor, interval, on)
    for start, due_on in terms.moved:
        if due_on <= on < start:  # brought forward: due before its period begins
            last = max(last, index_of(anchor, interval, start))
    if ends is not None:
        last = min(last, index_of(anchor, interval, ends - _DAY)) if ends > begins else first - 1
    if rhythm.number_events:
        last = min(last, rhythm.number_events - rhythm.counted_before - 1)
    if last - first >= MAX_PERIODS:
        raise Invalid("anchor_on", "too_many_periods", periods=last - first + 1)
    return range(first, last + 1)


def _due_on(terms: Terms, rhythm: Rhythm, nominal: Period, begins: date) -> date:
    for start, due_on in terms.moved:
        if start == nominal.start:
            return due_on if begins <= start or rhythm.in_arrears else max(due_on, begins)
    if not rhythm.in_arrears:
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


def _beyond_events(rhythm: Rhythm, n: int) -> bool:
    return bool(rhythm.number_events) and rhythm.counted_before + n >= (rhythm.number_events or 0)


def _item_due_after(terms: Terms, item: Item, rhythm: Rhythm, after: date) -> date | None:
    begins, ends = _window(terms, item, rhythm.anchor_on)
    days = []
    for n in _numbers_after(terms, item, rhythm, begins, after):
        nominal = nth(rhythm.anchor_on, rhythm.interval, n)
        due_on = _due_on(terms, rhythm, nominal, begins)
        served = ends is None or (max(begins, nominal.start) < ends)
        if due_on > after and served and not _beyond_events(rhythm, n):
            if not terms.moved:
                return due_on
            days.append(due_on)
    return min(days, default=None)


def _numbers_after(terms: Terms, item: Item, rhythm: Rhythm, begins: date, after: date) -> Iterable[int]:
    """The numbers of the periods that may be the first due after `after`, in order."""
    anchor, interval = rhythm.anchor_on, rhythm.interval
    first = index_of(anchor, interval, begins)
    if item.kind == "setup":
        return (first,)
    last = max(first, index_of(anchor, interval, after) + 1)
    regular = range(max(first, last - 1), last + 1 + len(terms.moved))
    if not terms.moved:
        return regular
    moved = {index_of(anchor, interval, start) for start, _ in terms.moved}
    return sorted({*regular, *(n for n in moved if n >= first)})
