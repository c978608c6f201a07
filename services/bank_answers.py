"""What is said of a bank line beside its booking: nobody's money, take it up again, undo what it became."""

from __future__ import annotations

from sqlalchemy.orm import Session

from billing.errors import AlreadyDone, Invalid, NotAllowed
from billing.unseen import as_read
from models import BankLine, Payment
from services import bank_batches, bank_links, bank_orders, clock, payment_changes
from services.actor import Actor
from services.bank_links import record_line, require_line
from services.unit import insistent, write

LONGEST_REASON = 200


def ignore(actor: Actor, line_id: int, reason: str) -> None:
    """The line has nothing to do with customers. Raises NotFound, Invalid("reason"), NotAllowed("partly_booked")."""
    reason = as_read(reason)
    if not reason:
        raise Invalid("reason", "missing")
    with write() as session:
        line = require_line(session, line_id)
        if line.state == "ignored":
            raise AlreadyDone("bank_line_ignored")
        if bank_links.standing(session, line_id):
            raise NotAllowed("partly_booked")
        line.state, line.note, line.answered_at = "ignored", reason[:LONGEST_REASON], clock.instant()
        record_line(actor, "bank_line.ignored", line, reason=reason[:LONGEST_REASON])


def take_up(actor: Actor, line_id: int) -> None:
    """A line that was ignored waits again. Raises NotFound, AlreadyDone("waiting"), NotAllowed("part_of_a_sum")."""
    with write() as session:
        line = require_line(session, line_id)
        if line.state != "ignored":
            raise AlreadyDone("waiting")
        if bank_batches.is_apart(session, line_id):
            raise NotAllowed("part_of_a_sum")
        line.state, line.note, line.answered_at = "unmatched", "", None
        record_line(actor, "bank_line.taken_up", line)


def undo(actor: Actor, line_id: int, reason: str) -> None:
    """Cancel every payment that the line became; the line waits again. Both stay visible in the books. A sum that
    became its parts is one line again, as long as none of them is booked.

    Raises NotFound, AlreadyDone("waiting"), NotAllowed("not_reversible", "part_is_booked"), and as
    `payment_changes.cancel`.
    """
    insistent(lambda: _undo(actor, line_id, reason))


def _undo(actor: Actor, line_id: int, reason: str) -> None:
    with write() as session:
        line = require_line(session, line_id)
        if line.answer == bank_batches.ANSWER:
            _put_together(actor, session, line, reason)
            return
        stands = bank_links.standing(session, line_id)
        if line.answer in bank_orders.FINAL or (line.state == "matched" and not stands):
            raise NotAllowed("not_reversible")
        if not stands:
            raise AlreadyDone("waiting")
        if not as_read(reason):
            raise Invalid("reason", "missing")
        for each in stands:
            _undo_payment(actor, session, line, each.payment_id, reason)
        record_line(actor, "bank_line.undone", line, reason=reason[:LONGEST_REASON])


def _put_together(actor: Actor, session: Session, line: BankLine, reason: str) -> None:
    if not as_read(reason):
        raise Invalid("reason", "missing")
    bank_batches.put_together(session, line, as_read(reason)[:LONGEST_REASON])
    record_line(actor, "bank_line.undone", line, reason=reason[:LONGEST_REASON])


def _undo_payment(actor: Actor, session: Session, line: BankLine, payment_id: int, reason: str) -> None:
    payment = session.get_one(Payment, payment_id)
    if payment.kind == "payment":
        payment_changes.cancel(actor, payment_id, reason)
    else:
        bank_orders.undo(actor, session, line, payment, reason)
