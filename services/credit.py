"""Credit that is granted (M2-41, D-9): customer.addcredits, or out of courtesy. It reduces invoices before VAT."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from billing.errors import Invalid, NotFound
from billing.money import Money
from models import CreditGrant
from services import activities, clock
from services import values as check
from services.actor import Actor
from services.customers import find_survivor, lock_survivor
from services.unit import write

MOST_CENTS = 999_999_99
_SOURCES = {"api": "api", "staff": "staff"}


def grant_credit(actor: Actor, customer_id: int, amount: Money, reason: str = "") -> int:
    """Grant a customer so much and give the grant's id; a merged record's grant is the survivor's.

    Raises NotFound, NotAllowed("erased"), Invalid("amount").
    """
    with write() as session:
        customer = lock_survivor(session, customer_id)
        cents = check.number_in("amount", amount.cents, 1, MOST_CENTS)
        row = CreditGrant(
            customer_id=customer.id, currency_code=check.currency("currency_code", amount.currency),
            amount_cents=cents, remaining_cents=cents, source=_SOURCES.get(actor.kind, "system"),
            reason=check.text_of(CreditGrant.__table__.columns["reason"], reason), created_at=clock.instant(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        activities.record(
            actor, "credit.granted", "customer", customer.id, customer_id=customer.id, grant_id=row.id,
            amount_cents=cents, currency=amount.currency, reason=row.reason,
        )  # fmt: skip
        return int(row.id)


def withdraw_credit(actor: Actor, grant_id: int) -> int:
    """Take back what is left of a grant, and give how many cents that were. Raises NotFound, Invalid("amount") where
    nothing is left."""
    with write() as session:
        row = session.get(CreditGrant, grant_id)
        if row is None:
            raise NotFound("unknown_grant", field="grant_id")
        lock_survivor(session, row.customer_id)
        session.refresh(row)
        cents = row.remaining_cents
        if not cents:
            raise Invalid("amount", "nothing_left")
        row.withdrawn_cents += cents
        row.remaining_cents = 0
        activities.record(
            actor, "credit.withdrawn", "customer", row.customer_id, customer_id=row.customer_id, grant_id=row.id,
            amount_cents=cents, currency=row.currency_code,
        )  # fmt: skip
        return int(cents)


def granted_left(session: Session, customer_id: int) -> dict[str, int]:
    """Currency -> granted cents that are left."""
    owner = find_survivor(session, customer_id)
    query = select(CreditGrant.currency_code, func.sum(CreditGrant.remaining_cents)).where(
        CreditGrant.customer_id == owner.id, CreditGrant.remaining_cents > 0
    )
    return {currency: int(cents) for currency, cents in session.execute(query.group_by(CreditGrant.currency_code))}
