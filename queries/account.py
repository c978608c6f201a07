"""A customer's account: what stood before, what moved, what stands since, and what of it is open (Kontoauszug).

All figures are sums of postings: of the receivables, and of the paid credit that stands against them. A balance above
zero is what the customer owes. Three statements, however long the history is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from billing.ledger import CREDIT, RECEIVABLE
from extensions import db
from models import Customer, Invoice, JournalEntry, Payment, Posting, Receivable
from queries.chargebacks import RETURNED_DEBIT, called

MOST = 1_000  # movements on one statement; more are asked for in shorter periods
_TAKEN_BACK = {"chargeback", RETURNED_DEBIT}
_undone = aliased(Payment)


@dataclass(frozen=True, slots=True)
class Movement:
    """One entry that changed the balance. `kind` is the entry's, `undoes` the kind of what a reversal undid."""

    on: date
    kind: str
    undoes: str
    number: str
    reference: str
    cents: int
    balance_cents: int


@dataclass(frozen=True, slots=True)
class OpenItem:
    """What was open on the last day, of what was owed."""

    number: str
    kind: str
    due_on: date
    amount_cents: int
    open_cents: int


@dataclass(frozen=True, slots=True)
class Account:
    """The account in one currency. `credit_cents` is the paid credit on the last day; open items less it make the
    closing balance."""

    currency: str
    opening_cents: int
    movements: tuple[Movement, ...]
    closing_cents: int
    items: tuple[OpenItem, ...]
    credit_cents: int


def get_accounts(customer_id: int, first: date, last: date) -> list[Account]:
    """The account from the first to the last day, both included, one for each currency that ever moved.

    More than MOST movements: the list holds MOST + 1 of them, and the caller asks for a shorter period.
    """
    before = _sums(customer_id, first, last)
    moved = _movements(customer_id, first, last)
    items = _items(customer_id, last)
    return [_account(currency, *sums, moved.get(currency, []), items.get(currency, []))
            for currency, sums in before.items()]  # fmt: skip


def _account(
    currency: str, opening: int, credit: int, rows: Sequence[tuple[Any, ...]], items: Sequence[OpenItem]
) -> Account:
    balance, movements = opening, []
    for on, kind, undoes, number, reference, cents in rows:
        balance += cents
        told = "" if {kind, undoes} & _TAKEN_BACK else reference or ""  # there it is the provider's reason, for staff
        movements.append(Movement(on, kind, undoes or "", number or "", told, cents, balance))
    return Account(currency, opening, tuple(movements), balance, tuple(items), credit)


def _mine(customer_id: int) -> tuple[Any, ...]:
    """The postings of the record and of those merged into it that are the customer's account."""
    family = select(Customer.id).where(or_(Customer.id == customer_id, Customer.survivor_id == customer_id))
    return Posting.customer_id.in_(family), Posting.account.in_((RECEIVABLE, CREDIT))


def _sums(customer_id: int, first: date, last: date) -> dict[str, tuple[int, int]]:
    """By currency: the balance before the first day, and the credit on the last."""
    opening = func.coalesce(func.sum(Posting.amount_cents).filter(JournalEntry.booked_on < first), 0)
    until = (Posting.account == CREDIT) & (JournalEntry.booked_on <= last)
    credit = func.coalesce(-func.sum(Posting.amount_cents).filter(until), 0)
    query = select(Posting.currency_code, opening, credit).join(JournalEntry, JournalEntry.id == Posting.entry_id)
    rows = db.session.execute(
        query.where(*_mine(customer_id)).group_by(Posting.currency_code).order_by(Posting.currency_code)
    )
    return {currency: (int(cents), int(has)) for currency, cents, has in rows}


def _movements(customer_id: int, first: date, last: date) -> dict[str, list[tuple[Any, ...]]]:
    """What changed a balance, in the order it was booked; an entry between an item and credit changes none."""
    cents = func.sum(Posting.amount_cents)
    query = (
        select(Posting.currency_code, JournalEntry.booked_on, called(kind=JournalEntry.kind), called(_undone),
               Invoice.number, Payment.reference, cents)
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .outerjoin(Invoice, Invoice.id == JournalEntry.invoice_id)
        .outerjoin(Payment, Payment.entry_id == JournalEntry.id)
        .outerjoin(_undone, _undone.id == Payment.reverses_id)
        .where(*_mine(customer_id), JournalEntry.booked_on >= first, JournalEntry.booked_on <= last)
        .group_by(JournalEntry.id, Posting.currency_code, JournalEntry.booked_on, JournalEntry.kind, _undone.kind,
                  Invoice.number, Payment.reference, Payment.method, _undone.method)
        .having(cents != 0)
        .order_by(JournalEntry.booked_on, JournalEntry.id)
        .limit(MOST + 1)
    )  # fmt: skip
    found: dict[str, list[tuple[Any, ...]]] = {}
    for currency, on, kind, undoes, number, reference, moved in db.session.execute(query):
        found.setdefault(currency, []).append((on, kind, undoes, number, reference, int(moved)))
    return found


def _items(customer_id: int, last: date) -> dict[str, list[OpenItem]]:
    """What was open when the last day was over."""
    cents = func.sum(Posting.amount_cents)
    query = (
        select(Receivable.currency_code, Invoice.number, Receivable.kind, Receivable.due_on, Receivable.amount_cents,
               cents)
        .join(Posting, Posting.receivable_id == Receivable.id)
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .outerjoin(Invoice, Invoice.id == Receivable.invoice_id)
        .where(*_mine(customer_id), JournalEntry.booked_on <= last)
        .group_by(Receivable.id, Receivable.currency_code, Invoice.number, Receivable.kind, Receivable.due_on,
                  Receivable.amount_cents)
        .having(cents != 0)
        .order_by(Receivable.due_on, Receivable.id)
    )  # fmt: skip
    found: dict[str, list[OpenItem]] = {}
    for currency, number, kind, due_on, amount, open_ in db.session.execute(query):
        found.setdefault(currency, []).append(OpenItem(number or "", kind, due_on, amount, int(open_)))
    return found
