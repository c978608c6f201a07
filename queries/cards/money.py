"""What is open of a customer, contract by contract, and the credit they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, null, select

from billing.ledger import CREDIT
from extensions import db
from models import DunningLevel, Invoice, InvoiceLine, Posting, Receivable, Subscription
from queries.family import family_of
from queries.invoice_states import written_off_cents
from queries.lists.owing import OPEN, what_it_is
from queries.lists.subscriptions import plan_title

SHOWN = 20  # items on the card


@dataclass(frozen=True, slots=True)
class Item:
    """One open receivable and the contract it stands for, the first where `is_joint` as in ContractSum; `late_days`
    since it was due, `written_off_cents` what stands given up of it."""

    receivable_id: int
    kind: str
    invoice_id: int | None
    number: str | None
    due_on: date
    amount_cents: int
    open_cents: int
    currency: str
    level_name: str  # how far it was reminded of; "" not at all
    subscription_id: int | None
    contract: str
    is_joint: bool
    written_off_cents: int
    late_days: int


@dataclass(frozen=True, slots=True)
class ContractSum:
    """What is open and overdue of one contract in one currency (R-27). None: of no contract, or where `is_joint` of
    invoices that several contracts share, which no rule would divide."""

    subscription_id: int | None
    title: str
    currency: str
    open_cents: int
    overdue_cents: int
    count: int
    is_joint: bool = False


@dataclass(frozen=True, slots=True)
class CustomerMoney:
    """R-26, R-27, M1-03. Items in the order they are due are cut at SHOWN; `count` says how many there are. `credits`:
    paid credit by currency."""

    items: tuple[Item, ...]
    count: int
    contracts: tuple[ContractSum, ...]
    credits: tuple[tuple[str, int], ...]


def customer_money(customer_id: int, today: date) -> CustomerMoney:
    """What a customer owes, and their paid credit. Three statements."""
    contracts = _contracts(customer_id, today)
    return CustomerMoney(
        items=_items(customer_id, today), count=sum(each.count for each in contracts), contracts=contracts,
        credits=credits_of(customer_id),
    )  # fmt: skip


def credits_of(customer_id: int) -> tuple[tuple[str, int], ...]:
    """Paid credit by currency, with that of records merged into this one; nothing where there is none (D-9)."""
    cents = -func.sum(Posting.amount_cents)
    query = select(Posting.currency_code, cents).where(
        Posting.customer_id.in_(family_of(customer_id)), Posting.account == CREDIT
    )
    rows = db.session.execute(query.group_by(Posting.currency_code).having(cents != 0).order_by(Posting.currency_code))
    return tuple((currency, int(sum_)) for currency, sum_ in rows)


def _owed(customer_id: int) -> Sequence[ColumnElement[bool]]:
    return Receivable.customer_id.in_(family_of(customer_id)), OPEN


def _items(customer_id: int, today: date) -> tuple[Item, ...]:
    query = (
        select(Receivable.id, what_it_is(), Receivable.invoice_id, Invoice.number, Receivable.due_on,
               Receivable.amount_cents, Receivable.open_cents, Receivable.currency_code,
               func.coalesce(DunningLevel.name, ""), Receivable.subscription_id, _contract_title(), _is_joint(),
               written_off_cents())
        .outerjoin(Invoice, Invoice.id == Receivable.invoice_id)
        .outerjoin(Subscription, Subscription.id == Receivable.subscription_id)
        .outerjoin(DunningLevel, DunningLevel.level == Receivable.dunning_level)
        .where(*_owed(customer_id))
        .order_by(Receivable.due_on, Receivable.id)
        .limit(SHOWN)
    )  # fmt: skip
    return tuple(_item(row, today) for row in db.session.execute(query))


def _item(row: Any, today: date) -> Item:
    *values, given_up = row
    values += [int(given_up), max((today - row.due_on).days, 0)]
    return Item(*values)


def _contract_title() -> ColumnElement[str]:
    """As the team called the contract, else its plan; beside `Subscription`, joined to what it stands for."""
    title: ColumnElement[str] = func.coalesce(func.nullif(Subscription.title, ""), plan_title(), "")
    return title


def _contracts(customer_id: int, today: date) -> tuple[ContractSum, ...]:
    joint = _is_joint()
    owed = (
        select(case((joint, null()), else_=Receivable.subscription_id).label("contract"), joint.label("joint"),
               case((joint, ""), else_=_contract_title()).label("title"), Receivable.currency_code,
               Receivable.open_cents, Receivable.due_on)
        .outerjoin(Subscription, Subscription.id == Receivable.subscription_id)
        .where(*_owed(customer_id))
        .subquery()
    ).c  # fmt: skip
    late = (owed.due_on < today) & (owed.open_cents > 0)
    query = (
        select(owed.contract, func.max(owed.title), owed.currency_code, func.sum(owed.open_cents),
               func.coalesce(func.sum(owed.open_cents).filter(late), 0), func.count(), owed.joint)
        .group_by(owed.contract, owed.joint, owed.currency_code)
        .order_by(owed.joint, owed.contract, owed.currency_code)
    )  # fmt: skip
    return tuple(
        ContractSum(contract, title or "", currency, int(open_), int(overdue), count, bool(is_joint))
        for contract, title, currency, open_, overdue, count, is_joint in db.session.execute(query)
    )


def _is_joint() -> ColumnElement[bool]:
    """Whether the invoice has lines of another contract than the one it is booked under, the first."""
    others = InvoiceLine.subscription_id != Receivable.subscription_id
    return exists().where(InvoiceLine.invoice_id == Receivable.invoice_id, others)
