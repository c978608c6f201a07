"""What is open and what is overdue, as the index on open receivables has it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, case, literal_column

from models import Receivable

# The condition of ix_receivables_open_due, with a literal: neither planner recognises it with a parameter or as "> 0".
OPEN = Receivable.open_cents != literal_column("0")


def what_it_is() -> ColumnElement[str]:
    """The kind of a receivable as people are told it: of a fee also what for; money paid out twice is called so."""
    is_told = (Receivable.kind == "fee") & (Receivable.cause != "")
    return case((is_told, Receivable.cause), else_=Receivable.kind)
