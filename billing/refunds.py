"""Money back: how much, out of which payments, and why not (D-1, COR-3, M2-03 to M2-11), and what a chargeback books.

A refund follows a cancellation or a correction. Its amount is what that document took back of money that had been paid,
so nobody types it; it goes back along the payments it came by, the newest first, and never more than came.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from billing.default import damage_legs
from billing.ledger import CREDIT, PROVIDER_FEE, RECEIVABLE, REFUNDS_UNDER_WAY
from billing.payments import Leg

PROVIDER, TRANSFER = "provider", "transfer"  # the ways back


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment that stands. `at_provider`: a provider that is offered took it and knows its charge; `gateway` names
    the provider also where it is not offered any more. `used`: this very document has a refund out of it already."""

    payment_id: int
    cents: int
    gateway: str = ""
    at_provider: bool = False
    refunded_cents: int = 0
    charged_back_cents: int = 0
    used: bool = False

    @property
    def left_cents(self) -> int:
        return max(self.cents - self.refunded_cents - self.charged_back_cents, 0)


@dataclass(frozen=True, slots=True)
class Due:
    """What a correcting document has to give back. `paid_cents`: the part of it that had been paid; `refunded_cents`:
    what stands of that as refunds; `credit_cents`: the paid credit that the customer still has."""

    paid_cents: int
    refunded_cents: int
    credit_cents: int


@dataclass(frozen=True, slots=True)
class Share:
    payment_id: int
    cents: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes back, and by which payments. `rest_cents` would be due and cannot go this way; `reason` says why, of
    the rest or of all: nothing_paid, all_refunded, credit_used, charged_back, not_by_provider, provider_gone."""

    shares: tuple[Share, ...]
    rest_cents: int = 0
    reason: str = ""

    @property
    def cents(self) -> int:
        return sum(share.cents for share in self.shares)


def plan(due: Due, newest_first: Sequence[Paid], way: str) -> Plan:
    """Spread what is due over the payments: a provider's own by `provider`; by `transfer` first those that no provider
    can give back. Never more than the credit that is left, than a payment has left, or than was paid."""
    owed = due.paid_cents - due.refunded_cents
    left = max(min(owed, due.credit_cents), 0)
    shares = []
    for paid in _in_order(newest_first, way):
        cents = min(paid.left_cents, left)
        if cents > 0:
            shares.append(Share(paid.payment_id, cents))
            left -= cents
    given = sum(share.cents for share in shares)
    rest = max(owed - given, 0)
    return Plan(tuple(shares), rest, _reason(due, newest_first, left, given) if rest or not given else "")


def _in_order(payments: Sequence[Paid], way: str) -> list[Paid]:
    usable = [paid for paid in payments if not paid.used and (paid.at_provider or way == TRANSFER)]
    return sorted(usable, key=lambda paid: paid.at_provider)


def _reason(due: Due, payments: Sequence[Paid], left: int, given: int) -> str:
    if due.paid_cents <= 0:
        return "nothing_was_paid"
    if due.paid_cents <= due.refunded_cents:
        return "all_refunded"
    if any(paid.charged_back_cents for paid in payments) and not given:
        return "charged_back"
    if not left:
        return "credit_spent"
    if any(paid.gateway and not paid.at_provider for paid in payments):
        return "provider_gone"
    return "not_by_provider"


def is_paid_out_twice(paid_cents: int, refunded_cents: int, charged_back_cents: int) -> bool:
    """The customer has more of a payment back than it was: a refund and a chargeback of the same money (F19)."""
    return bool(refunded_cents and charged_back_cents) and refunded_cents + charged_back_cents > paid_cents


# --- what is booked ---


def order_legs(cents: int) -> list[Leg]:
    """Out of the credit, so that nobody spends it while it is on its way (EB-53)."""
    return [(CREDIT, cents, None), (REFUNDS_UNDER_WAY, -cents, None)]


def return_legs(cents: int) -> list[Leg]:
    """It did not go, or came back: the customer's credit again."""
    return [(REFUNDS_UNDER_WAY, cents, None), (CREDIT, -cents, None)]


def sent_legs(cents: int, out_of: str) -> list[Leg]:
    """The money left the house by that account."""
    return [(REFUNDS_UNDER_WAY, cents, None), (out_of, -cents, None)]


def owed_again(cents: int, open_cents: int, claim_cents: int, settled_cents: int) -> int:
    """How much of money taken back is owed again: as far as the document still asks for it, and no more than this very
    money had settled there; what other money paid stays paid."""
    return max(min(cents, claim_cents - open_cents, settled_cents), 0)


def chargeback_legs(cents: int, out_of: str, again: int, receivable_id: int | None) -> list[Leg]:
    """Taken back from us: `again` is owed anew, the rest had become the customer's credit and leaves it."""
    return _moving((RECEIVABLE, again, receivable_id), (CREDIT, cents - again, None), (out_of, -cents, None))


def won_legs(cents: int, into: str, lowered: int, receivable_id: int | None) -> list[Leg]:
    """The chargeback was undone: what is still owed of it falls, and the rest is the customer's credit."""
    return _moving((into, cents, None), (RECEIVABLE, -lowered, receivable_id), (CREDIT, lowered - cents, None))


def double_payout_legs(cents: int, receivable_id: int) -> list[Leg]:
    """More went back than there was credit for: the customer owes it."""
    return [(RECEIVABLE, cents, receivable_id), (CREDIT, -cents, None)]


def bank_fee_legs(cents: int, out_of: str) -> list[Leg]:
    """What the bank or the provider takes of us for a chargeback."""
    return [(PROVIDER_FEE, cents, None), (out_of, -cents, None)]


def fee_off_legs(cents: int, open_cents: int, receivable_id: int, kind: str = "fee") -> list[Leg]:
    """The fee, interest or lump sum is not the customer's to bear after all; what they paid of it is their credit."""
    off = [(account, -amount, whose) for account, amount, whose in damage_legs(kind, cents, receivable_id)]
    lowered = min(cents, max(open_cents, 0))
    kept = [leg for leg in off if leg[0] != RECEIVABLE]
    return _moving(*kept, (RECEIVABLE, -lowered, receivable_id), (CREDIT, lowered - cents, None))


def _moving(*legs: Leg) -> list[Leg]:
    return [leg for leg in legs if leg[1]]
