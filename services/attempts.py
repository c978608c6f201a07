"""One attempt on its way through its provider: a row first, the object made, its id kept, then set off (F3, F12).

Every step is committed before the next call, so whoever dies in between leaves a row that says how far it was. What
got no answer is `unknown` and is resolved by reading alone; nobody charges again (EB-51). May run twice at once: the
key makes it one charge, the row's lock makes it one booking.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from billing.errors import NotFound
from extensions import db
from gateways.base import Charge, ChargeWish, Gateway, Refused, Unanswered
from models import Customer, PaymentAttempt
from services import clock, collecting, payment_letters, providers
from services.attempt_rows import LEASE, UNDER_WAY, move, wish_of
from services.customers import lock_records
from services.payment_settings import payment_settings
from services.unit import end_reading, write

log = logging.getLogger(__name__)

LONGEST_PAUSE = timedelta(hours=6)
UNRESOLVED = "no_answer"  # of an attempt that only a person can resolve


@dataclass(frozen=True, slots=True)
class Look:
    """An attempt as it was when somebody took it in hand."""

    id: int
    state: str
    provider_id: str
    wish: ChargeWish
    gateway: str
    since_sent: timedelta


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
        _answer(attempt_id, _ask(gateway, look))
    except Unanswered as lost:
        _lost(attempt_id, lost.code)
    except Refused as refused:
        _refused(attempt_id, refused)
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


def settle(attempt_id: int, charge: Charge) -> None:
    """Write down what the provider says of an attempt, whoever asked; in any order, any number of times."""
    _answer(attempt_id, charge)


def _ask(gateway: Gateway, look: Look) -> Charge:
    if look.state == "planned":
        made = gateway.create(look.wish)
        charge_id = "" if made is None else made.id
        _prepared(look.id, charge_id)
        return gateway.confirm(look.wish, charge_id)
    if not gateway.traits.reads:
        return _ask_by_key(gateway, look)
    found = gateway.fetch(look.provider_id) if look.provider_id else gateway.find(look.wish)
    if found is not None and found.status != "created":
        return found
    if look.state == "needs_action" and found is not None:
        return found
    if look.since_sent > timedelta(hours=gateway.traits.key_hours):
        raise Unanswered(UNRESOLVED)  # the same key might charge anew: a person decides
    return gateway.confirm(look.wish, look.provider_id)


def _ask_by_key(gateway: Gateway, look: Look) -> Charge:
    """A provider that cannot be read gives the same outcome for the same key, for so many hours; it tells the rest by
    events. After that the key would charge anew."""
    if look.state == "needs_action":
        return Charge(look.provider_id, "needs_action", 0, look.wish.currency)
    if look.since_sent > timedelta(hours=gateway.traits.key_hours):
        raise Unanswered(UNRESOLVED)
    return gateway.confirm(look.wish, look.provider_id)


def _take(attempt_id: int, at_once: bool) -> Look | None:
    """The attempt in our hands for a while; None where it is over, or in somebody else's."""
    with write() as session:
        row = session.get(PaymentAttempt, attempt_id, with_for_update=True, populate_existing=True)
        if row is None:
            raise NotFound("attempt")
        if row.state not in UNDER_WAY or (row.next_look_at > clock.real() and not at_once):
            return None
        row.next_look_at, row.looks = clock.real() + LEASE, row.looks + 1
        since = clock.instant() - row.sent_at if row.sent_at else timedelta(0)
        return Look(row.id, row.state, row.provider_id or "", wish_of(session, row), row.gateway, since)


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

    _under_lock(attempt_id, keep)


def _answer(attempt_id: int, charge: Charge) -> None:
    def note(session: Session, row: PaymentAttempt) -> None:
        row.provider_id = row.provider_id or charge.id or None
        if charge.status in ("succeeded", "processing"):
            _accept(session, row, charge)
        elif row.state not in UNDER_WAY:
            return
        elif charge.status in ("declined", "cancelled"):
            _decline(session, row, charge.decline_kind or "soft", charge.decline_code or charge.status)
        elif charge.status == "needs_action":
            _wait_for_customer(session, row, charge.url)
        else:
            row.next_look_at = clock.real() + _pause(row.looks)

    _under_lock(attempt_id, note)


def _accept(session: Session, row: PaymentAttempt, charge: Charge) -> None:
    if row.state != "accepted":
        move(row, "accept")
        row.decline_kind, row.decline_code, row.action_url = "", "", ""
    collecting.accept(session, row, charge)


def _decline(session: Session, row: PaymentAttempt, kind: str, code: str) -> None:
    move(row, "decline")
    row.decline_kind, row.decline_code, row.action_url = kind, code[:60], ""
    session.flush()
    collecting.decline(session, row)


def _wait_for_customer(session: Session, row: PaymentAttempt, url: str) -> None:
    """Told once; whoever does not confirm in time is asked no more."""
    if row.state == "needs_action":
        if clock.instant() > row.created_at + timedelta(payment_settings().action_days):
            _decline(session, row, "action", "not_confirmed")
            return
    else:
        move(row, "ask")
        row.action_url = url[:500]
        session.flush()
        payment_letters.tell_action(session, row)
    row.next_look_at = clock.real() + _pause(row.looks)


def _lost(attempt_id: int, code: str) -> None:
    """No answer: unknown. Reading goes on; what stays unresolved is listed for a person."""

    def note(session: Session, row: PaymentAttempt) -> None:
        if row.state not in UNDER_WAY:
            return
        if row.state == "planned":  # whether the object was made makes no difference: the same key finds it
            row.next_look_at = clock.real() + _pause(row.looks)
            return
        move(row, "lose")
        row.decline_code = code[:60]
        row.next_look_at = clock.real() + _pause(row.looks)

    log.warning("attempt %s: %s", attempt_id, code)
    _under_lock(attempt_id, note)


def _refused(attempt_id: int, refused: Refused) -> None:
    """The provider did nothing. Busy: later. A rule of its own: as a decline that no repetition helps."""

    def note(session: Session, row: PaymentAttempt) -> None:
        if row.state not in UNDER_WAY:
            return
        if not refused.permanent:
            row.next_look_at = clock.real() + _pause(row.looks)
        else:
            _decline(session, row, "hard", refused.code)

    log.warning("attempt %s refused: %s", attempt_id, refused.code)
    _under_lock(attempt_id, note)


def _under_lock(attempt_id: int, deed: Callable[[Session, PaymentAttempt], None]) -> None:
    """The customer first, as everybody does, then the attempt."""
    with write() as session:
        owner = select(PaymentAttempt.customer_id).where(PaymentAttempt.id == attempt_id).scalar_subquery()
        lock_records(session, select(Customer.survivor_id).where(Customer.id == owner))
        row = session.get_one(PaymentAttempt, attempt_id, with_for_update=True, populate_existing=True)
        deed(session, row)


def _pause(looks: int) -> timedelta:
    """Longer from look to look: a minute, two, four, up to six hours."""
    return min(timedelta(minutes=2 ** min(looks, 10)), LONGEST_PAUSE)
