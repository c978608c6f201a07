"""One attempt on its way through its provider: a row first, the object made, its id kept, then set off (F3, F12).

Every step is committed before the next call, so whoever dies in between leaves a row that says how far it was. What
got no answer is `unknown` and is resolved by reading alone; nobody charges again (EB-51). May run twice at once: the
key makes it one charge, the row's lock makes it one booking.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from billing.errors import NotFound
from extensions import db
from gateways.base import Charge, ChargeWish, Gateway, Refused, Unanswered
from models import PaymentAttempt
from services import attempt_answers, attempt_standing, clock, looks, providers
from services.attempt_answers import lose, refuse, settle, under_lock
from services.attempt_rows import UNDER_WAY, locked, move, wish_of
from services.unit import end_reading, write

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """An attempt as it was when somebody took it in hand."""

    id: int
    state: str
    provider_id: str
    wish: ChargeWish
    gateway: str
    since_sent: timedelta
    is_over: bool  # the customer had their time to confirm


def waiting(limit: int) -> list[int]:
    """Attempts whose next look has come, oldest first; for the sweeper (F6)."""
    due = (PaymentAttempt.state.in_(UNDER_WAY), PaymentAttempt.next_look_at <= clock.real())
    query = select(PaymentAttempt.id).where(*due).order_by(PaymentAttempt.next_look_at)
    return list(db.session.scalars(query.limit(limit)))


def carry_on(attempt_id: int, *, at_once: bool = False) -> str:
    """Bring an attempt as far as it goes now; gives its state. `at_once` does not wait for its next look.

    Raises NotFound for an unknown id. A provider that is not offered any more leaves it as it is, for later.
    """
    look = _take(attempt_id, at_once)
    if look is None:
        return state_of(attempt_id)
    try:
        gateway = providers.gateway_of(look.gateway)
    except NotFound:
        return state_of(attempt_id)
    try:
        settle(attempt_id, _ask(gateway, look))
    except Unanswered as lost:
        lose(attempt_id, lost.code)
    except Refused as refused:
        refuse(attempt_id, refused)
    return state_of(attempt_id)


def state_of(attempt_id: int) -> str:
    """Raises NotFound."""
    end_reading()
    found = db.session.scalar(select(PaymentAttempt.state).where(PaymentAttempt.id == attempt_id))
    if found is None:
        raise NotFound("attempt")
    return found


def hear(gateway: str, charge_id: str, key: str) -> int | None:
    """An event told of a charge: the attempt that it belongs to, by the provider's id or by our key (EB-58)."""
    of_provider = PaymentAttempt.gateway == gateway
    mine = or_(PaymentAttempt.provider_id == charge_id, PaymentAttempt.key == key)
    found: int | None = db.session.scalar(select(PaymentAttempt.id).where(of_provider, mine))
    return found


def _ask(gateway: Gateway, look: Look) -> Charge:
    if look.state == "planned":
        made = gateway.create(look.wish)
        charge_id = "" if made is None else made.id
        _prepared(look.id, charge_id)
        return gateway.confirm(look.wish, charge_id)
    if not gateway.traits.reads:
        return _ask_by_key(gateway, look)
    found = gateway.fetch(look.provider_id) if look.provider_id else gateway.find(look.wish)
    if found is not None and found.status == "needs_action" and look.state == "needs_action" and look.is_over:
        return _call_off(gateway, look, found)
    if found is not None and found.status != "created":
        return found
    if look.state == "needs_action" and found is not None:
        return found
    looks.require_same_answer(gateway, look.since_sent)
    return gateway.confirm(look.wish, look.provider_id)


def _ask_by_key(gateway: Gateway, look: Look) -> Charge:
    """A provider that cannot be read gives the same outcome for the same key, for so many hours; it tells the rest by
    events. After that the key would charge anew."""
    if look.state == "needs_action":
        waits = Charge(look.provider_id, "needs_action", 0, look.wish.currency)
        return _call_off(gateway, look, waits) if look.is_over else waits
    looks.require_same_answer(gateway, look.since_sent)
    return gateway.confirm(look.wish, look.provider_id)


def _call_off(gateway: Gateway, look: Look, found: Charge) -> Charge:
    """Before nobody waits any more: what stays open at the provider could still be confirmed, beside the next try. One
    that was confirmed meanwhile has paid; where the provider cannot call it off it is given up as it is, and a second
    yes is noted (services/checks_notes.py)."""
    try:
        ended = gateway.cancel(look.provider_id, look.wish.key)
    except Refused as refused:
        log.warning("attempt %s stays open at the provider: %s", look.id, refused.code)
        return found
    if ended.status != "cancelled":
        return ended
    return replace(ended, decline_kind="action", decline_code="not_confirmed")


def _take(attempt_id: int, at_once: bool) -> Look | None:
    """The attempt in our hands for a while; None where it is over, or in somebody else's."""
    with write() as session:
        row = locked(session, attempt_id)
        if row.state not in UNDER_WAY or not (at_once or looks.is_due(row)):
            return None
        if not attempt_standing.follow(session, row):
            return None
        looks.take(row)
        since = clock.instant() - row.sent_at if row.sent_at else timedelta(0)
        over = attempt_answers.is_over(row)
        return Look(row.id, row.state, row.provider_id or "", wish_of(session, row), row.gateway, since, over)


def _prepared(attempt_id: int, charge_id: str) -> None:
    """The provider's id is kept before anything moves; then it counts as sent."""

    def keep(session: Session, row: PaymentAttempt) -> None:
        if row.state != "planned":
            return
        if charge_id:
            row.provider_id = charge_id
            move(row, "prepare")
        move(row, "send")
        row.sent_at = clock.instant()

    under_lock(attempt_id, keep)
