"""Which open items a bank line pays: what is sure enough to be booked, and what is only offered (SEP-8, X-06).

The table of cases stands in docs/billing-rules.md, "Bank statements". A wrong booking costs more than a click, so all
but an invoice's own number leaves the last word to a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from billing.bank_numbers import Mention
from billing.payments import spread

MOST = 3  # suggestions a line is shown with


@dataclass(frozen=True, slots=True)
class Owing:
    """An issued invoice and what is open of it; `open_cents` may be 0 or less.

    `hangs`: (receivable, open cents) of the fees, interest and lump sums on it, the oldest first (MAH-6).
    """

    receivable_id: int
    customer_id: int
    number: str
    currency: str
    open_cents: int
    due_on: date
    hangs: tuple[tuple[int, int], ...] = ()

    @property
    def itself(self) -> tuple[int, int]:
        return self.receivable_id, self.open_cents

    @property
    def whole_cents(self) -> int:
        """What a reminder of it asks for."""
        return max(self.open_cents, 0) + sum(cents for _, cents in self.hangs)


@dataclass(frozen=True, slots=True)
class Paid:
    """The line as the rules need it. `doubtful`: another file of another form told of an equal movement that day."""

    cents: int
    currency: str
    iban: str = ""
    mentions: tuple[Mention, ...] = ()
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about many lines: invoices by number, what customers owe, whose an account is."""

    invoices: Mapping[str, Owing] = field(default_factory=dict)
    owing: Mapping[int, Sequence[Owing]] = field(default_factory=dict)  # by customer, what is open
    holders: Mapping[str, Sequence[int]] = field(default_factory=dict)  # IBAN -> customers
    customers: Mapping[str, int] = field(default_factory=dict)  # customer number -> customer


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`parts` are (receivable, cents); `credit_cents` becomes paid credit of the customer. They add up to the line.

    `how`: number, iban_amount, iban, customer. `sure`: it may be booked without a person. `settled`: numbers that the
    line names and of which nothing is open.
    """

    how: str
    customer_id: int
    parts: tuple[tuple[int, int], ...]
    credit_cents: int = 0
    sure: bool = False
    settled: tuple[str, ...] = ()

    @property
    def asks(self) -> bool:
        """More than nine tenths would be credit: the amount is more than ten times what it pays. A person says yes."""
        return 10 * self.credit_cents > 9 * (self.credit_cents + sum(cents for _, cents in self.parts))

    @property
    def mark(self) -> str:
        """All of it in one word, to be known again when a person accepts it."""
        parts = "-".join(f"{receivable}.{cents}" for receivable, cents in self.parts)
        return f"{self.customer_id}_{parts}_{self.credit_cents}"


def suggest(paid: Paid, known: Known) -> tuple[Suggestion, ...]:
    """The best first, at most MOST; nothing for money that went out. At most the first is sure."""
    if paid.cents <= 0:
        return ()
    named = _by_number(paid, known)
    offers = [*named, *_by_account(paid, known), *_by_customer_number(paid, known)]
    unlike: dict[tuple[int, tuple[tuple[int, int], ...]], Suggestion] = {}
    for each in offers:
        unlike.setdefault((each.customer_id, each.parts), each)
    return tuple(unlike.values())[:MOST]


def _by_number(paid: Paid, known: Known) -> list[Suggestion]:
    strong = _named(paid, known, weak=False)
    if strong is None:
        return []
    if strong:
        return [_of_invoices(paid, strong, sure=_is_sure(paid, strong))]
    weak = _named(paid, known, weak=True)
    if not weak:
        return []
    fits = [each for each in weak if paid.cents in (each.open_cents, each.whole_cents)]
    best = fits or weak
    at_home = len(fits) == 1 and fits[0].customer_id in known.holders.get(paid.iban, ())
    return [_of_invoices(paid, best[:1], sure=at_home and not paid.doubtful)]


def _named(paid: Paid, known: Known, *, weak: bool) -> list[Owing] | None:
    """The invoices that the text names, each once; None where one place in it may mean several of them."""
    found: dict[str, Owing] = {}
    for mention in paid.mentions:
        if mention.weak is not weak:
            continue
        meant = [known.invoices[number] for number in mention.numbers if number in known.invoices]
        meant = [each for each in meant if each.currency == paid.currency]
        if len(meant) > 1 and not weak:
            return None
        found.update((each.number, each) for each in meant)
    return list(found.values())


def _is_sure(paid: Paid, named: Sequence[Owing]) -> bool:
    """One invoice that so much is open of, or all that are named to the cent, with what hangs on them or without."""
    if paid.doubtful:
        return False
    if len(named) == 1 and paid.cents <= named[0].open_cents:
        return True
    alone, whole = [each.open_cents for each in named], [each.whole_cents for each in named]
    return any(min(asked) > 0 and sum(asked) == paid.cents for asked in (alone, whole))


def _of_invoices(paid: Paid, named: Sequence[Owing], *, sure: bool) -> Suggestion:
    """The money over these invoices, those due first, as it names them (section 366 (1) BGB); then over what hangs on
    them, the oldest first; what is left is credit of whom the first belongs to."""
    beside = sorted(child for each in named for child in each.hangs)
    over = [*(each.itself for each in sorted(named, key=_due)), *beside]
    offer = _spread("number", paid.cents, over, named[0].customer_id, sure=sure)
    return replace(offer, settled=tuple(each.number for each in named if each.open_cents <= 0))


def _by_account(paid: Paid, known: Known) -> list[Suggestion]:
    """Whose account it is, and the one of their invoices that asks for just this amount, or all of them together."""
    offers = []
    for customer_id in known.holders.get(paid.iban, ()) if paid.iban else ():
        owed = _owed(known, customer_id, paid.currency)
        equal = _equal(paid, owed)
        if equal or (len(owed) > 1 and sum(each.open_cents for each in owed) == paid.cents):
            offers.append(_spread("iban_amount", paid.cents, equal or _all(owed), customer_id))
        else:
            offers.append(_spread("iban", paid.cents, _all(owed), customer_id))
    return sorted(offers, key=lambda each: each.how != "iban_amount")


def _by_customer_number(paid: Paid, known: Known) -> list[Suggestion]:
    named = {number for mention in paid.mentions for number in mention.numbers}
    found = {known.customers[number] for number in named if number in known.customers}
    return [_to_customer(paid, known, customer_id) for customer_id in sorted(found)]


def _to_customer(paid: Paid, known: Known, customer_id: int) -> Suggestion:
    owed = _owed(known, customer_id, paid.currency)
    return _spread("customer", paid.cents, _equal(paid, owed) or _all(owed), customer_id)


def _equal(paid: Paid, owed: Sequence[Owing]) -> list[tuple[int, int]]:
    """The first that asks for just this amount: by itself, or with what hangs on it."""
    alone = [[each.itself] for each in owed if each.open_cents == paid.cents]
    whole = [[each.itself, *each.hangs] for each in owed if each.whole_cents == paid.cents]
    return next(iter([*alone, *whole]), [])


def _all(owed: Sequence[Owing]) -> list[tuple[int, int]]:
    return [each.itself for each in owed]


def _owed(known: Known, customer_id: int, currency: str) -> list[Owing]:
    mine = known.owing.get(customer_id, ())
    return sorted((each for each in mine if each.currency == currency and each.open_cents > 0), key=_due)


def _spread(
    how: str, cents: int, over: Iterable[tuple[int, int]], customer_id: int, *, sure: bool = False
) -> Suggestion:
    parts, left = spread(cents, over)
    return Suggestion(how, customer_id, parts, left, sure)


def _due(each: Owing) -> tuple[date, int]:
    return each.due_on, each.receivable_id
