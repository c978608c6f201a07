"""One refund on its way through its provider: the row first, then the call, then what became of it (EB-53, F12).

As with charges, every step is committed before the next call. What got no answer is `unknown` and is resolved by
reading; the same key is used again only while the provider gives the same answer for it. May run twice at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from billing.errors import NotAllowed, NotFound
from billing.refunds import PROVIDER
from extensions import db
from gateways.base import Event, Gateway, RefundWish, Refused, Unanswered
from gateways.base import Refund as Told
from models import Invoice, Payment, Refund
from services import chargeback_books, chargeback_news, clock, providers
from services.actor import SYSTEM, Actor
from services.refund_books import LEASE, give_up, move, note, succeed
from services.refund_rows import charge_of
from services.refunds import locked
from services.unit import end_reading, write

log = logging.getLogger(__name__)

CALLED = ("ordered", "approved", "sent", "pending", "unknown")
LONGEST_PAUSE = timedelta(hours=6)
UNRESOLVED = "no_answer"  # of a refund that only a person can resolve


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
        _lost(refund_id, lost.code)
    except Refused as refused:
        _refused(refund_id, refused)
    return state_of(refund_id)


def state_of(refund_id: int) -> str:
    """Raises NotFound."""
    end_reading()
    found = db.session.scalar(select(Refund.state).where(Refund.id == refund_id))
    if found is None:
        raise NotFound("refund")
    return found


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


def settle(refund_id: int, told: Told) -> None:
    """Write down what the provider says of a refund, in any order, any number of times."""

    def write_down(session: Session, row: Refund) -> None:
        row.provider_id = row.provider_id or told.id or None
        if told.status == "succeeded":
            _succeeded(session, row)
        elif told.status == "failed":
            _failed(session, row, told.reason or "failed")
        elif row.state in ("sent", "unknown"):
            move(row, "wait")
            row.next_look_at = clock.real() + _pause(row.looks)
        elif row.state == "pending":
            row.next_look_at = clock.real() + _pause(row.looks)

    _under_lock(refund_id, write_down)


def decide(actor: Actor, refund_id: int, *, went: bool) -> str:
    """A person looked at the provider's own pages: an unknown refund went, or did not. Gives its state.

    Raises NotFound and NotAllowed("wrong_state") for one that is not unknown.
    """

    def write_down(session: Session, row: Refund) -> None:
        if row.state != "unknown":
            raise NotAllowed("wrong_state", machine="refund", state=row.state, action="decide")
        note(actor, session, row, "refund.decided", went=went)
        if went:
            _succeeded(session, row)
        else:
            _failed(session, row, "decided")

    _under_lock(refund_id, write_down)
    return state_of(refund_id)


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
    if look.provider_id or look.since_sent > timedelta(hours=gateway.traits.key_hours):
        raise Unanswered(UNRESOLVED)  # the same key might give back anew: a person decides
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
        if row.way != PROVIDER or row.state not in CALLED or (row.next_look_at > clock.real() and not at_once):
            return None
        row.next_look_at, row.looks = clock.real() + LEASE, row.looks + 1
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


def _succeeded(session: Session, row: Refund) -> None:
    if row.state == "succeeded":
        return
    if row.state not in CALLED:  # withdrawn or failed here, and it went all the same: as if the money left twice
        note(SYSTEM, session, row, "refund.went_unexpectedly")
        return
    if row.state in ("ordered", "approved"):
        move(row, "send")
    succeed(session, row, clock.today(), row.provider_id or "")
    note(SYSTEM, session, row, "refund.succeeded")


def _failed(session: Session, row: Refund, reason: str) -> None:
    if row.state not in (*CALLED, "succeeded"):
        return
    if row.state in ("ordered", "approved"):
        move(row, "send")
    give_up(session, row, "fail", reason)
    note(SYSTEM, session, row, "refund.failed", reason=reason)
    chargeback_books.settle_excess(session, SYSTEM, row.payment_id)


def _lost(refund_id: int, code: str) -> None:
    """No answer: unknown. Reading goes on; what stays unresolved is listed for a person."""

    def write_down(_session: Session, row: Refund) -> None:
        if row.state in ("sent", "unknown"):
            move(row, "lose")
            row.error = code[:60]
        if row.state in ("unknown", "pending"):
            row.next_look_at = clock.real() + _pause(row.looks)

    log.warning("refund %s: %s", refund_id, code)
    _under_lock(refund_id, write_down)


def _refused(refund_id: int, refused: Refused) -> None:
    """The provider did nothing. Busy: later. A rule of its own: it failed, and staff are told."""

    def write_down(session: Session, row: Refund) -> None:
        if row.state not in ("sent", "unknown", "pending"):
            return
        if refused.permanent:
            _failed(session, row, refused.code)
        else:
            row.next_look_at = clock.real() + _pause(row.looks)

    log.warning("refund %s refused: %s", refund_id, refused.code)
    _under_lock(refund_id, write_down)


def _under_lock(refund_id: int, deed: Callable[[Session, Refund], None]) -> None:
    with write() as session:
        deed(session, locked(session, refund_id))


def _pause(looks: int) -> timedelta:
    """Longer from look to look: a minute, two, four, up to six hours."""
    return min(timedelta(minutes=2 ** min(looks, 10)), LONGEST_PAUSE)
