"""The test clock as its page and its command show it: the day of the house, the way that is under way, those before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, select

from extensions import db
from models import ClockMove, Company, Run, RunChunk, Staff, Subscription
from services import clock

SHOWN = 20


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One way forward; `issued` counts the invoices of its days."""

    id: int
    state: str
    from_on: date
    to_on: date
    reached_on: date
    days: int
    days_done: int
    issued: int
    failures: int
    error: str
    actor: str
    started_at: datetime
    finished_at: datetime | None

    @property
    def per_cent(self) -> int:
        """How much of the way is behind, for the bar."""
        return self.days_done * 100 // self.days if self.days else 100


@dataclass(frozen=True, slots=True)
class ClockCard:
    """`today` is the house's day, `real_today` the world's; `running` the way that is under way."""

    mode: str
    today: date
    real_today: date
    running: MoveRow | None
    moves: tuple[MoveRow, ...]

    @property
    def days_ahead(self) -> int:
        return (self.today - self.real_today).days


def get_clock() -> ClockCard:
    """The clock with its last ways, the newest first. Two statements."""
    mode = db.session.scalar(select(Company.mode)) or "sandbox"
    moves = tuple(_row(*found) for found in db.session.execute(_moves()).all())
    running = next((move for move in moves if move.state == "running"), None)
    return ClockCard(mode, clock.today(), clock.berlin(clock.real()).date(), running, moves)


def due_until(to: date) -> int:
    """How many contracts have something to bill up to that day: what a person is told before the clock moves."""
    return int(db.session.scalar(select(func.count()).where(Subscription.next_billing_on <= to)) or 0)


def _moves() -> Select[ClockMove, str, int]:
    """Each with the name of whoever moved, and what its runs issued."""
    within = (Run.started_at > ClockMove.from_at, Run.started_at <= ClockMove.to_at)
    issued = select(func.coalesce(func.sum(RunChunk.issued), 0)).join(Run, Run.id == RunChunk.run_id).where(*within)
    query = select(ClockMove, Staff.name, issued.correlate(ClockMove).scalar_subquery())
    theirs = (ClockMove.actor_kind == "staff") & (Staff.id == ClockMove.actor_id)
    return query.outerjoin(Staff, theirs).order_by(ClockMove.id.desc()).limit(SHOWN)


def _row(move: ClockMove, staff: str | None, issued: int) -> MoveRow:
    moments = (move.from_at, move.position_at, move.to_at)
    from_on, reached_on, to_on = (clock.berlin(at).date() for at in moments)
    return MoveRow(
        move.id, move.state, from_on, to_on, reached_on, (to_on - from_on).days, (reached_on - from_on).days,
        int(issued), move.failures, move.error, staff or move.actor_name, move.started_at, move.finished_at,
    )  # fmt: skip
