"""The rows of attempts: a new one, what its provider is asked, and how an answer is written down (F3, EB-51)."""

from __future__ import annotations

from functools import partial
from typing import cast
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from billing import states
from billing.errors import NotFound
from billing.money import Money
from extensions import queues
from gateways.base import ChargeWish, Kind, Method
from models import Customer, Invoice, PaymentAttempt, PaymentMethod
from services import clock
from services.customers import lock_records
from services.unit import after_commit

UNDER_WAY = ("planned", "prepared", "sent", "unknown", "needs_action")
CHARGE = "jobs.payments.charge"


def new_attempt(
    session: Session, purpose: str, customer_id: int, invoice_id: int, method: PaymentMethod, amount: Money
) -> PaymentAttempt:
    """The next attempt of a document, `planned`; rung for after the commit. One at a time: the index says so."""
    numbers = select(func.coalesce(func.max(PaymentAttempt.number), 0)).where(PaymentAttempt.invoice_id == invoice_id)
    row = PaymentAttempt(
        key=uuid4().hex, purpose=purpose, number=int(session.scalar(numbers) or 0) + 1, customer_id=customer_id,
        invoice_id=invoice_id, method_id=method.id, gateway=method.gateway, amount_cents=amount.cents,
        currency_code=amount.currency, next_look_at=clock.real(), created_at=clock.instant(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    attempt_id = row.id
    after_commit(partial(_ring, attempt_id))
    return row


def _ring(attempt_id: int) -> None:
    queues.ring("money", CHARGE, attempt_id)


def locked(session: Session, attempt_id: int) -> PaymentAttempt:
    """The customer first, as everybody does, then the attempt. Raises NotFound."""
    owner = select(PaymentAttempt.customer_id).where(PaymentAttempt.id == attempt_id).scalar_subquery()
    lock_records(session, select(Customer.survivor_id).where(Customer.id == owner))
    row = session.get(PaymentAttempt, attempt_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("attempt")
    return row


def wish_of(session: Session, row: PaymentAttempt) -> ChargeWish:
    """What the provider is asked. The same for every call of this attempt, whatever changed since: its key says so.

    `reference` is the contract's own hash-free number or the document's id; the invoice has no number yet.
    """
    method = session.get_one(PaymentMethod, row.method_id)
    return ChargeWish(row.key, kept(method), row.amount_cents, row.currency_code, _reference(session, row))


def kept(method: PaymentMethod) -> Method:
    """A kept method as its gateway knows it."""
    return Method(method.token, cast(Kind, method.kind), method.provider_customer, method.brand, method.last4,
                  method.expires_on, method.holder)  # fmt: skip


def move(row: PaymentAttempt, action: str) -> None:
    """To its next state; an end has its time."""
    row.state = states.move("attempt", row.state, action)
    if row.state not in UNDER_WAY:
        row.resolved_at = clock.instant()


def _reference(session: Session, row: PaymentAttempt) -> str:
    number = session.scalar(select(Invoice.customer_number).where(Invoice.id == row.invoice_id))
    return f"{number}-{row.invoice_id}"
