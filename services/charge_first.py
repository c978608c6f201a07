"""Which orders of a run are charged before they are issued, and the doorbells for their attempts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from billing.contracts import ClaimKey
from extensions import db, queues
from models import Claim, PaymentAttempt
from services import credit_at_issue
from services.attempt_rows import CHARGE
from services.issue_rows import Order
from services.run_counts import is_charged
from services.unit import after_commit

RINGS = 50  # the sweeper rings for the rest


def parted(session: Session, orders: Sequence[Order]) -> tuple[list[Order], list[Order]]:
    """(those that are issued now, those that are charged first); the latter know what paid credit will settle.

    One statement where anything is charged first, none otherwise. The caller holds the customers' locks.
    """
    if not any(order.draft.collection == "charge_first" for order in orders):
        return list(orders), []
    now: list[Order] = []
    charged: list[Order] = []
    for order, settled in zip(orders, credit_at_issue.settled(session, orders), strict=True):
        if is_charged(order.draft, order.totals, settled.prepaid_cents):
            charged.append(settled)
        else:
            now.append(order)
    _bill(session, [order for order in now if order.draft.collection == "charge_first"])
    return now, charged


def _bill(session: Session, orders: Sequence[Order]) -> None:
    """Nothing is to be charged, since paid credit settles it all: what was reserved is billed."""
    ids = [order.claims[key] for order in orders for key in _claimed(order)]
    if ids:
        update_ = update(Claim).where(Claim.id.in_(ids)).values(state="billed")
        session.execute(update_, execution_options={"synchronize_session": False})


def _claimed(order: Order) -> list[ClaimKey]:
    charges = [charge.key for charge in order.draft.charges]
    return charges + [key for line in order.draft.lines for key in line.records]


def ring_after_commit(invoice_ids: Sequence[int]) -> None:
    """Have the first attempts of these documents made once the transaction has committed."""
    if invoice_ids:
        after_commit(lambda: ring(list(invoice_ids[:RINGS])))


def ring(invoice_ids: Sequence[int]) -> None:
    waiting = select(PaymentAttempt.id).where(
        PaymentAttempt.invoice_id.in_(invoice_ids), PaymentAttempt.state == "planned"
    )
    queues.ring_many("money", CHARGE, list(db.session.scalars(waiting.order_by(PaymentAttempt.id))))
