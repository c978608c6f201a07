"""What each step of a refund books, and how its row moves. Under the customer's lock, inside one transaction."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, literal, or_, select
from sqlalchemy.orm import Session

from billing import refunds as rules
from billing import states
from billing.money import Money
from billing.payments import Leg as Part
from billing.payments import account_of
from extensions import queues
from models import Invoice, Payment, Receivable, Refund
from services import activities, bank_links, clock, payment_changes, refund_letters
from services.actor import Actor
from services.gone_back import stands
from services.ledger import Leg, book
from services.payment_rows import enter, lock
from services.refund_rows import UNDER_WAY
from services.unit import after_commit

CALL = "jobs.payments.refund"


def take(session: Session, refund: Refund, customer_id: int) -> None:
    """The amount leaves the credit with the order itself (EB-53)."""
    refund.taken_entry_id = _book(session, refund, "refund_ordered", customer_id, rules.order_legs(refund.amount_cents))


def give_up(session: Session, refund: Refund, action: str, error: str = "") -> None:
    """Withdrawn, refused or come back: the amount is the customer's credit again."""
    if refund.state == "succeeded":
        _undo_payment(session, refund, error)
    move(refund, action)
    refund.error = error[:60]
    payment = session.get_one(Payment, refund.payment_id)
    _book(session, refund, "refund_returned", payment.customer_id, rules.return_legs(refund.amount_cents))


def succeed(session: Session, refund: Refund, on: date, provider_id: str = "", reference: str = "") -> Payment:
    """The money left by the way it was ordered for; the row of the movement is written beside it (L5, EB-55), and the
    customer is told."""
    move(refund, "succeed")
    refund.error = ""
    payment = session.get_one(Payment, refund.payment_id)
    by_provider = refund.way == rules.PROVIDER
    method, gateway = (payment.method, refund.gateway) if by_provider else ("bank", "")
    row = lock(session, [payment.receivable_id])[payment.receivable_id] if payment.receivable_id else None
    refund_letters.tell_paid(session, refund)
    return enter(
        session, "refund", rules.sent_legs(refund.amount_cents, account_of(method, gateway)), clock.today(),
        payment.customer_id, Money(refund.amount_cents, refund.currency_code), row, received_on=on, method=method,
        gateway=gateway, provider_id=provider_id or None, reference=reference or _number(session, refund),
        external_key=_key(session, refund), belongs_to_id=payment.id,
    )  # fmt: skip


def take_sent_back(session: Session, refund: Refund, reason: str) -> Payment:
    """It was noted as sent by mistake: the amount is on its way again. Gives the row that no longer stands."""
    sent = _sent_row(session, refund)
    row = session.get(Receivable, sent.receivable_id) if sent.receivable_id else None
    payment_changes.reverse(session, sent, row, reason)
    move(refund, "take_sent_back")
    refund.state = "sent" if refund.file_id is not None else "approved" if refund.approved_by else refund.state
    refund.resolved_at = None
    return sent


def booked_as(row: Any, refund_id: Any) -> ColumnElement[bool]:
    """Whether a row of payments is a refund's: the first of them by its id, later ones counted (F1)."""
    key = literal("refund:") + cast(refund_id, String)
    return or_(row.external_key == key, row.external_key.like(key + ":%"))


def move(refund: Refund, action: str) -> None:
    """To its next state; an end has its time."""
    refund.state = states.move("refund", refund.state, action)
    if refund.state not in UNDER_WAY:
        refund.resolved_at = clock.instant()


def ring_after_commit(refund: Refund) -> None:
    """Set a refund by a provider off as soon as its row is there for good."""
    if refund.way == rules.PROVIDER and refund.state in ("ordered", "approved"):
        after_commit(partial(_ring, refund.id))


def note(actor: Actor, session: Session, refund: Refund, code: str, **more: Any) -> None:
    """The activity of one step, by the cancelled invoice's number."""
    original = session.get_one(Invoice, session.get_one(Invoice, refund.correction_id).original_id)
    activities.record(
        actor, code, "refund", refund.id, customer_id=refund.customer_id, number=original.number,
        amount_cents=refund.amount_cents, currency=refund.currency_code, way=refund.way, gateway=refund.gateway, **more,
    )  # fmt: skip


def _ring(refund_id: int) -> None:
    queues.ring("money", CALL, refund_id)


def _undo_payment(session: Session, refund: Refund, reason: str) -> None:
    """What was booked as sent is undone by a row of its own. Its bank line stays: the money did go."""
    payment = _sent_row(session, refund)
    row = session.get(Receivable, payment.receivable_id) if payment.receivable_id else None
    payment_changes.reverse(session, payment, row, reason)
    bank_links.stays(session, payment.id)


def _sent_row(session: Session, refund: Refund) -> Payment:
    mine = (booked_as(Payment, refund.id), Payment.kind == "refund", stands())
    return session.scalars(select(Payment).where(*mine)).one()


def _key(session: Session, refund: Refund) -> str:
    """Once for each time that it is sent: what was taken back may be sent after all."""
    before = session.scalar(select(func.count()).where(Payment.kind == "refund", booked_as(Payment, refund.id))) or 0
    return f"refund:{refund.id}:{before + 1}" if before else f"refund:{refund.id}"


def _book(session: Session, refund: Refund, kind: str, customer_id: int, legs: list[Part]) -> int:
    parts = [Leg(*leg) for leg in legs]
    return book(session, kind, clock.today(), customer_id, refund.currency_code, parts, refund.correction_id)


def _number(session: Session, refund: Refund) -> str:
    return session.get_one(Invoice, refund.correction_id).number or ""
