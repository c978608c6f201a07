"""What customers owe less than was invoiced: write-offs and cash discounts by rate, with the VAT that follows (COR-4).

The tax base falls by it in the period in which it is booked (section 17 (1) sentence 7 and (2) no. 1 UStG), and rises
again where it is taken back. The invoices stay as they were issued.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from extensions import db
from models import JournalEntry, Payment, Posting

_undone = aliased(Payment)


@dataclass(frozen=True, slots=True)
class Reduction:
    """One kind (write_off, cash_discount) at one rate in one currency; what was taken back is taken off.

    `category` is empty for what bears no VAT.
    """

    kind: str
    currency: str
    category: str
    percent: Decimal
    net_cents: int
    tax_cents: int


def get_reductions(first: date, last: date) -> list[Reduction]:
    """Those booked from the first to the last day, both included. One statement."""
    kind = func.coalesce(_undone.kind, Payment.kind)
    query = (
        select(kind, Posting.currency_code, Posting.account, func.sum(Posting.amount_cents))
        .join(Payment, Payment.entry_id == Posting.entry_id)
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .outerjoin(_undone, _undone.id == Payment.reverses_id)
        .where(JournalEntry.booked_on >= first, JournalEntry.booked_on <= last)
        .where(kind.in_(("write_off", "cash_discount")), or_(*map(Posting.account.startswith, _ACCOUNTS)))
        .group_by(kind, Posting.currency_code, Posting.account)
    )
    sums: dict[tuple[str, str, str, Decimal], list[int]] = defaultdict(lambda: [0, 0])
    for what, currency, account, cents in db.session.execute(query):
        name, category, percent = [*account.split(":"), "", "0"][:3]
        sums[what, currency, category, Decimal(percent)][name == "vat"] += int(cents)
    return [Reduction(*key, net, tax) for key, (net, tax) in sorted(sums.items()) if net or tax]


_ACCOUNTS = ("writeoff", "revenue:", "vat:")
