"""Which payments a bank line became, and whether any of it is left. Written with the payment, in its transaction.

A payment that is cancelled or moved takes its line along, whoever does it: so a line never says that it is booked when
the books do not.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from billing.errors import AlreadyDone, NotAllowed, NotFound
from models import BankLine, BankMatch, Payment
from services import activities, clock
from services.actor import Actor

_undoing = aliased(Payment)


def link(session: Session, line: BankLine, payment_id: int, cents: int, answer: str) -> None:
    """So many cents of a locked line are this payment."""
    session.add(BankMatch(line_id=line.id, payment_id=payment_id, amount_cents=cents, created_at=clock.instant()))
    session.flush()
    line.answer = answer
    _tally(session, line)


def let_go(session: Session, payment_id: int) -> None:
    """The payment was undone: what it was of its line waits again."""
    line = _line_of(session, payment_id)
    if line is not None:
        _tally(session, line)


def stays(session: Session, payment_id: int) -> None:
    """The payment was undone by a movement of its own, such as a transfer that came back: its line stays as it is."""
    line = _line_of(session, payment_id)
    if line is not None and line.payment_id == payment_id:
        line.payment_id = None


def close(session: Session, line: BankLine, answer: str) -> None:
    """The line is seen to, though a part of it moved nothing in the books."""
    line.state, line.answer, line.answered_at = "matched", answer, clock.instant()


def follow(session: Session, payment_id: int, anew_id: int) -> None:
    """The payment was undone where it stood and stands anew: it is the same money of the same line."""
    line = _line_of(session, payment_id)
    if line is None:
        return
    cents = session.scalars(select(BankMatch.amount_cents).where(BankMatch.payment_id == payment_id)).one()
    link(session, line, anew_id, cents, line.answer or "person")


def standing(session: Session, line_id: int) -> list[BankMatch]:
    """The matches of a line whose payments stand, in their order."""
    stands = ~exists().where(_undoing.reverses_id == BankMatch.payment_id)
    query = select(BankMatch).where(BankMatch.line_id == line_id, stands).order_by(BankMatch.id)
    return list(session.scalars(query))


def booked_cents(session: Session, line_id: int) -> int:
    """How much of a line stands booked."""
    return sum(each.amount_cents for each in standing(session, line_id))


def ever(session: Session, line_id: int) -> int:
    """How many payments the line ever became, those undone among them."""
    return int(session.scalar(select(func.count()).where(BankMatch.line_id == line_id)) or 0)


def is_on_a_line(session: Session, payment_id: int) -> bool:
    """Whether a line is this payment already; a payment is on one line."""
    return session.scalar(select(BankMatch.id).where(BankMatch.payment_id == payment_id)) is not None


def locked(session: Session, line_id: int) -> BankLine | None:
    query = select(BankLine).where(BankLine.id == line_id).with_for_update()
    row: BankLine | None = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    return row


def require_line(session: Session, line_id: int) -> BankLine:
    """The same. Raises NotFound."""
    line = locked(session, line_id)
    if line is None:
        raise NotFound("bank_line")
    return line


def free(session: Session, line_id: int) -> BankLine:
    """A locked line of which nothing is booked. Raises NotFound, AlreadyDone("matched"),
    NotAllowed("bank_line_ignored", "partly_booked")."""
    line = require_line(session, line_id)
    if line.state == "matched":
        raise AlreadyDone("matched")
    if line.state == "ignored":
        raise NotAllowed("bank_line_ignored")
    if standing(session, line_id):
        raise NotAllowed("partly_booked")
    return line


def record_line(actor: Actor, code: str, line: BankLine, **facts: Any) -> None:
    """An activity about a line, with what it moved."""
    activities.record(actor, code, "bank_line", line.id, amount_cents=line.amount_cents,
                      currency=line.currency_code, booked_on=line.booked_on.isoformat(), **facts)  # fmt: skip


def _line_of(session: Session, payment_id: int) -> BankLine | None:
    line_id = session.scalar(select(BankMatch.line_id).where(BankMatch.payment_id == payment_id))
    return locked(session, line_id) if line_id is not None else None


def _tally(session: Session, line: BankLine) -> None:
    stands = standing(session, line.id)
    whole = sum(each.amount_cents for each in stands) == abs(line.amount_cents)
    line.state = "matched" if whole else "unmatched"
    line.payment_id = stands[0].payment_id if stands else None
    line.answer = line.answer if stands else ""
    line.answered_at = clock.instant() if stands else None
