"""Which of our own orders a bank line speaks of: refunds, files in one sum, debits that came back (SEP-5, SEP-6, X-06).

The table of cases stands in docs/billing-rules.md, "Our own orders on a statement". What bears a name that we gave is
sure, as long as the amount is right; all else is offered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

MOST = 3  # offers a line is shown with
MOST_FEE = 100_00  # cents: what is more is no fee of a bank


@dataclass(frozen=True, slots=True)
class Told:
    """A line as these rules need it. `words` is all that it says, without blanks and in capitals; `numbers` are the
    invoice numbers in it."""

    cents: int
    currency: str
    on: date
    end_to_end: str = ""
    mandate: str = ""
    iban: str = ""
    code: str = ""
    words: str = ""
    numbers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Refunded:
    """A refund by transfer, not sent yet, or sent (`is_sent`) and on no line. `may_go`: nobody has to approve it."""

    id: int
    name: str
    cents: int
    currency: str
    iban: str
    is_sent: bool = False
    may_go: bool = True
    on_a_line: bool = False


@dataclass(frozen=True, slots=True)
class Filed:
    """A file for the bank. `cents` is what of it the bank has not told of yet, `returned_cents` what came back of it
    before it was credited."""

    id: int
    kind: str  # debit, transfer
    name: str
    cents: int
    currency: str
    execute_on: date
    returned_cents: int = 0


@dataclass(frozen=True, slots=True)
class Collected:
    """Money that came to us and that a bank could take back: one of our debits, or (`kind` payment) any payment."""

    kind: str  # debit, payment
    id: int
    cents: int
    currency: str
    iban: str = ""
    mandate: str = ""
    number: str = ""
    customer_id: int = 0


@dataclass(frozen=True, slots=True)
class Ours:
    """What is known about many lines."""

    refunds: Sequence[Refunded] = ()
    files: Sequence[Filed] = ()
    collected: Sequence[Collected] = ()
    holders: frozenset[tuple[str, int]] = frozenset()  # (IBAN, customer) of accounts that are known


@dataclass(frozen=True, slots=True)
class Order:
    """What a line is. `kind`: refund, refund_back, transfer_file, debit_file, debit, payment; `id` of that. `sure`: it
    may be booked without a person."""

    kind: str
    id: int
    cents: int
    fee_cents: int = 0
    sure: bool = False

    @property
    def mark(self) -> str:
        """All of it in one word, to be known again when a person accepts it."""
        return f"{self.kind}:{self.id}:{self.cents}:{self.fee_cents}"


def orders(told: Told, ours: Ours) -> tuple[Order, ...]:
    """The best first, at most MOST; at most the first is sure."""
    if told.cents > 0:
        found = [*_came_back(told, ours), *_filed(told, ours, "debit")]
    elif told.code:
        found = list(_given_back(told, ours))
    else:
        found = [*_refunded(told, ours), *_filed(told, ours, "transfer")]
    return tuple(found[:MOST])


def _came_back(told: Told, ours: Ours) -> list[Order]:
    return [
        Order("refund_back", each.id, each.cents, sure=bool(told.code))
        for each in ours.refunds
        if each.is_sent and each.name == told.end_to_end and _is_sum(told, each.cents, each.currency)
    ]


def _refunded(told: Told, ours: Ours) -> list[Order]:
    fits = [each for each in ours.refunds if _is_sum(told, each.cents, each.currency) and each.may_go]
    fits = [each for each in fits if not each.on_a_line]
    named = [each for each in fits if each.name == told.end_to_end]
    if named:
        return [Order("refund", each.id, each.cents, sure=True) for each in named]
    theirs = [each for each in fits if told.iban and each.iban == told.iban]
    return [Order("refund", each.id, each.cents) for each in sorted(theirs, key=lambda each: (each.is_sent, each.id))]


def _filed(told: Told, ours: Ours, kind: str) -> list[Order]:
    mine = [each for each in ours.files if each.kind == kind and each.currency == told.currency and each.cents > 0]
    named = [each for each in mine if each.name in told.words or each.name == told.end_to_end]
    if named:
        return [
            Order(f"{kind}_file", each.id, each.cents, sure=len(named) == 1)
            for each in named
            if abs(told.cents) in (each.cents, each.cents + each.returned_cents)
        ]
    if told.end_to_end:
        return []  # one order that bears a name of its own
    fits = [each for each in mine if abs(told.cents) == each.cents and told.on >= each.execute_on]
    return [Order(f"{kind}_file", each.id, each.cents) for each in fits] if len(fits) == 1 else []


def _given_back(told: Told, ours: Ours) -> list[Order]:
    """The debits first, then what else was paid; the smaller fee first, for a bank takes little."""
    found = [each for each in ours.collected if _fee(told, each) is not None and _is_theirs(told, each, ours)]
    found.sort(key=lambda each: (each.kind != "debit", _fee(told, each), -each.id))
    return [Order(each.kind, each.id, each.cents, _fee(told, each) or 0) for each in found]


def _is_theirs(told: Told, each: Collected, ours: Ours) -> bool:
    named = bool(told.mandate) and each.mandate == told.mandate.upper()
    by_account = bool(told.iban) and (each.iban == told.iban or (told.iban, each.customer_id) in ours.holders)
    return named or by_account or (bool(each.number) and each.number in told.numbers)


def _fee(told: Told, each: Collected) -> int | None:
    """What the line takes beyond it; None where that cannot be."""
    fee = -told.cents - each.cents
    return fee if each.currency == told.currency and 0 <= fee <= MOST_FEE else None


def _is_sum(told: Told, cents: int, currency: str) -> bool:
    return abs(told.cents) == cents and told.currency == currency


def spoken(texts: Iterable[str]) -> str:
    """All that a line says, as names are looked for in it."""
    return "".join("".join(texts).split()).upper()
