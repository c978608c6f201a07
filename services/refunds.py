"""Money back after a cancellation: ordered, approved by another person, withdrawn, noted as sent (D-1, COR-3, M2-01).

A refund is a row before anything leaves the house, and its amount leaves the credit with that row. A provider is asked
afterwards (services/refund_calls.py); a transfer is made by a person, or by a file for the bank, and noted here.
"""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.errors import AlreadyDone, Conflict, Invalid, NotAllowed, NotFound
from billing.refunds import PROVIDER, TRANSFER, Share
from billing.unseen import as_read
from models import Invoice, Payment, PaymentFile, Receivable, Refund
from services import bank_links, clock, refund_books
from services.actor import Actor
from services.gone_back import STANDING
from services.payment_rows import EARLIEST, lock
from services.payment_settings import payment_settings
from services.refund_books import give_up, move, note, ring_after_commit, succeed, take
from services.refund_rows import Refundable, refundable
from services.unit import write

WAYS = (PROVIDER, TRANSFER)


def order(
    actor: Actor, correction_id: int, way: str = PROVIDER, *, seen: int | None = None, key: str | None = None
) -> list[int]:
    """Order the refund of a cancellation or correction; gives the ids, one for each payment that it goes back to.

    The amount is not chosen (M2-10): what the document took back of paid money, as far as the payments and the credit
    still hold it. Above the house's limit it waits for another person. `seen`: the cents that the person was shown;
    `key` makes the deed one however often it is sent. Raises NotFound, AlreadyDone("already_done"), Invalid("way"),
    NotAllowed("nothing_cancelled" or the reason of `billing.refunds.plan`), Conflict("changed_meanwhile").
    """
    if way not in WAYS:
        raise Invalid("way", "not_a_choice")
    with write() as session:
        _lock(session, correction_id)
        refuse_twice(session, key)
        found = refundable(session, correction_id)
        plan = found.by(way)
        if not plan.shares:
            raise NotAllowed(plan.reason)
        if seen is not None and seen != plan.cents:
            raise Conflict("changed_meanwhile")
        state = "waiting" if needs_another(session, found.original_id, plan.cents) else "ordered"
        keys = [_hashed(key), *(uuid4().hex for _ in plan.shares)]
        rows = [_row(actor, found, share, way, state, key_) for share, key_ in zip(plan.shares, keys, strict=False)]
        session.add_all(rows)
        session.flush()
        for row in rows:
            _begin(session, actor, row, found.receivable.customer_id)
        return [row.id for row in rows]


def approve(actor: Actor, refund_id: int) -> str:
    """Another person than the one who ordered it lets it go; gives its state. Twice is fine.

    Raises NotFound, NotAllowed("four_eyes") for the person who ordered it, AlreadyDone, NotAllowed("wrong_state").
    """
    with write() as session:
        row = _take(session, refund_id)
        if row.state in ("approved", "sent", "pending", "unknown", "succeeded") and row.approved_by:
            raise AlreadyDone("approved")
        if actor.kind != "staff" or row.ordered_by == _name(actor):
            raise NotAllowed("four_eyes")
        move(row, "approve")
        row.approved_by, row.next_look_at = _name(actor), clock.real()
        note(actor, session, row, "refund.approved")
        ring_after_commit(row)
        return row.state


def withdraw(actor: Actor, refund_id: int, reason: str = "") -> None:
    """Nothing has left yet, so the amount is the customer's credit again.

    Raises NotFound, AlreadyDone("withdrawn"), NotAllowed("wrong_state") once a provider was asked.
    """
    with write() as session:
        row = _take(session, refund_id)
        if row.state == "withdrawn":
            raise AlreadyDone("withdrawn")
        if row.file_id is not None:
            raise NotAllowed("in_a_file")
        give_up(session, row, "withdraw", as_read(reason)[:60])
        note(actor, session, row, "refund.withdrawn", reason=as_read(reason))


def note_sent(actor: Actor, refund_id: int, on: date | None = None, reference: str = "") -> int:
    """A person sent the transfer; gives the id of the payment's row.

    Raises NotFound, AlreadyDone("settled"), Invalid("received_on") (the day) in the future, NotAllowed("by_provider"),
    NotAllowed("file_not_handed_in") while its file may still be handed in, and NotAllowed("wrong_state") while it waits
    for approval.
    """
    day = on or clock.today()
    if not EARLIEST <= day <= clock.today():
        raise Invalid("received_on", "in_the_future" if day > clock.today() else "out_of_range")
    with write() as session:
        row = _take(session, refund_id)
        if row.state == "succeeded":
            raise AlreadyDone("settled")
        if row.way != TRANSFER:
            raise NotAllowed("by_provider")
        if row.file_id is not None and session.get_one(PaymentFile, row.file_id).submitted_at is None:
            raise NotAllowed("file_not_handed_in")  # or the file and the hand would both pay
        made = succeed(session, row, day, reference=as_read(reference)[:140])
        note(actor, session, row, "refund.sent", received_on=day.isoformat())
        return made.id


