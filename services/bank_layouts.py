"""Layouts of banks' CSV files, kept by name for the next file."""

from __future__ import annotations

from sqlalchemy import select

from billing.errors import Invalid, NotFound
from billing.unseen import as_read
from documents.bank_csv import Layout
from extensions import db
from models import CsvLayout
from services import activities, clock
from services.actor import Actor
from services.unit import write

LONGEST_NAME = 60


def save(actor: Actor, name: str, layout: Layout) -> int:
    """Keep a layout under its name, in place of one that had it; gives its id. Raises Invalid as Layout.of, "name"."""
    layout.require_whole()
    name = as_read(name)
    if not name:
        raise Invalid("name", "missing")
    if len(name) > LONGEST_NAME:
        raise Invalid("name", "too_long", most=LONGEST_NAME)
    with write() as session:
        row = session.scalars(select(CsvLayout).where(CsvLayout.name == name).with_for_update()).one_or_none()
        if row is None:
            row = CsvLayout(name=name, data={}, created_at=clock.instant())
            session.add(row)
        if row.data != layout.as_data():
            row.data = layout.as_data()
            session.flush()
            activities.record(actor, "csv_layout.saved", "csv_layout", row.id, name=name)
        return row.id


def remove(actor: Actor, layout_id: int) -> None:
    """Forget a layout; what was read by it stays. Raises NotFound."""
    with write() as session:
        row = session.get(CsvLayout, layout_id)
        if row is None:
            raise NotFound("csv_layout", field="layout")
        activities.record(actor, "csv_layout.removed", "csv_layout", row.id, name=row.name)
        session.delete(row)


def names() -> tuple[tuple[int, str], ...]:
    """All layouts as (id, name), by name."""
    query = select(CsvLayout.id, CsvLayout.name).order_by(CsvLayout.name)
    return tuple((row.id, row.name) for row in db.session.execute(query))


def get(layout_id: int) -> tuple[str, Layout]:
    """Its name and what it says. Raises NotFound."""
    row = db.session.get(CsvLayout, layout_id)
    if row is None:
        raise NotFound("csv_layout", field="layout")
    return row.name, Layout.of(row.data)
