"""What the page of a run shows at its head, whatever kind it is of: whose it is, and how far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from extensions import db
from models import Run, Staff


@dataclass(frozen=True, slots=True)
class RunHead:
    """`state` is "running" or "finished"; `actor` the name of a person of the house, or nothing."""

    id: int
    on_date: date
    state: str
    actor: str
    started_at: datetime
    finished_at: datetime | None
    chunks: int
    chunks_done: int

    @property
    def per_cent(self) -> int:
        """How much of the run is done, for the bar."""
        if self.state == "finished":
            return 100
        return self.chunks_done * 100 // self.chunks if self.chunks else 0


def run_of(kind: str, run_id: int) -> tuple[Run, str] | None:
    """The run of that kind and the name of who started it, or None. One statement."""
    query = select(Run, Staff.name).outerjoin(Staff, (Run.actor_kind == "staff") & (Staff.id == Run.actor_id))
    found = db.session.execute(query.where(Run.id == run_id, Run.kind == kind)).first()
    return None if found is None else (found[0], found[1] or "")


def head_and_counts(run: Run, actor: str, chunks: Sequence[Any], counted: Sequence[str]) -> dict[str, Any]:
    """The fields of RunHead, and the sums of what the chunks counted, by name."""
    return {
        "id": run.id, "on_date": run.on_date, "state": "finished" if run.finished_at else "running", "actor": actor,
        "started_at": run.started_at, "finished_at": run.finished_at, "chunks": len(chunks),
        "chunks_done": sum(chunk.state == "done" for chunk in chunks),
        **{name: sum(getattr(chunk, name) for chunk in chunks) for name in counted},
    }  # fmt: skip


def unfinished(kind: str, on: date) -> int | None:
    """The run of that day that is still under way: a second start joins it."""
    query = select(Run.id).where(Run.kind == kind, Run.on_date == on, Run.finished_at.is_(None))
    found: int | None = db.session.scalar(query)
    return found
