"""Payment methods and mandates of a customer who is deleted: over here at once, and at their providers once those have
answered (DSG-2, Art. 17 DSGVO).

Until a provider has answered, its names of the method and of the customer stay: without them nobody could tell it.
`services.method_removal.forget` takes them away with the answer, and the sweeper rings for it until then.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlalchemy import ColumnElement, and_, delete, exists, select, update
from sqlalchemy.orm import Session

from extensions import queues
from models import Debit, Mandate, PaymentAttempt, PaymentMethod, Subscription
from services import clock, providers
from services.method_removal import FORGET
from services.unit import after_commit

BLANK = {"setup_id": None, "brand": "", "last4": "", "holder": "", "expires_on": None}


def end(session: Session, ids: Sequence[int]) -> dict[str, int]:
    """End all of them. Nobody was ever charged by it: the row goes, as soon as its provider has been told; a mandate
    that was used stays as the proof of its debits. Gives how many rows went, by subject."""
    theirs = PaymentMethod.customer_id.in_(ids)
    methods = update(PaymentMethod).where(theirs, PaymentMethod.state.in_(("active", "expired", "pending")))
    session.execute(methods.values(state="removed", ended_at=clock.instant(), is_default=False))
    contracts = update(Subscription).where(Subscription.customer_id.in_(ids))
    session.execute(contracts.values(payment_method_id=None))
    session.execute(update(PaymentMethod).where(theirs, to_tell()).values(**BLANK))
    for method_id in session.scalars(select(PaymentMethod.id).where(theirs, to_tell())):
        after_commit(partial(_ring, method_id))
    charged = exists().where(PaymentAttempt.method_id == PaymentMethod.id)
    gone = session.execute(delete(PaymentMethod).where(theirs, ~charged, ~to_tell()))
    mandates = _mandates(session, ids)
    return {"payment_methods": int(getattr(gone, "rowcount", 0)), "mandates": mandates}


def to_tell() -> ColumnElement[bool]:
    """A method that its provider keeps and was not told of."""
    known = PaymentMethod.gateway.in_(list(providers.offered()))
    return and_(PaymentMethod.state == "removed", PaymentMethod.token != "", known)


def _mandates(session: Session, ids: Sequence[int]) -> int:
    used = exists().where(Debit.mandate_id == Mandate.id)
    kept = update(Mandate).where(Mandate.customer_id.in_(ids), Mandate.state == "active")
    session.execute(kept.values(state="revoked", ended_on=clock.today()))
    unused = select(Mandate.id).where(Mandate.customer_id.in_(ids), Mandate.first_used_on.is_(None), ~used)
    going = list(session.scalars(unused))
    session.execute(update(PaymentMethod).where(PaymentMethod.mandate_id.in_(going)).values(mandate_id=None))
    session.execute(delete(Mandate).where(Mandate.id.in_(going)))
    return len(going)


def _ring(method_id: int) -> None:
    queues.ring("money", FORGET, method_id)
