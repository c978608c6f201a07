"""The line of a sum becomes the parts that a notification tells of it, and one line again (SEP-8).

A notification alone books nothing (services/bank_notices.py), so money is counted once in whatever order the two come:
the parts are lines only where the line of their sum is closed in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.bank_batches import comes_to, of_data
from billing.bank_lines import Movement, line_keys
from billing.errors import Conflict, KontorError, NotAllowed, NotFound
from extensions import db
from models import BankBatch, BankLine, BankPart
from services import bank_links, bank_turns, clock
from services.actor import Actor
from services.bank_notices import close_told
from services.bank_pairs import is_bare, is_named, pairs
from services.bank_rows import insert_lines
from services.unit import end_reading, insistent, write

ANSWER = "parts"  # of a line that became its parts


def resolve(actor: Actor, statement_id: int) -> int:
    """Take apart the lines of a statement that a notification names for sure; gives how many."""
    end_reading()
    sure = (BankLine.statement_id == statement_id, BankBatch.ended_at.is_(None), is_named(), is_bare())
    found = db.session.execute(pairs().where(*sure).order_by(BankBatch.id)).all()
    done = sum(_resolved(actor, batch_id, line_id) for batch_id, line_id, _ in found)
    insistent(partial(close_told, statement_id))
    return done


def take_apart(actor: Actor, line_id: int, batch_id: int) -> int:
    """A person says that this line is that sum; gives its statement, whose lines can be matched now.

    Raises NotFound, AlreadyDone("matched"), NotAllowed("bank_line_ignored", "partly_booked"),
    Conflict("suggestion_changed"): the two do not fit (any more).
    """

    def deed() -> int:
        with write():
            statement_id = _take_apart(actor, line_id, batch_id)
            bank_turns.begin([statement_id])
            return statement_id

    return insistent(deed)


def put_together(session: Session, line: BankLine, reason: str) -> None:
    """The opposite: the line waits again, its parts are put aside. Raises NotAllowed("part_is_booked")."""
    parts = _parts_of(session, line.id)
    if any(bank_links.standing(session, each.id) for each in parts):
        raise NotAllowed("part_is_booked")
    for each in parts:
        each.state, each.answer, each.note, each.answered_at = "ignored", "", reason, clock.instant()
    line.state, line.answer, line.answered_at = "unmatched", "", None


def is_apart(session: Session, line_id: int) -> bool:
    """Whether the line is a part of a sum that is put together again: it has no life of its own then."""
    whole = select(BankLine.answer).join(BankPart, BankPart.whole_id == BankLine.id).where(BankPart.line_id == line_id)
    answer = session.scalar(whole)
    return answer is not None and answer != ANSWER


def _resolved(actor: Actor, batch_id: int, line_id: int) -> bool:
    """What was sure may have changed since: then a person looks."""
    with suppress(KontorError):
        insistent(partial(_take_apart, actor, line_id, batch_id))
        return True
    return False


def _take_apart(actor: Actor, line_id: int, batch_id: int) -> int:
    with write() as session:
        line, batch = bank_links.free(session, line_id), _locked(session, batch_id)
        _require_fit(line, batch)
        parts = of_data(batch.parts)
        if len(parts) == 1:
            _fill(line, parts[0])
        else:
            _become(session, line, parts)
        batch.line_id, batch.ended_at, batch.parts = line.id, clock.instant(), []
        bank_links.record_line(actor, "bank_line.taken_apart", line, pieces=batch.count)
        return line.statement_id


def _locked(session: Session, batch_id: int) -> BankBatch:
    query = select(BankBatch).where(BankBatch.id == batch_id).with_for_update()
    row = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound("bank_batch")
    return row


def _require_fit(line: BankLine, batch: BankBatch) -> None:
    """The account, the sum and the currency of the line; not yet another line's, except this one's own once more."""
    same = (batch.iban, batch.amount_cents, batch.currency_code) == (line.iban, line.amount_cents, line.currency_code)
    whole = batch.ended_at is None and comes_to(of_data(batch.parts), batch.amount_cents, batch.currency_code)
    if not same or not (whole or (batch.line_id == line.id and batch.count > 1)):
        raise Conflict("suggestion_changed")


def _fill(line: BankLine, part: Movement) -> None:
    """One payment alone was told in two files: the line gets the words that it lacked."""
    line.end_to_end_id, line.mandate_reference = part.end_to_end_id, part.mandate_reference
    line.other_name, line.other_iban, line.purpose = part.other_name, part.other_iban, part.purpose or line.purpose
    line.return_code, line.charges_cents = part.return_code or line.return_code, part.charges_cents


def _become(session: Session, line: BankLine, parts: Sequence[Movement]) -> None:
    """The parts as lines of the same statement, and the line closed. Without parts: those that it had before."""
    if parts:
        insert_lines(session, line.statement_id, line.iban, parts)
        keys = line_keys(parts)
        ids = session.scalars(select(BankLine.id).where(BankLine.iban == line.iban, BankLine.line_key.in_(keys))).all()
        taken = session.scalars(select(BankPart.line_id).where(BankPart.line_id.in_(ids))).all()
        if taken or len(ids) != len(parts) or line.id in ids:
            raise Conflict("suggestion_changed")
        session.add_all(BankPart(line_id=id_, whole_id=line.id) for id_ in ids)
        session.flush()
    for each in _parts_of(session, line.id):
        if each.state == "ignored":
            each.state, each.note, each.answered_at = "unmatched", "", None
    bank_links.close(session, line, ANSWER)


def _parts_of(session: Session, line_id: int) -> list[BankLine]:
    query = select(BankLine).join(BankPart, BankPart.line_id == BankLine.id).where(BankPart.whole_id == line_id)
    return list(session.scalars(query.order_by(BankLine.id).with_for_update(of=BankLine)))
