"""What notifications of the bank tell of sums is kept, gathered and closed; it books nothing (SEP-8).

The line of the sum is taken apart by services/bank_batches.py once a statement has it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from billing.bank_batches import Batch, as_data, batch_key, comes_to, gathered, of_data
from billing.bank_lines import Movement, line_keys
from models import BankBatch, BankLine, BankStatement
from services import activities, bank_turns, clock
from services.actor import Actor
from services.bank_pairs import is_bare, is_named, pairs
from services.sql import insert
from services.unit import insistent, write

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


def close_told(statement_id: int) -> None:
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
    is_sum = and_(BankLine.line_key == row.batch_key, BankLine.state == "unmatched", is_bare())
    return session.scalar(select(func.count()).select_from(BankLine).where(*here, ~is_sum)) == len(keys)


def _keep(actor: Actor, file_id: int, batches: Sequence[Batch]) -> Kept:
    with write() as session:
        ids = [id_ for each in batches if (id_ := _put(session, file_id, each)) is not None]
        for row in session.scalars(select(BankBatch).where(BankBatch.id.in_(ids))).all():
            _end_if_told(session, row)
        session.flush()
        booked = pairs().where(BankBatch.id.in_(ids), BankBatch.ended_at.is_(None), is_named(), is_bare())
        statements = sorted({row[2] for row in session.execute(booked)})
        bank_turns.begin(statements)
        if ids:
            activities.record(actor, "bank_batch.brought_in", "bank_batch", ids[0], sums=len(ids),
                              known=len(batches) - len(ids))  # fmt: skip
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
