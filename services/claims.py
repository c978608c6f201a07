"""Claiming periods: the unique index decides who bills them (X-02, EB-19, EB-20)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from billing.contracts import ClaimKey
from models import Claim
from services import clock
from services.sql import dialect

# One statement for any number of claims, inserted in key order so that two runs cannot block each other in a ring.
_INSERT = {
    "sqlite": """
        INSERT INTO claims (item_id, kind, period_start, period_end, state, run_id, created_at)
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
               json_extract(value, '$[3]'), :state, :run_id, :now
        FROM json_each(:rows) WHERE true
        ON CONFLICT DO NOTHING RETURNING id, item_id, kind, period_start""",
    "postgresql": """
        INSERT INTO claims (item_id, kind, period_start, period_end, state, run_id, created_at)
        SELECT (value ->> 0)::bigint, value ->> 1, (value ->> 2)::date, (value ->> 3)::date, :state,
               CAST(:run_id AS bigint), CAST(:now AS timestamptz)
        FROM jsonb_array_elements(CAST(:rows AS jsonb)) WITH ORDINALITY AS listed(value, place) ORDER BY place
        ON CONFLICT DO NOTHING RETURNING id, item_id, kind, period_start""",
}


def claim(
    session: Session, wanted: Sequence[tuple[ClaimKey, date]], state: str = "billed", run_id: int | None = None
) -> dict[ClaimKey, int]:
    """Claim (key, exclusive end of the period) pairs; gives key -> claim id of those that were won.

    What somebody else holds is left out, silently: that is success, not an error.
    """
    if not wanted:
        return {}
    rows = sorted((k.item_id, k.kind, k.period_start.isoformat(), end.isoformat()) for k, end in wanted)
    parameters = {"rows": json.dumps(rows), "state": state, "run_id": run_id, "now": _instant()}
    found = session.execute(text(_INSERT[dialect()]), parameters).all()
    return {ClaimKey(row[1], row[2], _day(row[3])): row[0] for row in found}


def release(session: Session, claim_ids: Sequence[int]) -> None:
    """Give claims back, so that their periods may be claimed anew. What was released before stays as it was."""
    if claim_ids:
        standing = update(Claim).where(Claim.id.in_(list(claim_ids)), Claim.released_at.is_(None))
        session.execute(standing.values(released_at=clock.instant()), execution_options={"synchronize_session": False})


def _instant() -> str:
    """As SQLAlchemy writes instants on SQLite; PostgreSQL reads the same text as UTC."""
    text_ = clock.instant().strftime("%Y-%m-%d %H:%M:%S.%f")
    return text_ if dialect() == "sqlite" else text_ + "+00:00"


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
