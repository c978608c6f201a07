"""Money on cards: what was paid for an invoice, what a customer still owes, by item and by contract, and their credit.

Each function takes a fixed number of statements however long the history is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, null, or_, select
from sqlalchemy.orm import aliased

from billing.ledger import CREDIT
from billing.payments import cash_discount
from extensions import db
from models import Customer, DunningLevel, Invoice, InvoiceLine, Payment, Posting, Receivable, Subscription
from queries.family import family_of
from queries.invoice_states import written_off_cents
from queries.lists.conditions import Rows
from queries.lists.names import customer_name
from queries.lists.owing import OPEN
from queries.lists.subscriptions import plan_title

SHOWN = 20
UNDOING = aliased(Payment)
ANEW = aliased(Payment)
_Correction = aliased(Invoice)

# What became of a row: it stands, it was undone, or it was undone here and stands anew elsewhere.
STATE = case((ANEW.id.is_not(None), "moved"), (UNDOING.id.is_not(None), "undone"), else_="booked")


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A row as it was written down. `state`: booked, undone, moved (`moved_to_id` says where it stands now)."""

    id: int
    kind: str
    state: str
    customer_id: int
    customer: str
    received_on: date
    amount_cents: int
    credit_cents: int
    currency: str
    method: str
    reference: str
    note: str
    entry_id: int
    invoice_id: int | None
    invoice_number: str | None
    reverses_id: int | None
    moved_from_id: int | None
    moved_to_id: int | None
    belongs_to_id: int | None

    @property
    def stands(self) -> bool:
        """Whether it can still be undone."""
        return self.state == "booked" and self.kind != "reversal"


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


@dataclass(frozen=True, slots=True)
class InvoiceMoney:
    """What is to be known before money is booked for an issued invoice.

    `discount_cents` may be kept back by who pays until `discount_until`; `credit_cents` is the customer's paid credit
    in the invoice's currency.
    """

    receivable_id: int
    invoice_id: int
    number: str
    customer_id: int
    customer: str
    currency: str
    open_cents: int
    due_on: date
    discount_percent: Decimal
    discount_cents: int
    discount_until: date | None
    credit_cents: int
    payments: tuple[PaymentRow, ...]


def invoice_money(invoice_id: int) -> InvoiceMoney | None:
    """None for what is no issued invoice. Three statements."""
    given_back = select(func.coalesce(func.sum(func.abs(_Correction.gross_cents)), 0)).where(
        _Correction.original_id == Invoice.id, _Correction.issued_at.is_not(None)
    )
    query = (
        select(Receivable, Invoice, customer_name(), given_back.correlate(Invoice).scalar_subquery())
        .join(Invoice, Invoice.id == Receivable.invoice_id)
        .join(Customer, Customer.id == Receivable.customer_id)
    )
    found = db.session.execute(query.where(Receivable.invoice_id == invoice_id)).one_or_none()
    if found is None:
        return None
    row, invoice, customer, less = found
    issued_on, percent, days = invoice.issued_on, invoice.cash_discount_percent, invoice.cash_discount_days
    owed = row.amount_cents - int(less) - invoice.prepaid_cents
    return InvoiceMoney(
        row.id, invoice.id, invoice.number or "", row.customer_id, customer, row.currency_code, row.open_cents,
        row.due_on, percent, cash_discount(owed, percent, days, issued_on, issued_on),
        issued_on + timedelta(days) if percent else None,
        dict(credits_of(row.customer_id)).get(row.currency_code, 0), payments_of_invoice(invoice_id),
    )  # fmt: skip


def invoice_by_number(number: str) -> int | None:
    """The issued invoice of that number."""
    known = select(Invoice.id).where(
        Invoice.number == number, Invoice.kind == "invoice", Invoice.issued_at.is_not(None)
    )
    return db.session.scalar(known) if number.isprintable() else None  # PostgreSQL takes no NUL


def customer_by_number(number: str) -> int | None:
    """The customer of that number."""
    return db.session.scalar(select(Customer.id).where(Customer.number == number)) if number.isprintable() else None


def payments_of_invoice(invoice_id: int) -> tuple[PaymentRow, ...]:
    """Everything that was written down about an invoice's money, in the order it was. One statement."""
    return _rows(_query().where(Receivable.invoice_id == invoice_id).order_by(Payment.id))


def get_payment(payment_id: int) -> PaymentRow | None:
    found = _rows(_query().where(Payment.id == payment_id))
    return found[0] if found else None


def get_chain(payment: PaymentRow) -> tuple[PaymentRow, ...]:
    """What a row undoes or comes from, what undid or moved it, and the discount beside it. One statement."""
    ids = [each for each in (payment.reverses_id, payment.moved_from_id, payment.belongs_to_id) if each]
    linked = or_(
        Payment.id.in_(ids), Payment.reverses_id == payment.id, Payment.moved_from_id == payment.id,
        Payment.belongs_to_id == payment.id,
    )  # fmt: skip
    return _rows(_query().where(linked).order_by(Payment.id))


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


def _query() -> Rows:
    return (
        select(
            Payment.id, Payment.kind, STATE, Payment.customer_id, customer_name(), Payment.received_on,
            Payment.amount_cents, Payment.credit_cents, Payment.currency_code, Payment.method, Payment.reference,
            Payment.note,
            Payment.entry_id, Receivable.invoice_id, Invoice.number, Payment.reverses_id, Payment.moved_from_id,
            ANEW.id, Payment.belongs_to_id,
        )
        .join(Customer, Customer.id == Payment.customer_id)
        .outerjoin(Receivable, Receivable.id == Payment.receivable_id)
        .outerjoin(Invoice, Invoice.id == Receivable.invoice_id)
        .outerjoin(UNDOING, UNDOING.reverses_id == Payment.id)
        .outerjoin(ANEW, ANEW.moved_from_id == Payment.id)
    )  # fmt: skip


def _rows(query: Rows) -> tuple[PaymentRow, ...]:
    return tuple(PaymentRow(*row) for row in db.session.execute(query))


def _owed(customer_id: int) -> Sequence[ColumnElement[bool]]:
    return Receivable.customer_id.in_(family_of(customer_id)), OPEN


def _items(customer_id: int, today: date) -> tuple[Item, ...]:
    query = (
        select(Receivable.id, Receivable.kind, Receivable.invoice_id, Invoice.number, Receivable.due_on,
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
