"""A note as it says today, for the form that corrects it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from extensions import db
from models import Customer, File, Note, NoteVersion


@dataclass(frozen=True, slots=True)
class NoteRow:
    """The last version. `customer_id` is the record on whose card it stands; `filename` of its attachment, if any."""

    id: int
    customer_id: int
    version: int
    kind: str
    happened_on: date
    text: str
    is_struck: bool
    filename: str


def get_note(note_id: int) -> NoteRow | None:
    """One statement."""
    query = (
        select(Note.id, func.coalesce(Customer.survivor_id, Customer.id), NoteVersion.version, NoteVersion.kind,
               NoteVersion.happened_on, NoteVersion.text, NoteVersion.is_struck, func.coalesce(File.filename, ""))
        .join(NoteVersion, NoteVersion.note_id == Note.id)
        .join(Customer, Customer.id == Note.customer_id)
        .outerjoin(File, File.id == NoteVersion.file_id)
        .where(Note.id == note_id)
        .order_by(NoteVersion.version.desc())
        .limit(1)
    )  # fmt: skip
    row = db.session.execute(query).one_or_none()
    return NoteRow(*row) if row else None
