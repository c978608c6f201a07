"""What is open and what is overdue, as the index on open receivables has it."""

from __future__ import annotations

from sqlalchemy import literal_column

from models import Receivable

# The condition of ix_receivables_open_due, with a literal: neither planner recognises it with a parameter or as "> 0".
OPEN = Receivable.open_cents != literal_column("0")
