"""Bank statements as the screen shows them: a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from extensions import db
from models import BankLine, BankStatement
from queries.bank import PAGE, of_state


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


def find_statements(before: int | None = None) -> tuple[tuple[StatementRow, ...], int | None]:
    """The newest first, and where the next page begins. One statement."""
    lines = select(func.count()).where(BankLine.statement_id == BankStatement.id).correlate(BankStatement)
    waiting = lines.where(*of_state("open"))
    query = select(
        BankStatement.id, BankStatement.iban, BankStatement.source, BankStatement.opened_on, BankStatement.closed_on,
        BankStatement.opening_cents, BankStatement.closing_cents, BankStatement.currency_code,
        BankStatement.created_at, lines.scalar_subquery(), waiting.scalar_subquery(),
    ).order_by(BankStatement.id.desc()).limit(PAGE + 1)  # fmt: skip
    if before:
        query = query.where(BankStatement.id < before)
    rows = tuple(StatementRow(*row) for row in db.session.execute(query))
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None
