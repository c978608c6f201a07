"""A cancellation and the refund of what it gives back, in one transaction: both or neither (EB-53, D-1).

| the invoice | what happens |
|---|---|
| paid through a provider | Storno, and the refund ordered; the credit is never free to be spent in between |
| paid partly through a provider | Storno; that part goes back, the rest is credit, as with a refund ordered later |
| paid above the four-eyes limit | Storno, and the refund waits for another person |
| unpaid, paid by transfer, charged back | refused with its reason, and not cancelled either |
| another sum than the person saw | refused, and not cancelled either |
| the same form once more | AlreadyDone: one Storno, one refund |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.refunds import PROVIDER, Plan
from extensions import db
from models import Receivable
from services import corrections, refunds
from services.actor import Actor
from services.refund_rows import expected
from services.unit import write


@dataclass(frozen=True, slots=True)
class Promise:
    """What would go back at once if an invoice were cancelled now. `gateways` are the providers' names; `waits`:
    another person has to approve it."""

    plan: Plan
    gateways: tuple[str, ...]
    waits: bool


def get_promise(invoice_id: int, paid_cents: int) -> Promise | None:
    """Before the question; `paid_cents` is the part of the cancellation that had been paid. None where nothing goes
    back by a provider. Reads only, a fixed number of statements."""
    session = cast(Session, db.session())
    row = session.scalars(select(Receivable).where(Receivable.invoice_id == invoice_id)).one_or_none()
    if row is None or paid_cents <= 0:
        return None
    plan, gateways = expected(session, row, paid_cents)
    return Promise(plan, gateways, refunds.needs_another(session, invoice_id, plan.cents)) if plan.shares else None


def cancel_and_refund(
    actor: Actor, invoice_id: int, *, reason: str, bill_again: bool = False, introtext: str = "",
    seen: int | None = None, seen_cents: int | None = None, key: str | None = None,
) -> int:  # fmt: skip
    """Issue the Stornorechnung and order its refund by the provider; gives the id of the Stornorechnung.

    `seen` as of `corrections.cancel`, `seen_cents` and `key` as `seen` and `key` of `refunds.order`. Raises as both.
    """
    with write() as session:
        refunds.refuse_twice(session, key)
        made = corrections.cancel(
            actor, invoice_id, reason=reason, bill_again=bill_again, introtext=introtext, seen=seen
        )
        refunds.order(actor, made, PROVIDER, seen=seen_cents, key=key)
        return made
