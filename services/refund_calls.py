"""One refund on its way through its provider: the row first, then the call, then what became of it (EB-53, F12).

As with charges, every step is committed before the next call. What got no answer is `unknown` and is resolved by
reading; the same key is used again only while the provider gives the same answer for it. May run twice at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from billing.errors import NotFound
from billing.refunds import PROVIDER
from extensions import db
from gateways.base import Event, Gateway, RefundWish, Refused, Unanswered
from gateways.base import Refund as Told
from models import Invoice, Payment, Refund
from services import chargeback_news, clock, looks, providers
from services.looks import UNRESOLVED
from services.refund_answers import CALLED, lose, refuse, settle
from services.refund_books import move
from services.refund_rows import charge_of, state_of
from services.refunds import locked
from services.unit import end_reading, write


@dataclass(frozen=True, slots=True)
class Look:
    """A refund as it was when somebody took it in hand. `is_first`: nobody was asked before."""

    id: int
    provider_id: str
    wish: RefundWish
    gateway: str
    is_first: bool
    since_sent: timedelta


def waiting(limit: int) -> list[int]:
    """Refunds by providers whose next look has come, oldest first; for the sweeper (F6)."""
    due = (Refund.way == PROVIDER, Refund.state.in_(CALLED), Refund.next_look_at <= clock.real())
    return list(db.session.scalars(select(Refund.id).where(*due).order_by(Refund.next_look_at).limit(limit)))


def carry_on(refund_id: int, *, at_once: bool = False) -> str:
    """Bring a refund as far as it goes now; gives its state. `at_once` does not wait for its next look.

    Raises NotFound for an unknown id. A provider that is not offered any more leaves it as it is.
    """
    end_reading()
    try:
        gateway = providers.gateway_of(_gateway_of(refund_id))
    except NotFound:
        return state_of(refund_id)
    look = _take(refund_id, at_once)
    if look is None:
        return state_of(refund_id)
    try:
        settle(refund_id, _ask(gateway, look))
    except Unanswered as lost:
        lose(refund_id, lost.code)
    except Refused as refused:
        refuse(refund_id, refused)
    return state_of(refund_id)


def take_event(gateway: str, event: Event) -> bool:
    """An event told of a refund: it is read anew, or the event's own word is taken. False for one that nobody ordered
    here; that is noted at the payment, for money went back without a cancellation (M2-08).

    Raises NotFound("unknown_refund")
    while a refund of ours waits for the answer that has its id.
    """
    mine = or_(Refund.provider_id == event.object_id, Refund.key == event.key)
    refund_id = db.session.scalar(select(Refund.id).where(Refund.gateway == gateway, mine))
    if refund_id is None:
        _refuse_early(gateway, event)
        chargeback_news.note_foreign_refund(gateway, event)
        return False
    if event.refund is not None:
        settle(refund_id, event.refund)
    else:
        carry_on(refund_id, at_once=True)
    return True


def _refuse_early(gateway: str, event: Event) -> None:
    """News may be faster than the answer that names our refund."""
    waits = (Refund.gateway == gateway, Refund.provider_id.is_(None), Refund.state.in_(("sent", "unknown")))
    if db.session.scalar(select(Refund.id).where(*waits).limit(1)) is not None:
        raise NotFound("unknown_refund")


def _ask(gateway: Gateway, look: Look) -> Told:
    if look.is_first:
        return gateway.refund(look.wish)
    if not gateway.traits.reads and look.provider_id:
        return Told(look.provider_id, "pending", look.wish.cents, look.wish.currency)  # its event tells the rest
    if not gateway.traits.reads:
        found = None
    elif look.provider_id:
        found = gateway.fetch_refund(look.provider_id, look.wish.charge_id)
    else:
        found = gateway.find_refund(look.wish)
    if found is not None:
        return found
    if look.provider_id:
        raise Unanswered(UNRESOLVED)  # it has a name there and is not found: a person decides
    looks.require_same_answer(gateway, look.since_sent)
    return gateway.refund(look.wish)


def _gateway_of(refund_id: int) -> str:
    found = db.session.scalar(select(Refund.gateway).where(Refund.id == refund_id))
    if found is None:
        raise NotFound("refund")
    return found


def _take(refund_id: int, at_once: bool) -> Look | None:
    """The refund in our hands for a while, `sent` from here on; None where it is over, or in somebody else's."""
    with write() as session:
        row = locked(session, refund_id)
        if row.way != PROVIDER or row.state not in CALLED or not (at_once or looks.is_due(row)):
            return None
        looks.take(row)
        is_first = row.state in ("ordered", "approved")
        if is_first:
            move(row, "send")
            row.sent_at = clock.instant()
        since = clock.instant() - (row.sent_at or row.created_at)
        return Look(row.id, row.provider_id or "", _wish(session, row), row.gateway, is_first, since)


def _wish(session: Session, row: Refund) -> RefundWish:
    """The same for every call of this refund: its key says so."""
    payment = session.get_one(Payment, row.payment_id)
    number = session.get_one(Invoice, row.correction_id).number or ""
    return RefundWish(row.key, charge_of(session, payment), row.amount_cents, row.currency_code, number)
