"""What a provider said of an attempt, written down: taken, declined, a word from the customer wanted, no answer at all.

In any order and any number of times: the row's state under its lock decides what is still news (EB-55, EB-58).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.orm import Session

from gateways.base import Charge, Refused
from models import PaymentAttempt
from services import clock, collecting, looks, method_holds, payment_letters
from services.attempt_rows import UNDER_WAY, locked, move
from services.payment_settings import payment_settings
from services.unit import write

log = logging.getLogger(__name__)


def settle(attempt_id: int, charge: Charge) -> None:
    """Write down what the provider says of an attempt, whoever asked; in any order, any number of times."""

    def note(session: Session, row: PaymentAttempt) -> None:
        row.provider_id = row.provider_id or charge.id or None
        if charge.status in ("succeeded", "processing"):
            _accept(session, row, charge)
        elif row.state not in UNDER_WAY:
            return
        elif charge.status in ("declined", "cancelled"):
            _decline(session, row, charge.decline_kind or "soft", charge.decline_code or charge.status)
            if charge.decline_kind == "hard":  # stolen, closed: not asked again by itself (EB-51)
                method_holds.hold(session, row.method_id, method_holds.DECLINED)
        elif charge.status == "needs_action":
            _wait_for_customer(session, row, charge.url)
        else:
            looks.wait(row)

    under_lock(attempt_id, note)


def _accept(session: Session, row: PaymentAttempt, charge: Charge) -> None:
    if row.state != "accepted":
        move(row, "accept")
        row.decline_kind, row.decline_code, row.action_url = "", "", ""
        method_holds.has_paid(session, row)
    collecting.accept(session, row, charge)


def _decline(session: Session, row: PaymentAttempt, kind: str, code: str) -> None:
    move(row, "decline")
    row.decline_kind, row.decline_code, row.action_url = kind, code[:60], ""
    session.flush()
    collecting.decline(session, row)


def _wait_for_customer(session: Session, row: PaymentAttempt, url: str) -> None:
    """Told once; whoever does not confirm in time is asked no more."""
    if row.state == "needs_action":
        if is_over(row):
            _decline(session, row, "action", "not_confirmed")
            return
    else:
        move(row, "ask")
        row.action_url = url[:500]
        session.flush()
        payment_letters.tell_action(session, row)
    looks.wait(row)


def is_over(row: PaymentAttempt) -> bool:
    """Whether the customer had their time to confirm."""
    return clock.instant() > row.created_at + timedelta(payment_settings().action_days)


def lose(attempt_id: int, code: str) -> None:
    """No answer: unknown. Reading goes on; what stays unresolved is listed for a person."""

    def note(session: Session, row: PaymentAttempt) -> None:
        if row.state not in UNDER_WAY:
            return
        if row.state != "planned":  # there it makes no difference whether the object was made: the same key finds it
            move(row, "lose")
            row.decline_code = code[:60]
        looks.wait(row)

    log.warning("attempt %s: %s", attempt_id, code)
    under_lock(attempt_id, note)


def refuse(attempt_id: int, refused: Refused) -> None:
    """The provider did nothing. Busy: later. A rule of its own: as a decline that no repetition helps."""

    def note(session: Session, row: PaymentAttempt) -> None:
        if row.state not in UNDER_WAY:
            return
        if not refused.permanent:
            looks.wait(row)
        else:
            _decline(session, row, "hard", refused.code)

    log.warning("attempt %s refused: %s", attempt_id, refused.code)
    under_lock(attempt_id, note)


def under_lock(attempt_id: int, deed: Callable[[Session, PaymentAttempt], None]) -> None:
    """The deed in a transaction of its own, with the attempt locked. Raises NotFound."""
    with write() as session:
        deed(session, locked(session, attempt_id))
