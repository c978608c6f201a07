"""A person's own exports."""

from __future__ import annotations

from sqlalchemy import select

from models import Export
from queries.lists.conditions import Rows
from queries.lists.shape import Listing


def _exports() -> Rows:
    return select(
        Export.id, Export.subject, Export.format, Export.state, Export.rows_done, Export.error, Export.created_at,
        Export.finished_at, Export.file_id,
    )  # fmt: skip


def exports_of(staff_id: int) -> Listing:
    """The newest first."""
    return Listing(statement=_exports, key=Export.id, base=(Export.staff_id == staff_id,))
