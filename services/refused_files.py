"""A file that the bank refused as a whole: nothing of it was carried out, so all of it goes on anew (SEP-2, SEP-6)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.debits import FILE_REFUSED
from billing.errors import AlreadyDone, Invalid, NotAllowed, NotFound
from billing.unseen import as_read
from models import Debit, Mandate, PaymentFile, Receivable, Refund
from services import activities, clock, debit_letters
from services.actor import Actor
from services.debit_plan import again
from services.debits import amend_unused
from services.payment_rows import lock
from services.planned_debits import ask_to_transfer, mandate_now
from services.unit import write


def put_back(actor: Actor, file_id: int, reason: str) -> int:
    """The bank refused a file as a whole, so nothing of it was carried out: its debits are planned and announced anew,
    and its transfers wait for the next file. Gives how many go on; what cannot be collected any more stays open.

    Raises NotFound, AlreadyDone("rejected"), Invalid("reason") without one, NotAllowed: "not_submitted", and
    "bank_told_of_it" once the bank credited, debited or returned any of it.
    """
    if not as_read(reason).strip():
        raise Invalid("reason", "missing")
    with write() as session:
        row = _handed_in(session, file_id)
        row.rejected_at = clock.instant()
        count = _debits_again(session, actor, row) + _transfers_again(session, row)
        session.flush()
        activities.record(actor, "payment_file.rejected", "payment_file", row.id, number=row.message_id, count=count,
                          amount_cents=row.total_cents, currency=row.currency_code,
                          reason=as_read(reason)[:140])  # fmt: skip
        return count


def _handed_in(session: Session, file_id: int) -> PaymentFile:
    row: PaymentFile | None = session.get(PaymentFile, file_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("payment_file")
    if row.rejected_at is not None:
        raise AlreadyDone("rejected")
    if row.submitted_at is None:
        raise NotAllowed("not_submitted")
    told_debit = select(Debit.id).where(Debit.file_id == row.id, Debit.state != "submitted")
    told_refund = select(Refund.id).where(Refund.file_id == row.id, Refund.state != "sent")
    if any(session.scalar(query.limit(1)) is not None for query in (told_debit, told_refund)):
        raise NotAllowed("bank_told_of_it")
    return row


def _debits_again(session: Session, actor: Actor, file: PaymentFile) -> int:
    """Each is over with this file, and stands anew under a name of its own (SEP-6): banks take none twice."""
    debits = session.scalars(select(Debit).where(Debit.file_id == file.id).order_by(Debit.receivable_id)).all()
    owed = lock(session, {debit.receivable_id for debit in debits})
    for debit in debits:
        debit.state, debit.return_code, debit.ended_at = "returned", FILE_REFUSED, clock.instant()
    session.flush()
    amend_unused(session, {debit.mandate_id for debit in debits})
    mandates = {debit.id: mandate_now(session, debit, clock.today()) for debit in debits}
    still_owed = [each for each in debits if owed[each.receivable_id].open_cents > 0]
    ask_to_transfer(session, [each for each in still_owed if mandates[each.id] is None])
    return sum(_again(session, actor, each, owed[each.receivable_id], mandates[each.id]) for each in debits)


def _again(session: Session, actor: Actor, debit: Debit, row: Receivable, mandate: Mandate | None) -> bool:
    made = again(session, debit, row, mandate) if mandate is not None else None
    if made is None:
        return False
    activities.record(actor, "debit.planned_again", "debit", made.id, customer_id=made.customer_id,
                      amount_cents=made.amount_cents, currency=made.currency_code,
                      due_on=made.collect_on.isoformat())  # fmt: skip
    debit_letters.tell_again(session, made)
    return True


def _transfers_again(session: Session, file: PaymentFile) -> int:
    refunds = session.scalars(select(Refund).where(Refund.file_id == file.id, Refund.state == "sent")).all()
    for refund in refunds:
        refund.state, refund.file_id = "approved" if refund.approved_by else "ordered", None
    return len(refunds)