def take_sent_back(actor: Actor, refund_id: int, reason: str) -> int:
    """It was noted as sent, and was not: the amount is on its way again. Gives the payment's row that no longer stands.

    Raises NotFound, Invalid("reason") without one, NotAllowed("by_provider", "wrong_state").
    """
    if not reason.strip():
        raise Invalid("reason", "missing")
    with write() as session:
        row = _take(session, refund_id)
        if row.way != TRANSFER:
            raise NotAllowed("by_provider")
        if row.state != "succeeded":
            raise NotAllowed("wrong_state", machine="refund", state=row.state, action="take_sent_back")
        sent = refund_books.take_sent_back(session, row, as_read(reason))
        bank_links.let_go(session, sent.id)
        note(actor, session, row, "refund.sent_taken_back", reason=as_read(reason))
        return sent.id


def note_returned(actor: Actor, refund_id: int, reason: str) -> None:
    """The bank sent a refund back: the amount is the customer's credit again.

    Raises NotFound, AlreadyDone("returned"), Invalid("reason") without one, NotAllowed("wrong_state").
    """
    if not reason.strip():
        raise Invalid("reason", "missing")
    with write() as session:
        row = _take(session, refund_id)
        if row.state == "failed":
            raise AlreadyDone("returned")
        if row.state != "succeeded":
            raise NotAllowed("wrong_state", machine="refund", state=row.state, action="fail")
        give_up(session, row, "fail", as_read(reason))
        note(actor, session, row, "refund.returned", reason=as_read(reason))


def locked(session: Session, refund_id: int) -> Refund:
    """The refund with its customer and what was owed locked, in everybody's order. Raises NotFound."""
    return _take(session, refund_id)


def _lock(session: Session, correction_id: int) -> None:
    """The customer and the receivable of the original; what does not exist is told by `refundable`."""
    original = select(Invoice.original_id).where(Invoice.id == correction_id).scalar_subquery()
    lock(session, list(session.scalars(select(Receivable.id).where(Receivable.invoice_id == original))))


def refuse_twice(session: Session, key: str | None) -> None:
    """Raises AlreadyDone("already_done") where a refund was ordered by this key."""
    if key is not None and session.scalar(select(Refund.id).where(Refund.key == _hashed(key))) is not None:
        raise AlreadyDone("already_done")


def _hashed(key: str | None) -> str:
    return sha256(key.encode()).hexdigest()[:40] if key else uuid4().hex


def needs_another(session: Session, invoice_id: int, cents: int) -> bool:
    """Four eyes: counted over all refunds of the invoice, so that parts do not slip under the limit (X-16)."""
    limit = payment_settings().four_eyes_cents
    if not limit:
        return False
    documents = select(Invoice.id).where(Invoice.original_id == invoice_id)
    query = select(Refund.amount_cents).where(Refund.correction_id.in_(documents), STANDING)
    return cents + sum(session.scalars(query)) > limit


def _row(actor: Actor, found: Refundable, share: Share, way: str, state: str, key: str) -> Refund:
    gateways = {paid.payment_id: paid.gateway for paid in found.payments}
    return Refund(
        key=key, customer_id=found.receivable.customer_id, correction_id=found.correction.id,
        payment_id=share.payment_id, way=way, gateway=gateways[share.payment_id] if way == PROVIDER else "",
        amount_cents=share.cents, currency_code=found.receivable.currency_code, state=state, ordered_by=_name(actor),
        next_look_at=clock.real(), created_at=clock.instant(),
    )  # fmt: skip


def _begin(session: Session, actor: Actor, row: Refund, customer_id: int) -> None:
    take(session, row, customer_id)
    note(actor, session, row, "refund.ordered", waits=row.state == "waiting")
    ring_after_commit(row)


def _take(session: Session, refund_id: int) -> Refund:
    query = select(Payment.receivable_id, Payment.customer_id).join(Refund, Refund.payment_id == Payment.id)
    found = session.execute(query.where(Refund.id == refund_id)).one_or_none()
    if found is None:
        raise NotFound("refund")
    lock(session, [found.receivable_id] if found.receivable_id else [], [found.customer_id])
    return session.get_one(Refund, refund_id, with_for_update=True, populate_existing=True)


def _name(actor: Actor) -> str:
    return f"{actor.kind}:{actor.id}"
