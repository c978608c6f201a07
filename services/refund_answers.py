"""What became of a refund, written down: by the provider's answer or event, or by a person who looked it up there.

In any order and any number of times: the row's state under its lock decides what is still news (EB-55, EB-58).
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from sqlalchemy.orm import Session

from billing.errors import NotAllowed
from gateways.base import Refund as Told
from gateways.base import Refused
from models import Refund
from services import chargeback_books, clock, looks
from services.actor import SYSTEM, Actor
from services.refund_books import give_up, move, note, succeed
from services.refund_rows import state_of
from services.refunds import locked
from services.unit import write

log = logging.getLogger(__name__)

CALLED = ("ordered", "approved", "sent", "pending", "unknown")


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
            looks.wait(row)
        elif row.state == "pending":
            looks.wait(row)

    under_lock(refund_id, write_down)


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

    under_lock(refund_id, write_down)
    return state_of(refund_id)


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


def lose(refund_id: int, code: str) -> None:
    """No answer: unknown. Reading goes on; what stays unresolved is listed for a person."""

    def write_down(_session: Session, row: Refund) -> None:
        if row.state in ("sent", "unknown"):
            move(row, "lose")
            row.error = code[:60]
        if row.state in ("unknown", "pending"):
            looks.wait(row)

    log.warning("refund %s: %s", refund_id, code)
    under_lock(refund_id, write_down)


def refuse(refund_id: int, refused: Refused) -> None:
    """The provider did nothing. Busy: later. A rule of its own: it failed, and staff are told."""

    def write_down(session: Session, row: Refund) -> None:
        if row.state not in ("sent", "unknown", "pending"):
            return
        if refused.permanent:
            _failed(session, row, refused.code)
        else:
            looks.wait(row)

    log.warning("refund %s refused: %s", refund_id, refused.code)
    under_lock(refund_id, write_down)


def under_lock(refund_id: int, deed: Callable[[Session, Refund], None]) -> None:
    with write() as session:
        deed(session, locked(session, refund_id))
