"""Notifications of sums are kept until the statement books them; then the line of the sum becomes its parts (SEP-8).

A notification alone books nothing, so money is counted once in whatever order the two come: the parts are lines only
where the line of their sum is closed in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from billing.bank_batches import Batch, as_data, batch_key, comes_to, gathered, of_data
from billing.bank_lines import Movement, line_keys
from billing.errors import Conflict, KontorError, NotAllowed, NotFound
from extensions import db
from models import BankBatch, BankLine, BankPart, BankStatement
from services import activities, bank_links, clock
from services.actor import Actor
from services.bank_rows import insert_lines, ring
from services.sql import insert
from services.unit import after_commit, end_reading, insistent, write

ANSWER = "parts"  # of a line that became its parts
MOST_WAITING = 500  # notifications that are compared with one statement


@dataclass(frozen=True, slots=True)
class Kept:
    """`new`: sums that were not known, or of which more is known now; `statement_ids`: statements that book some."""

    new: int
    known: int
    statement_ids: tuple[int, ...]


def keep(actor: Actor, file_id: int, batches: Sequence[Batch]) -> Kept:
    """Keep what a notification tells; twice, or in part, is fine."""
    return insistent(partial(_keep, actor, file_id, batches))


def resolve(actor: Actor, statement_id: int) -> int:
    """Take apart the lines of a statement that a notification names for sure; gives how many."""
    end_reading()
    sure = (BankLine.statement_id == statement_id, BankBatch.ended_at.is_(None), _is_named(), _is_bare())
    pairs = db.session.execute(_pairs().where(*sure).order_by(BankBatch.id)).all()
    done = sum(_resolved(actor, batch_id, line_id) for batch_id, line_id, _ in pairs)
    insistent(partial(_close_told, statement_id))
    return done


def take_apart(actor: Actor, line_id: int, batch_id: int) -> int:
    """A person says that this line is that sum; gives its statement, whose lines can be matched now.

    Raises NotFound, AlreadyDone("matched"), NotAllowed("bank_line_ignored", "partly_booked"),
    Conflict("changed_meanwhile"): the two do not fit (any more).
    """
    return insistent(partial(_take_apart, actor, line_id, batch_id))


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


def _keep(actor: Actor, file_id: int, batches: Sequence[Batch]) -> Kept:
    with write() as session:
        ids = [id_ for each in batches if (id_ := _put(session, file_id, each)) is not None]
        for row in session.scalars(select(BankBatch).where(BankBatch.id.in_(ids))).all():
            _end_if_told(session, row)
        session.flush()
        booked = _pairs().where(BankBatch.id.in_(ids), BankBatch.ended_at.is_(None), _is_named(), _is_bare())
        statements = sorted({row[2] for row in session.execute(booked)})
        again = update(BankStatement).where(BankStatement.id.in_(statements)).values(tried_at=None)
        session.execute(again)  # whoever sweeps takes it up where nobody does it at once
        if ids:
            activities.record(actor, "bank_batch.brought_in", "bank_batch", ids[0], sums=len(ids),
                              known=len(batches) - len(ids))  # fmt: skip
        for each in statements:
            after_commit(partial(ring, each))
        return Kept(len(ids), len(batches) - len(ids), tuple(statements))


def _put(session: Session, file_id: int, batch: Batch) -> int | None:
    """Its id where it is new or tells more than was known."""
    key = batch_key(batch)
    made = insert(BankBatch).values(
        iban=batch.iban, batch_key=key, booked_on=batch.booked_on, amount_cents=batch.cents,
        currency_code=batch.currency, reference=batch.reference, message_id=batch.message, file_id=file_id,
        created_at=clock.instant(), **_told(batch.parts),
    )  # fmt: skip
    id_: int | None = session.scalar(made.on_conflict_do_nothing().returning(BankBatch.id))
    return id_ if id_ is not None else _grown(session, batch, key)


def _grown(session: Session, batch: Batch, key: str) -> int | None:
    mine = select(BankBatch).where(BankBatch.iban == batch.iban, BankBatch.batch_key == key).with_for_update()
    row = session.scalars(mine.execution_options(populate_existing=True)).one()
    known = of_data(row.parts)
    parts = gathered(known, batch.parts)
    if row.ended_at is not None or len(parts) == len(known):
        return None
    for name, value in _told(parts).items():
        setattr(row, name, value)
    session.flush()
    return row.id


def _told(parts: Sequence[Movement]) -> dict[str, Any]:
    return {"parts": as_data(parts), "count": len(parts), "told_cents": sum(each.amount_cents for each in parts)}


def _pairs() -> Any:
    """(batch, line, its statement) of equal sums on one account, where the parts are whole and the line waits."""
    same = and_(BankBatch.iban == BankLine.iban, BankBatch.amount_cents == BankLine.amount_cents,
                BankBatch.currency_code == BankLine.currency_code)  # fmt: skip
    whole = (BankBatch.told_cents == BankBatch.amount_cents, BankLine.state == "unmatched")
    return select(BankBatch.id, BankLine.id, BankLine.statement_id).join(BankLine, same).where(*whole)


def _is_named() -> Any:
    """By the bank's reference for the sum, or by the notification that the statement refers to."""
    referred = and_(BankBatch.message_id != "", BankBatch.message_id == BankLine.notice_id)
    return or_(BankBatch.batch_key == BankLine.line_key, referred)


def _is_bare() -> Any:
    """A line that tells of one payer is no sum of many."""
    return and_(BankLine.end_to_end_id == "", BankLine.other_iban == "")


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
        raise Conflict("changed_meanwhile")


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
            raise Conflict("changed_meanwhile")
        session.add_all(BankPart(line_id=id_, whole_id=line.id) for id_ in ids)
        session.flush()
    for each in _parts_of(session, line.id):
        if each.state == "ignored":
            each.state, each.note, each.answered_at = "unmatched", "", None
    bank_links.close(session, line, ANSWER)


def _parts_of(session: Session, line_id: int) -> list[BankLine]:
    query = select(BankLine).join(BankPart, BankPart.line_id == BankLine.id).where(BankPart.whole_id == line_id)
    return list(session.scalars(query.order_by(BankLine.id).with_for_update(of=BankLine)))


def _close_told(statement_id: int) -> None:
    """What the statement tells one by one by itself needs no notification."""
    with write() as session:
        statement = session.get_one(BankStatement, statement_id)
        mine = (BankBatch.iban == statement.iban, BankBatch.ended_at.is_(None),
                BankBatch.booked_on <= statement.closed_on)  # fmt: skip
        query = select(BankBatch).where(*mine).order_by(BankBatch.id.desc()).limit(MOST_WAITING)
        for row in session.scalars(query).all():
            _end_if_told(session, row)


def _end_if_told(session: Session, row: BankBatch) -> None:
    parts = of_data(row.parts)
    if comes_to(parts, row.amount_cents, row.currency_code) and _are_lines(session, row, line_keys(parts)):
        row.ended_at, row.parts = clock.instant(), []


def _are_lines(session: Session, row: BankBatch, keys: Collection[str]) -> bool:
    """All parts are lines already; a bare line that is the sum itself is none of them."""
    here = (BankLine.iban == row.iban, BankLine.line_key.in_(keys))
    is_sum = and_(BankLine.line_key == row.batch_key, BankLine.state == "unmatched", _is_bare())
    return session.scalar(select(func.count()).select_from(BankLine).where(*here, ~is_sum)) == len(keys)
