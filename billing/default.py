"""When a debtor is in default (Verzug), and what the law grants the creditor then, besides interest.

Damages bear no VAT (MAH-6): each is a receivable of its own, never a line on the invoice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from billing.bank_days import next_working_day
from billing.errors import Invalid
from billing.ledger import FEE, INTEREST, LUMPSUM, RECEIVABLE
from billing.payments import Leg

_DAY = timedelta(days=1)
DAYS = timedelta(days=30)  # section 286 (3) BGB
LUMP_SUM_CENTS = 40_00  # section 288 (5) BGB
LIMITATION_YEARS = 3  # section 195 BGB
DAMAGES = {"fee": FEE, "interest": INTEREST, "lump_sum": LUMPSUM}  # kind of receivable -> account

AGREED, AFTER_30_DAYS, REMINDED = "agreed_date", "thirty_days", "reminder"


@dataclass(frozen=True, slots=True)
class Claim:
    """What decides about the default of one claim for payment.

    `received_on`: when the invoice reached the debtor. `reminded_on`: when the first reminder after the due date did.
    `has_agreed_date`: the contract itself names the day; a due date that only the invoice sets is not enough (BGH III
    ZR 91/07). `has_notice`: the invoice tells a consumer of the 30 days.
    """

    due_on: date
    received_on: date | None = None
    reminded_on: date | None = None
    is_consumer: bool = True
    has_notice: bool = False
    has_agreed_date: bool = False
    currency: str = "EUR"
    kind: str = "invoice"


@dataclass(frozen=True, slots=True)
class Since:
    """The first day in default, which is the first that bears interest, and why."""

    on: date
    reason: str  # AGREED | AFTER_30_DAYS | REMINDED


def in_default_since(claim: Claim) -> Since | None:
    """The earliest of the three ways into default that apply (section 286 (1) to (3) BGB); None for none yet.

    Each day of payment that falls on a Saturday, Sunday or holiday moves to the next working day (section 193 BGB,
    BGH III ZR 159/06: for the due date as for what leads to default). Default begins on the day after.
    """
    payable = next_working_day(claim.due_on)
    ways = []
    if claim.has_agreed_date:
        ways.append(Since(payable + _DAY, AGREED))
    if claim.received_on is not None and (claim.has_notice or not claim.is_consumer):
        last = next_working_day(max(payable, claim.received_on) + DAYS)
        ways.append(Since(last + _DAY, AFTER_30_DAYS))
    if claim.reminded_on is not None and claim.reminded_on > payable:  # before that it reminds of nothing
        ways.append(Since(claim.reminded_on + _DAY, REMINDED))
    return min(ways, key=lambda way: way.on, default=None)


def is_in_default(claim: Claim, on: date) -> bool:
    """Whether the debtor is in default on that day."""
    since = in_default_since(claim)
    return since is not None and since.on <= on


def lump_sum_cents(claim: Claim, on: date, charged: bool) -> int:
    """40 EUR once for a claim against a business in default; nothing from a consumer, nothing in another currency.

    It is credited against the costs of going to law (section 288 (5) BGB, MAH-4).
    """
    may = claim.kind == "invoice" and not claim.is_consumer and claim.currency == "EUR" and not charged
    return LUMP_SUM_CENTS if may and is_in_default(claim, on) else 0


def lapses_on(due_on: date) -> date:
    """The last day of a claim (sections 195, 199 (1) BGB): three years from the end of the year it fell due in.

    The earliest it can be: an acknowledgement or a part payment starts the time anew (section 212 BGB).
    """
    return date(due_on.year + LIMITATION_YEARS, 12, 31)


def damage_legs(kind: str, cents: int, receivable_id: int) -> list[Leg]:
    """A fee, interest or lump sum is owed: no VAT, and no turnover (MAH-6). Raises Invalid for "kind" and "cents"."""
    if kind not in DAMAGES:
        raise Invalid("kind", "no_damage", kind=kind)
    if cents <= 0:
        raise Invalid("cents", "not_positive")
    return [(RECEIVABLE, cents, receivable_id), (DAMAGES[kind], -cents, None)]
