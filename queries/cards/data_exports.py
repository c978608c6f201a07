"""A person's own exports of one customer's data."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from extensions import db
from models import CustomerExport
from queries.family import family_of


def exports_of(customer_id: int, staff_id: int) -> Sequence[CustomerExport]:
    """The newest first; a record that was merged into this one had its own. One statement."""
    mine = (CustomerExport.staff_id == staff_id, CustomerExport.customer_id.in_(family_of(customer_id)))
    return db.session.scalars(select(CustomerExport).where(*mine).order_by(CustomerExport.id.desc()).limit(20)).all()
