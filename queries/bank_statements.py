"""Bank statements as the screen shows them: a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from extensions import db
from models import BankLine, BankStatement
from queries.bank import FAILED, PAGE, of_state


@dataclass(frozen=True, slots=True)
class StatementRow:
    id: int
    iban: str
    source: str
    opened_on: date | None
    closed_on: date
    opening_cents: int | None
    closing_cents: int | None
    currency: str
    created_at: datetime
    lines: int
    waiting: int
    failed: int
    tried: int
    under_way: bool


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Movements of the statements that are being matched: `done` of `count` were tried."""

    count: int
    done: int

    @property
    def per_cent(self) -> int:
        return 100 * self.done // self.count


def find_statements(before: int | None = None) -> tuple[tuple[StatementRow, ...], int | None]:
    """The newest first, and where the next page begins. One statement."""
    lines = select(func.count()).where(BankLine.statement_id == BankStatement.id).correlate(BankStatement)
    waiting = lines.where(*of_state("open"))
    failed = waiting.where(BankLine.answer == FAILED)
    tried = lines.where(BankLine.id <= BankStatement.matched_to)
    query = select(
        BankStatement.id, BankStatement.iban, BankStatement.source, BankStatement.opened_on, BankStatement.closed_on,
        BankStatement.opening_cents, BankStatement.closing_cents, BankStatement.currency_code,
        BankStatement.created_at, lines.scalar_subquery(), waiting.scalar_subquery(),
        failed.scalar_subquery(), tried.scalar_subquery(), BankStatement.tried_at.is_(None),
    ).order_by(BankStatement.id.desc()).limit(PAGE + 1)  # fmt: skip
    if before:
        query = query.where(BankStatement.id < before)
    rows = tuple(StatementRow(*row) for row in db.session.execute(query))
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def find_under_way() -> UnderWay | None:
    """How far the matching is; None where nothing waits for it. One statement."""
    tried = func.count().filter(BankLine.id <= BankStatement.matched_to)
    lines = select(func.count(), tried).join_from(BankStatement, BankLine, BankLine.statement_id == BankStatement.id)
    found = UnderWay(*db.session.execute(lines.where(BankStatement.tried_at.is_(None))).one())
    return found if found.count else None
