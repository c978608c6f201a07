"""The sums on top of the tabs with invoices and payments, currency by currency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, or_, select

from billing.ledger import BANK, CASH, CREDIT, clearing
from extensions import db
from models import Invoice, JournalEntry, Posting
from queries.cards.customer_overview import Balance, get_balances
from queries.family import family_of


@dataclass(frozen=True, slots=True)
class Invoiced:
    """`gross_cents` of all issued documents, corrections taken off; beside it what is open of them."""

    currency: str
    gross_cents: int
    balance: Balance


@dataclass(frozen=True, slots=True)
class Received:
    """Cents that came in less what went back, and the customer's paid credit (D-9)."""

    currency: str
    received_cents: int
    credit_cents: int


def get_invoiced(customer_id: int, today: date) -> tuple[Invoiced, ...]:
    """Two statements."""
    issued = Invoice.customer_id.in_(family_of(customer_id)), Invoice.issued_at.is_not(None)
    query = select(Invoice.currency_code, func.sum(Invoice.gross_cents)).where(*issued)
    owed = {each.currency: each for each in get_balances(customer_id, today)}
    gross = {code: int(cents) for code, cents in db.session.execute(query.group_by(Invoice.currency_code))}
    codes = sorted(gross.keys() | owed.keys())
    return tuple(Invoiced(code, gross.get(code, 0), owed.get(code) or Balance(code)) for code in codes)


def get_received(customer_id: int) -> tuple[Received, ...]:
    """From the postings, so that it is what the books say; what a bank or a provider took for itself was never the
    customer's. One statement."""
    account = Posting.account
    money = and_(or_(account.in_((BANK, CASH)), account.startswith(clearing(""))), JournalEntry.kind != "provider_fee")
    query = (
        select(Posting.currency_code,
               func.coalesce(func.sum(Posting.amount_cents).filter(money), 0),
               func.coalesce(func.sum(-Posting.amount_cents).filter(account == CREDIT), 0))
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .where(Posting.customer_id.in_(family_of(customer_id)), or_(money, account == CREDIT))
        .group_by(Posting.currency_code)
        .order_by(Posting.currency_code)
    )  # fmt: skip
    rows = db.session.execute(query)
    return tuple(Received(currency, int(received), int(credit)) for currency, received, credit in rows)
