"""A sum that one statement books and another one tells in parts is money once (SEP-8).

The parts are lines already, so the line of the sum is closed as its parts. Sure is only what the bank's own reference,
the account, the day, the currency and the cents prove; where the sum is booked otherwise, its parts wait for a person.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from billing.errors import Conflict, KontorError
from extensions import db
from models import BankBatch, BankLine, BankPart, BankStatement
from services import bank_links, clock
from services.actor import Actor
from services.bank_batches import ANSWER
from services.bank_pairs import is_bare
from services.unit import end_reading, insistent, write

Mark = tuple[str, date, str]  # of a sum and of its parts: account, day, the bank's reference
_part, _whole = aliased(BankLine), BankLine


@dataclass(frozen=True, slots=True)
class Told:
    """Lines of an account with this reference of the bank on that day come to a sum that another statement books."""

    whole_id: int
    statement_id: int  # of the parts
    iban: str
    booked_on: date
    reference: str
    cents: int

    @property
    def mark(self) -> Mark:
        return self.iban, self.booked_on, self.reference


def resolve(actor: Actor, statement_id: int) -> int:
    """Close the sums whose parts are lines of another statement; gives how many."""
    end_reading()
    waits = _whole.state == "unmatched"
    mine = [_part.statement_id == statement_id]
    iban, days = _bare_days(statement_id)
    theirs = [_part.iban == iban, _part.booked_on.in_(days)]
    found = [*_told(mine, waits), *_told(theirs, _whole.statement_id == statement_id, waits)]
    return sum(_resolved(actor, each) for each in found)


def booked_otherwise(statement_ids: Collection[int]) -> dict[Mark, int]:
    """Sums in cents that stand booked or put aside as one line, and that lines of these statements may be the parts of.
    One statement."""
    stands = or_(_whole.state != "unmatched", _whole.payment_id.is_not(None))
    found = _told([_part.statement_id.in_(statement_ids)], stands, _whole.answer != ANSWER)
    return {each.mark: each.cents for each in found}


def mark_of(line: BankLine) -> Mark:
    return line.iban, line.booked_on, line.reference


def _told(parts: Sequence[ColumnElement[bool]], *wholes: ColumnElement[bool]) -> tuple[Told, ...]:
    """Added up first: so a day of many lines is read once, and each sum is found by an index."""
    is_part = exists().where(BankPart.line_id == _part.id)
    sums = (
        select(_part.statement_id, _part.iban, _part.booked_on, _part.currency_code, _part.reference,
               func.sum(_part.amount_cents).label("cents"))
        .where(*parts, _part.reference != "", ~is_part)
        .group_by(_part.statement_id, _part.iban, _part.booked_on, _part.currency_code, _part.reference)
        .having(func.count() > 1).subquery()
    )  # fmt: skip
    same = and_(_whole.iban == sums.c.iban, _whole.booked_on == sums.c.booked_on, _whole.amount_cents == sums.c.cents,
                _whole.currency_code == sums.c.currency_code, _whole.reference == sums.c.reference,
                _whole.statement_id != sums.c.statement_id)  # fmt: skip
    columns = (_whole.id, sums.c.statement_id, _whole.iban, _whole.booked_on, _whole.reference, _whole.amount_cents)
    known = exists().where(or_(BankPart.whole_id == _whole.id, BankPart.line_id == _whole.id))
    query = select(*columns).join(sums, same).where(*wholes, is_bare(), ~known).order_by(_whole.id)
    return tuple(Told(*row) for row in db.session.execute(query))


def _bare_days(statement_id: int) -> tuple[str, list[date]]:
    """The days on which the statement books a sum of which it tells nothing."""
    mine = (_whole.statement_id == statement_id, _whole.state == "unmatched", _whole.reference != "", is_bare())
    rows = db.session.execute(select(_whole.iban, _whole.booked_on).where(*mine).distinct()).all()
    return (rows[0][0] if rows else ""), [day for _, day in rows]


def _resolved(actor: Actor, told: Told) -> bool:
    """What was sure may have changed since: then a person looks."""
    with suppress(KontorError):
        insistent(partial(_close, actor, told))
        return True
    return False


def _close(actor: Actor, told: Told) -> None:
    with write() as session:
        whole = bank_links.free(session, told.whole_id)
        parts = _locked(session, told, whole)
        if len(parts) < 2 or sum(each.amount_cents for each in parts) != whole.amount_cents:
            raise Conflict("suggestion_changed")
        session.add_all(BankPart(line_id=each.id, whole_id=whole.id) for each in parts)
        _note(session, whole, parts)
        bank_links.close(session, whole, ANSWER)
        bank_links.record_line(actor, "bank_line.taken_apart", whole, pieces=len(parts))


def _locked(session: Session, told: Told, whole: BankLine) -> list[BankLine]:
    mine = (BankLine.iban == told.iban, BankLine.booked_on == told.booked_on, BankLine.reference == told.reference,
            BankLine.currency_code == whole.currency_code, BankLine.statement_id == told.statement_id)  # fmt: skip
    query = select(BankLine).where(*mine, ~exists().where(BankPart.line_id == BankLine.id)).order_by(BankLine.id)
    return list(session.scalars(query.with_for_update().execution_options(populate_existing=True)))


def _note(session: Session, whole: BankLine, parts: Sequence[BankLine]) -> None:
    """As if a notification had told them: by it a sum that is put together again is taken apart anew. One that waits
    for the rest of its parts has its answer now."""
    known = select(BankBatch).where(BankBatch.iban == whole.iban, BankBatch.batch_key == whole.line_key)
    row: Any = session.scalars(known.with_for_update()).one_or_none()
    if row is None:
        file_id = session.get_one(BankStatement, parts[0].statement_id).file_id
        row = BankBatch(
            iban=whole.iban, batch_key=whole.line_key, booked_on=whole.booked_on, amount_cents=whole.amount_cents,
            currency_code=whole.currency_code, reference=whole.reference, file_id=file_id, created_at=clock.instant(),
        )  # fmt: skip
        session.add(row)
    row.line_id, row.ended_at, row.parts = whole.id, clock.instant(), []
    row.count, row.told_cents = len(parts), whole.amount_cents
