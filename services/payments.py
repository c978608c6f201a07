"""Payments by hand: money came in on the own account or in cash, for a receivable or ahead of one (M2-14, D-9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from billing import payments as rules
from billing.errors import AlreadyDone, Invalid, NotAllowed
from billing.money import Money
from billing.payments import Settlement
from models import Invoice, Payment, Receivable
from services import activities, clock
from services.actor import Actor
from services.customers import find_survivor
from services.payment_rows import check_money, claim_of, enter, lock, number_of, receivable_of, refuse_twice, taxed
from services.unit import write


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a person says of money that came in.

    `key` makes the deed one: sent twice it is done once. `surplus` lets what is more than open become paid credit,
    `discount` lets the invoice's cash discount be taken where the payment closes the invoice in time. `gateway` is the
    provider that took it, of money that no person wrote down.
    """

    paid: Money
    received_on: date | None = None  # None: today
    method: str = "bank"
    reference: str = ""
    note: str = ""
    key: str | None = None
    surplus: bool = False
    discount: bool = True
    gateway: str = ""

    @property
    def day(self) -> date:
        return self.received_on or clock.today()


@dataclass(frozen=True, slots=True)
class Received:
    """What became of it; `open_cents` is what is still owed of the receivable."""

    payment_id: int
    settled: Settlement
    open_cents: int


def record_payment(
    actor: Actor, receivable_id: int, paid: Money, received_on: date | None = None, **more: Any
) -> int:  # fmt: skip
    """Book money received for a receivable and give what is still open, in cents. `more`: further words of a Receipt.

    Raises as `receive`.
    """
    return receive(actor, receivable_id, Receipt(paid, received_on, **more)).open_cents


def receive(actor: Actor, receivable_id: int, receipt: Receipt) -> Received:
    """Book money received for a receivable.

    Raises NotFound, AlreadyDone("settled"; "already_done" for a key that came before), and Invalid: "amount" that is
    not positive, of another currency, or more than is open without `surplus`; "received_on" in the future; "method".
    """
    with write() as session:
        row = lock(session, [receivable_id])[receivable_id]
        refuse_twice(session, receipt.key)
        check_money(receipt.paid, row.currency_code, receipt.day, receipt.method)
        if not receipt.surplus:
            _check_open(row, receipt.paid)
        payment, settled = settle(session, row, receipt, receipt.day)
        _record(actor, payment, settled, row, number_of(session, row))
        return Received(payment.id, settled, row.open_cents)


def mark_paid(
    actor: Actor, invoice_id: int, on: date | None = None, *, method: str = "bank", key: str | None = None
) -> int:
    """The whole open amount of an issued invoice was paid on that day (default: today); gives the payment's id (M2-14).

    Raises NotFound("nothing_to_pay") for what is no issued invoice, AlreadyDone("settled"), and as `receive`.
    """
    with write() as session:
        receivable_id = receivable_of(session, invoice_id)
        row = lock(session, [receivable_id])[receivable_id]
        refuse_twice(session, key)
        if row.open_cents <= 0:
            raise AlreadyDone("settled")
        whole = Receipt(Money(row.open_cents, row.currency_code), on, method, key=key)
        return receive(actor, receivable_id, whole).payment_id


def prepay(actor: Actor, customer_id: int, receipt: Receipt) -> int:
    """Money without an invoice becomes the customer's paid credit; gives the payment's id.

    Raises NotFound, NotAllowed("erased"), AlreadyDone for a key that came before, Invalid as `receive`.
    """
    with write() as session:
        lock(session, (), [customer_id])
        row = find_survivor(session, customer_id)
        if row.erased_at is not None:
            raise NotAllowed("erased", field="customer_id")
        refuse_twice(session, receipt.key)
        check_money(receipt.paid, receipt.paid.currency, receipt.day, receipt.method)
        payment = enter_credit(session, row.id, receipt, receipt.day)
        _record(actor, payment, Settlement(0, receipt.paid.cents, 0), None, "")
        return payment.id


def settle(
    session: Session, row: Receivable, receipt: Receipt, on: date, **links: Any
) -> tuple[Payment, Settlement]:  # fmt: skip
    """Book the payment on a locked receivable on that day, and the cash discount that it earned.

    `links` are columns of the row.
    """
    allowed = _discount_left(session, row, receipt) if receipt.discount else 0
    settled = rules.settle(row.open_cents, receipt.paid.cents, allowed)
    legs = rules.payment_legs(rules.account_of(receipt.method, receipt.gateway), settled, row.id)
    values = _words(receipt) | {"credit_cents": settled.credit_cents} | links
    payment = enter(session, "payment", legs, on, row.customer_id, receipt.paid, row, **values)
    if settled.discount_cents:
        legs = rules.discount_legs(settled.discount_cents, taxed(session, row), row.id)
        forgiven = Money(settled.discount_cents, row.currency_code)
        enter(session, "cash_discount", legs, on, row.customer_id, forgiven, row,
              received_on=receipt.day, belongs_to_id=payment.id)  # fmt: skip
    return payment, settled


def enter_credit(session: Session, customer_id: int, receipt: Receipt, on: date, **links: Any) -> Payment:
    """Book money as paid credit of a locked customer on that day."""
    cents = receipt.paid.cents
    legs = rules.payment_legs(rules.account_of(receipt.method, receipt.gateway), Settlement(0, cents, 0), None)
    values = _words(receipt) | {"credit_cents": cents} | links
    return enter(session, "payment", legs, on, customer_id, receipt.paid, **values)


def _words(receipt: Receipt) -> dict[str, Any]:
    return {"received_on": receipt.day, "method": receipt.method, "reference": receipt.reference,
            "note": receipt.note, "external_key": receipt.key}  # fmt: skip


def _discount_left(session: Session, row: Receivable, receipt: Receipt) -> int:
    """What may still be kept back as cash discount on that day; nothing without an invoice that grants one."""
    invoice = session.get(Invoice, row.invoice_id) if row.invoice_id else None
    if invoice is None or not invoice.cash_discount_percent or invoice.issued_on is None:
        return 0
    owed = claim_of(session, row) - invoice.prepaid_cents
    return rules.cash_discount(owed, invoice.cash_discount_percent, invoice.cash_discount_days, invoice.issued_on,
                               receipt.day)  # fmt: skip


def _check_open(row: Receivable, paid: Money) -> None:
    if row.open_cents <= 0:
        raise AlreadyDone("settled")
    if paid.cents > row.open_cents:
        raise Invalid("amount", "more_than_open")


def _record(actor: Actor, payment: Payment, settled: Settlement, row: Receivable | None, number: str) -> None:
    activities.record(
        actor, "payment.recorded", "payment", payment.id, customer_id=payment.customer_id, number=number,
        amount_cents=payment.amount_cents, currency=payment.currency_code, method=payment.method,
        received_on=payment.received_on.isoformat(), credit_cents=settled.credit_cents,
        discount_cents=settled.discount_cents, open_cents=row.open_cents if row else 0,
    )  # fmt: skip
