"""How far the lines of a statement were tried: it stands in the statement's row, so a job takes some chunks at a time,
and whoever is killed is taken up there (F6).

`asked` counts how often they were asked to be tried from the first on. Who works for an older request, or was passed
by another worker, stops.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select, update

from extensions import db
from models import BankStatement
from services import clock
from services.unit import end_reading, insistent, write


@dataclass(frozen=True, slots=True)
class Turn:
    """The lines up to `at` were tried; 0 before the first."""

    statement_id: int
    asked: int
    at: int


def begin(statement_ids: Collection[int]) -> None:
    """The lines of these wait to be tried, from the first on. Joins an open transaction; nobody is rung for here."""
    asked = {"tried_at": None, "matched_to": 0, "asked": BankStatement.asked + 1}

    def deed() -> None:
        with write() as session:
            session.execute(update(BankStatement).where(BankStatement.id.in_(statement_ids)).values(asked))

    insistent(deed)


def find(statement_id: int) -> Turn | None:
    """Where to go on; None where nothing waits to be tried."""
    end_reading()
    columns = (BankStatement.id, BankStatement.asked, BankStatement.matched_to)
    row = db.session.execute(select(*columns).where(BankStatement.id == statement_id, _waits())).one_or_none()
    return Turn(*row) if row else None


def move(turn: Turn, to: int) -> Turn | None:
    """All up to there was tried; None where somebody else has it now."""
    return replace(turn, at=to) if insistent(lambda: _set(turn, matched_to=to)) else None


def end(turn: Turn) -> None:
    """All was tried, unless it was asked for anew meanwhile."""
    insistent(lambda: _set(turn, tried_at=clock.instant()))


def waiting(limit: int) -> list[int]:
    """Statements with lines that nobody has tried yet, for the sweeper."""
    return list(db.session.scalars(select(BankStatement.id).where(_waits()).order_by(BankStatement.id).limit(limit)))


def _set(turn: Turn, **values: Any) -> bool:
    mine = (BankStatement.id == turn.statement_id, BankStatement.asked == turn.asked,
            BankStatement.matched_to == turn.at, _waits())  # fmt: skip
    with write() as session:
        changed: Any = session.execute(update(BankStatement).where(*mine).values(**values))
        return bool(changed.rowcount)


def _waits() -> Any:
    return BankStatement.tried_at.is_(None)
