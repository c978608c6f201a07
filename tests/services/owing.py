"""The one receivable of a test, as it stands now."""

from __future__ import annotations

from sqlalchemy import select

from extensions import db
from models import Receivable
from services.unit import end_reading


def reread() -> Receivable:
    """The receivable, read anew. Fails where there is not exactly one."""
    end_reading()
    return db.session.scalars(select(Receivable).execution_options(populate_existing=True)).one()
