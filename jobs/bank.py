"""The lines of a statement are matched apart from bringing it in: many lines take their time."""

from __future__ import annotations

from jobs import job
from services import bank_matching


@job("money")
def match(statement_id: int) -> None:
    """One statement. Twice books nothing twice."""
    bank_matching.match_statement(statement_id)
