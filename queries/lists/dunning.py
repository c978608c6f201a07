"""The dunning runs as a list."""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, func, select

from models import DunningChunk, Run
from queries.lists.conditions import Rows, equals
from queries.lists.house import ACTORS, run_state
from queries.lists.shape import Listing, Sort


def _runs() -> Rows:
    state = case((Run.finished_at.is_(None), "running"), else_="finished").label("state")
    return select(
        Run.id, Run.on_date, state, Run.actor_kind, Run.started_at, Run.finished_at,
        *(_sum(name).label(name) for name in ("examined", "reminded", "collected", "held", "failed")),
    ).where(Run.kind == "dunning")  # fmt: skip


def _sum(name: str) -> Any:
    """Over the chunks of the row's run alone."""
    sums = select(func.coalesce(func.sum(getattr(DunningChunk, name)), 0)).where(DunningChunk.run_id == Run.id)
    return sums.correlate(Run).scalar_subquery()


DUNNING_RUNS = Listing(
    statement=_runs, key=Run.id, sorts={"on_date": Sort((Run.on_date,)), "started_at": Sort()},
    narrows={"state": run_state, "actor_kind": equals(Run.actor_kind, ACTORS)},
)  # fmt: skip
