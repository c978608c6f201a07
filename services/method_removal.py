"""A payment method is removed: nobody charges it any more, and its provider is told after the commit."""

from __future__ import annotations

from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.errors import AlreadyDone, NotAllowed, NotFound
from extensions import db, queues
from gateways.base import Refused, Unanswered
from models import Customer, PaymentAttempt, PaymentMethod, Subscription
from services import clock, mandates, method_rows, providers
from services.actor import Actor
from services.attempt_rows import UNDER_WAY, kept
from services.customers import update_customer
from services.payment_methods import assign, take, tell
from services.unit import after_commit, end_reading, write

FORGET = "jobs.payments.forget"


def remove(actor: Actor, method_id: int) -> None:
    """Nobody charges it any more; the provider is told after the commit. Contracts that had it for their own are paid
    as the customer pays. Our own debit ends with its mandate.

    Raises NotFound, AlreadyDone("method_removed"), NotAllowed("attempt_under_way") while a payment by it is on its way.
    """
    with write() as session:
        owner, row = take(session, method_id)
        if row.state in ("removed", "failed"):
            raise AlreadyDone("method_removed")
        under_way = select(PaymentAttempt.id).where(
            PaymentAttempt.method_id == row.id, PaymentAttempt.state.in_(UNDER_WAY)
        )
        if session.scalar(under_way.limit(1)) is not None:
            raise NotAllowed("attempt_under_way")
        if row.mandate_id is not None:
            mandates.revoke(actor, row.mandate_id)
            return
        _end(actor, session, owner, row)


def forget(method_id: int) -> None:
    """Tell the provider that a removed method is over; our name of it goes with the answer, and with it that of a
    customer who was deleted. A provider that is not offered any more cannot be told. May run twice."""
    end_reading()
    row = db.session.get(PaymentMethod, method_id)
    if row is None or row.state != "removed" or not row.token:
        return
    gateway, method = row.gateway, kept(row)
    try:
        providers.gateway_of(gateway).forget(method)
    except Refused as refused:
        if not refused.permanent:
            return
    except Unanswered:
        return  # the sweeper rings again
    except NotFound:
        if not _is_erased(row):
            return
    with write() as session:
        row = session.get_one(PaymentMethod, method_id, with_for_update=True)
        row.token = ""
        if _is_erased(row):
            row.provider_customer, row.setup_id = "", None


def to_forget(limit: int) -> list[int]:
    """Removed methods that their provider was not told of yet, for the sweeper (F6). Of deleted customers also those
    whose provider is gone: what we keep of them goes then."""
    told_of = PaymentMethod.gateway.in_(list(providers.offered())) | Customer.erased_at.is_not(None)
    query = select(PaymentMethod.id).join(Customer, Customer.id == PaymentMethod.customer_id)
    query = query.where(PaymentMethod.state == "removed", told_of, PaymentMethod.token != "")
    return list(db.session.scalars(query.order_by(PaymentMethod.id).limit(limit)))


def _is_erased(row: PaymentMethod) -> bool:
    return db.session.get_one(Customer, row.customer_id).erased_at is not None


def _end(actor: Actor, session: Session, owner: Customer, row: PaymentMethod) -> None:
    was_default = row.is_default
    row.state, row.is_default, row.ended_at = "removed", False, clock.instant()
    session.flush()
    for contract_id in session.scalars(select(Subscription.id).where(Subscription.payment_method_id == row.id)).all():
        assign(actor, contract_id, None)
    values: dict[str, int | str] = {}
    if owner.payment_token == row.token:
        values |= {"payment_provider": "", "payment_token": ""}
    others = method_rows.active(session, owner.id, row.kind)
    if was_default and not others and method_rows.TRANSFER in method_rows.allowed_types(owner):
        values |= {"payment_type": method_rows.TRANSFER}  # M1-18
    if was_default and others:
        method_rows.set_default(session, owner.id, others[-1])
    if values:
        update_customer(actor, owner.id, values)
    method_rows.told(actor, "removed", row)
    tell(actor, owner, f"method{row.id}:removed")
    after_commit(partial(_ring_forget, row.id))


def _ring_forget(method_id: int) -> None:
    queues.ring("money", FORGET, method_id)
