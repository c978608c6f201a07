"""A person's own exports of one customer's data, and how much such an export holds."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from extensions import db
from models import CustomerExport
from queries.family import family_of
from queries.profiles import files_of


def exports_of(customer_id: int, staff_id: int) -> Sequence[CustomerExport]:
    """The newest first; a record that was merged into this one had its own. One statement."""
    mine = (CustomerExport.staff_id == staff_id, CustomerExport.customer_id.in_(family_of(customer_id)))
    return db.session.scalars(select(CustomerExport).where(*mine).order_by(CustomerExport.id.desc()).limit(20)).all()


def size_of(customer_id: int) -> tuple[int, int]:
    """How many files there are, and their bytes in all. One statement."""
    found = files_of(customer_id)
    return len(found), sum(file.size for file in found)
