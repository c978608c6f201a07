"""What is open, what it is called and how far it was reminded, for the lists of invoices and of receivables."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, case, func, literal_column

from models import DunningLevel, Receivable

# The condition of ix_receivables_open_due, with a literal: neither planner recognises it with a parameter or as "> 0".
OPEN = Receivable.open_cents != literal_column("0")
LEVELS = frozenset(map(str, range(21)))  # 0: not reminded of; as many as there can be
AT_LEVEL = DunningLevel.level == Receivable.dunning_level


def what_it_is() -> ColumnElement[str]:
    """The kind of a receivable as people are told it: of a fee also what for; money paid out twice is called so."""
    is_told = (Receivable.kind == "fee") & (Receivable.cause != "")
    return case((is_told, Receivable.cause), else_=Receivable.kind)


def level_name() -> Any:
    """How far what is open was reminded, by the level's name; beside `DunningLevel`, joined by `AT_LEVEL`."""
    name = func.coalesce(DunningLevel.name, "")
    return case((Receivable.open_cents > 0, name), else_="").label("level_name")
