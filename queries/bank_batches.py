"""Sums and the notifications that tell their parts, as the screens show them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from extensions import db
from models import BankBatch, BankLine, BankPart

SHOWN = 50
_whole = aliased(BankLine)


@dataclass(frozen=True, slots=True)
class BatchOffer:
    """A line may be the sum of so many parts."""

    batch_id: int
    count: int
    cents: int


@dataclass(frozen=True, slots=True)
class Apart:
    """What a line is to others: a sum of `count` parts of which `waiting` wait, or a part of the sum `whole_id`."""

    count: int = 0
    waiting: int = 0
    whole_id: int | None = None
    whole_cents: int = 0


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A notification whose sum no statement has booked so far."""

    id: int
    iban: str
    booked_on: date
    cents: int
    told_cents: int
    count: int
    currency: str


def offered(lines: Sequence[BankLine]) -> Mapping[int, tuple[BatchOffer, ...]]:
    """What lines that wait could be the sums of: account, day, sum and currency are the same and no reference denies
    it, or it was so before. One statement."""
    same = and_(BankBatch.iban == BankLine.iban, BankBatch.amount_cents == BankLine.amount_cents,
                BankBatch.currency_code == BankLine.currency_code)  # fmt: skip
    unnamed = or_(BankBatch.reference == "", BankLine.reference == "", BankBatch.reference == BankLine.reference)
    whole = and_(BankBatch.ended_at.is_(None), BankBatch.told_cents == BankBatch.amount_cents,
                 BankBatch.booked_on == BankLine.booked_on, unnamed)  # fmt: skip
    before = and_(BankBatch.line_id == BankLine.id, BankBatch.count > 1)
    query = (
        select(BankLine.id, BankBatch.id, BankBatch.count, BankBatch.amount_cents)
        .join(BankBatch, same)
        .where(BankLine.id.in_([line.id for line in lines]), BankLine.state == "unmatched", or_(whole, before))
        .where(BankLine.end_to_end_id == "", BankLine.other_iban == "")
        .order_by(BankBatch.id)
    )
    found: dict[int, list[BatchOffer]] = defaultdict(list)
    for line_id, *values in db.session.execute(query):
        found[line_id].append(BatchOffer(*values))
    return {line_id: tuple(each) for line_id, each in found.items()}


def apart(line_ids: Collection[int]) -> Mapping[int, Apart]:
    """The lines among these that are sums of others, and parts. Two statements."""
    waits = func.count().filter(BankLine.state == "unmatched")
    sums = (
        select(BankPart.whole_id, func.count(), waits)
        .join(BankLine, BankLine.id == BankPart.line_id)
        .where(BankPart.whole_id.in_(line_ids)).group_by(BankPart.whole_id)
    )  # fmt: skip
    parts = (
        select(BankPart.line_id, BankPart.whole_id, _whole.amount_cents)
        .join(_whole, _whole.id == BankPart.whole_id).where(BankPart.line_id.in_(line_ids))
    )  # fmt: skip
    found = {whole_id: Apart(count, waiting) for whole_id, count, waiting in db.session.execute(sums)}
    return found | {line_id: Apart(0, 0, whole_id, cents) for line_id, whole_id, cents in db.session.execute(parts)}


def find_notified() -> tuple[BatchRow, ...]:
    """The newest notifications that wait for their statement. One statement."""
    columns = (BankBatch.id, BankBatch.iban, BankBatch.booked_on, BankBatch.amount_cents, BankBatch.told_cents,
               BankBatch.count, BankBatch.currency_code)  # fmt: skip
    query = select(*columns).where(BankBatch.ended_at.is_(None)).order_by(BankBatch.id.desc()).limit(SHOWN)
    return tuple(BatchRow(*row) for row in db.session.execute(query))
