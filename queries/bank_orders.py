"""What a bank line may be of our own orders, in names and figures."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from billing.bank_orders import Order
from extensions import db
from models import BankLine, Customer, Debit, Invoice, Payment, PaymentFile, Receivable, Refund
from queries.lists.names import customer_name

TO_GO = ("ordered", "approved", "sent")


@dataclass(frozen=True, slots=True)
class OrderOffer:
    """`kind` as billing.bank_orders has it; `mark` says which it is when it is accepted. A file has its `name` and
    `count` orders that the bank has not told of, all others an invoice and a customer."""

    kind: str
    mark: str
    cents: int
    fee_cents: int
    name: str = ""
    count: int = 0
    file_id: int | None = None
    invoice_id: int | None = None
    customer_id: int | None = None
    customer: str = ""


def described(found: Mapping[int, tuple[Order, ...]]) -> dict[int, tuple[OrderOffer, ...]]:
    """The orders of each line with their names. At most four statements."""
    wanted: dict[str, set[int]] = {}
    for each in (order for orders in found.values() for order in orders):
        wanted.setdefault(_TABLE[each.kind], set()).add(each.id)
    names = {table: _NAMES[table](ids) for table, ids in wanted.items()}
    return {
        id_: tuple(
            OrderOffer(each.kind, each.mark, each.cents, each.fee_cents, **names[_TABLE[each.kind]].get(each.id, {}))
            for each in orders
        )
        for id_, orders in found.items()
    }


def is_an_order() -> ColumnElement[bool]:
    """Whether money that went out could be a refund, or a file of them, that the bank has not told of yet."""
    refund = exists().where(Refund.way == "transfer", Refund.state.in_(TO_GO),
                            Refund.amount_cents == -BankLine.amount_cents)  # fmt: skip
    in_it = exists().where(Refund.file_id == PaymentFile.id, Refund.state == "sent")
    file = exists().where(PaymentFile.kind == "transfer", PaymentFile.discarded_at.is_(None),
                          PaymentFile.total_cents == -BankLine.amount_cents, in_it)  # fmt: skip
    return and_(BankLine.amount_cents < 0, or_(refund, file))


def _refunds(ids: Collection[int]) -> dict[int, dict[str, Any]]:
    original = aliased(Invoice)
    query = (
        select(Refund.id, original.number, original.id, Customer.id, customer_name())
        .join(Invoice, Invoice.id == Refund.correction_id)
        .join(original, original.id == Invoice.original_id)
        .join(Customer, Customer.id == Refund.customer_id)
    )
    return _of_invoices(query.where(Refund.id.in_(ids)))


def _owed(table: type[Debit] | type[Payment], ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """What was collected or paid, by the invoice that it is about; paid credit has none."""
    query = (
        select(table.id, Invoice.number, Invoice.id, Customer.id, customer_name())
        .outerjoin(Receivable, Receivable.id == table.receivable_id)
        .outerjoin(Invoice, Invoice.id == Receivable.invoice_id)
        .join(Customer, Customer.id == table.customer_id)
    )
    return _of_invoices(query.where(table.id.in_(ids)))


def _files(ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """How many of its orders the bank has not told of."""
    debits = select(func.count()).where(Debit.file_id == PaymentFile.id, Debit.state.in_(("in_file", "submitted")))
    refunds = select(func.count()).where(Refund.file_id == PaymentFile.id, Refund.state == "sent")
    query = select(PaymentFile.id, PaymentFile.message_id, debits.scalar_subquery() + refunds.scalar_subquery())
    rows = db.session.execute(query.where(PaymentFile.id.in_(ids)))
    return {id_: {"name": name, "count": count, "file_id": id_} for id_, name, count in rows}


def _of_invoices(query: Any) -> dict[int, dict[str, Any]]:
    return {
        id_: {"name": number or "", "invoice_id": invoice_id, "customer_id": customer_id, "customer": customer}
        for id_, number, invoice_id, customer_id, customer in db.session.execute(query)
    }


_TABLE = {"refund": "refund", "refund_back": "refund", "transfer_file": "file", "debit_file": "file", "debit": "debit",
          "payment": "payment"}  # fmt: skip
_NAMES: Mapping[str, Callable[[Collection[int]], dict[int, dict[str, Any]]]] = {
    "refund": _refunds,
    "file": _files,
    "debit": partial(_owed, Debit),
    "payment": partial(_owed, Payment),
}
