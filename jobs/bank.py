"""The lines of a statement are matched apart from bringing it in: many lines take their time."""

from __future__ import annotations

from jobs import job
from services import bank_matching


@job("money")
def match(statement_id: int) -> None:
    """Some chunks of one statement. Twice books nothing twice."""
    bank_matching.work(statement_id)
