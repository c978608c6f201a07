"""What a payment does to what is owed, and how it is undone.

A payment settles its receivable; what came too much is the customer's paid credit (Guthaben, D-9). A cash discount
and a write-off lower what the customer owes, so the turnover and its VAT follow (section 17 UStG) while the invoice
stays as it was issued (COR-4). Nothing is changed: what was wrong is reversed by an entry of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from billing.ledger import BANK, CASH, CREDIT, RECEIVABLE, WRITEOFF, clearing, revenue, vat, writeoff
from billing.money import divide_half_up, split_cents
from billing.taxes import TaxLine, tax_lines

Leg = tuple[str, int, int | None]  # account, cents, the receivable that it is about
Taxed = tuple[str, Decimal, int]  # category, percent, gross cents of one rate of a document

METHODS = ("bank", "cash", "other")  # how money came or went, when a person wrote it down


@dataclass(frozen=True, slots=True)
class Settlement:
    """What becomes of money that came in: so much settles, so much is credit, so much is forgiven as cash discount."""

    applied_cents: int
    credit_cents: int
    discount_cents: int


def settle(open_cents: int, paid_cents: int, discount_cents: int = 0) -> Settlement:
    """Money for a receivable of which so much is open. `discount_cents`: the cash discount that may still be taken.

    The discount is given only where it closes the receivable: who pays less than that has paid a part.
    """
    owed = max(open_cents, 0)
    applied = min(paid_cents, owed)
    rest = owed - applied
    return Settlement(applied, paid_cents - applied, rest if rest <= discount_cents else 0)


def spread(cents: int, over: Iterable[tuple[int, int]]) -> tuple[tuple[tuple[int, int], ...], int]:
    """Money over (receivable, open cents) one after the other; gives the parts that are paid, and what is left."""
    left, parts = cents, []
    for receivable_id, open_cents in over:
        taken = min(left, max(open_cents, 0))
        if taken:
            parts.append((receivable_id, taken))
            left -= taken
    return tuple(parts), left


def cash_discount(owed_cents: int, percent: Decimal, days: int, issued_on: date, received_on: date) -> int:
    """The cash discount that an invoice grants for money received on that day, in cents, rounded half up as printed.

    The days count from the day of issue; its last one still counts.
    """
    if percent <= 0 or owed_cents <= 0 or received_on > issued_on + timedelta(days):
        return 0
    top, bottom = percent.as_integer_ratio()
    return divide_half_up(owed_cents * top, bottom * 100)


def share_of_discount(discount_cents: int, corrected_cents: int, claim_cents: int) -> int:
    """How much of a cash discount falls with a correction: its share of what the document asked for, half up."""
    if corrected_cents >= claim_cents:
        return discount_cents
    return divide_half_up(discount_cents * corrected_cents, claim_cents)


def by_rate(cents: int, taxed: Sequence[Taxed]) -> tuple[TaxLine, ...]:
    """A gross amount spread over the rates of its document by their gross sums, each part with its VAT.

    The parts add up to the amount; the whole document gives exactly its own tax lines. Empty without any rate.
    """
    rates = [(category, percent, gross) for category, percent, gross in taxed if gross > 0]
    if not rates:
        return ()
    parts = split_cents(cents, [gross for _, _, gross in rates])
    return tax_lines([(category, percent, part) for (category, percent, _), part in zip(rates, parts, strict=True)],
                     is_gross=True)  # fmt: skip


def account_of(method: str, gateway: str = "") -> str:
    """Where money of that method lies: what a provider took, at the provider; our own debit's, at the bank."""
    return clearing(gateway) if gateway else _ACCOUNTS.get(method) or clearing(method)


_ACCOUNTS = {"bank": BANK, "cash": CASH, "sepa_debit": BANK}


def payment_legs(into: str, settled: Settlement, receivable_id: int | None) -> list[Leg]:
    """Money in, against the receivable and the customer's credit."""
    paid = settled.applied_cents + settled.credit_cents
    return _moving(
        (into, paid, None), (RECEIVABLE, -settled.applied_cents, receivable_id), (CREDIT, -settled.credit_cents, None)
    )


def discount_legs(cents: int, taxed: Sequence[Taxed], receivable_id: int) -> list[Leg]:
    """Less turnover and less VAT at each rate, against the receivable (section 17 (1) UStG)."""
    return _lowered(cents, taxed, receivable_id, revenue)


def write_off_legs(cents: int, taxed: Sequence[Taxed], receivable_id: int) -> list[Leg]:
    """A loss at each rate and the VAT on it, against the receivable (section 17 (2) no. 1 UStG).

    What bears no VAT (fees, interest) is lost as a whole.
    """
    return _lowered(cents, taxed, receivable_id, writeoff)


def credit_legs(cents: int, receivable_id: int) -> list[Leg]:
    """The customer's paid credit settles a receivable."""
    return [(CREDIT, cents, None), (RECEIVABLE, -cents, receivable_id)]


def payout_legs(cents: int, out_of: str) -> list[Leg]:
    """The customer's paid credit is given back."""
    return [(CREDIT, cents, None), (out_of, -cents, None)]


def reversed_legs(legs: Sequence[Leg], excess_cents: int = 0) -> list[Leg]:
    """The same with the opposite sign.

    `excess_cents` is what cannot be owed again, because the invoice was corrected since: that part had become credit
    and is taken out of it.
    """
    turned = [(account, -cents, receivable) for account, cents, receivable in legs]
    if not excess_cents:
        return turned
    owed = [(account, cents - (excess_cents if account == RECEIVABLE else 0), receivable)
            for account, cents, receivable in turned]  # fmt: skip
    return _moving(*owed, (CREDIT, excess_cents, None))


def excess(open_cents: int, claim_cents: int, legs: Sequence[Leg]) -> int:
    """How much of what these legs took off a receivable cannot be owed again.

    `claim_cents` is what the document asks for today: its amount less its corrections.
    """
    again = -sum(cents for account, cents, _ in legs if account == RECEIVABLE)
    return min(max(open_cents + again - claim_cents, 0), max(again, 0))


def taken_from_credit(legs: Sequence[Leg]) -> int:
    """How much less credit the customer has after these legs."""
    return sum(cents for account, cents, _ in legs if account == CREDIT)


def _lowered(
    cents: int, taxed: Sequence[Taxed], receivable_id: int, net_account: Callable[[str, Decimal], str]
) -> list[Leg]:
    parts = by_rate(cents, taxed)
    if not parts:
        return [(WRITEOFF, cents, None), (RECEIVABLE, -cents, receivable_id)]
    legs: list[Leg] = []
    for part in parts:
        legs.append((net_account(part.category, part.percent), part.net_cents, None))
        legs.append((vat(part.category, part.percent), part.tax_cents, None))
    return _moving(*legs, (RECEIVABLE, -cents, receivable_id))


def _moving(*legs: Leg) -> list[Leg]:
    """Without the legs that move nothing."""
    return [leg for leg in legs if leg[1]]
