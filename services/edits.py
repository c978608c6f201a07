"""Two people editing at once: the second one is told, and nothing is overwritten unseen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from billing.errors import Conflict
from services.unit import write


@contextmanager
def as_seen(model: Any, row_id: int, seen: str) -> Iterator[None]:
    """Inside, the row is locked and still of the version that the person saw; services called there join in.

    Compared under the lock: two who save in the same moment would otherwise both find it unchanged. Raises
    Conflict("changed_meanwhile").
    """
    with write() as session:
        version = session.scalar(select(model.version).where(model.id == row_id).with_for_update())
        if str(version) != seen:
            raise Conflict("changed_meanwhile")
        yield
