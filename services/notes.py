"""Notes, calls and letters that people write down about a customer: added, corrected, struck, never overwritten.

A correction is a version of its own, and each leaves an activity with what was said before and after (P-09).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from billing.errors import Conflict, Invalid, NotAllowed, NotFound
from billing.unseen import as_read
from extensions import db
from models import File, Note, NoteVersion
from models.notes import KINDS
from services import activities, clock, files, uploads
from services.actor import Actor
from services.customers import lock_survivor
from services.unit import write
from services.values import one_of, text_of

KIND_OF_FILE = "note"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as it was brought."""

    filename: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Words:
    """What a note says. `happened_on` may lie back, not ahead; `attachment` is a file to be kept with it."""

    kind: str
    happened_on: date
    text: str
    attachment: Attachment | None = None


def add_note(actor: Actor, customer_id: int, words: Words) -> int:
    """Write it down; gives the note's id.

    Raises NotFound, NotAllowed("erased"), Invalid: "kind", "text" (missing, too_long), "happened_on" (in_the_future),
    and "attachment" as services.uploads has it.
    """
    brought = _brought(words)
    with write() as session:
        customer = lock_survivor(session, customer_id)
        note = Note(customer_id=customer.id, created_at=clock.instant())
        session.add(note)
        session.flush()
        version = _keep(session, note, 1, _checked(words), brought)
        activities.record(actor, "note.created", "note", note.id, customer_id=note.customer_id, version=1,
                          **_told(session, version))  # fmt: skip
        return note.id


def correct_note(actor: Actor, note_id: int, seen: int, words: Words) -> None:
    """Say it anew; an attachment stays unless another one is brought. Nothing happens where nothing differs.

    `seen` is the version that the person read. Raises as add_note, and Conflict("changed_meanwhile").
    """
    brought = _brought(words)
    with write() as session:
        note, last = _lock(session, note_id, seen)
        clean = _checked(words)
        pairs = {"note_kind": (last.kind, clean.kind), "note": (last.text, clean.text),
                 "happened_on": (last.happened_on.isoformat(), clean.happened_on.isoformat())}  # fmt: skip
        changes = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        if not changes and brought is None:
            return
        version = _keep(session, note, last.version + 1, clean, brought, last.file_id)
        if version.file_id != last.file_id:
            changes["attachment"] = (_name_of(session, last.file_id), _name_of(session, version.file_id))
        activities.record(actor, "note.changed", "note", note.id, customer_id=note.customer_id,
                          version=version.version, changes=changes)  # fmt: skip


def strike_note(actor: Actor, note_id: int, seen: int, reason: str) -> None:
    """It does not hold any more; what it said stays readable in its activities. Raises as correct_note, and
    Invalid("reason", "missing")."""
    with write() as session:
        note, last = _lock(session, note_id, seen)
        if not reason.strip():
            raise Invalid("reason", "missing")
        row = NoteVersion(note_id=note.id, version=last.version + 1, kind=last.kind, happened_on=last.happened_on,
                          text="", file_id=None, is_struck=True, created_at=clock.instant())  # fmt: skip
        session.add(row)
        session.flush()
        activities.record(actor, "note.struck", "note", note.id, customer_id=note.customer_id, version=row.version,
                          note_kind=last.kind, reason=as_read(reason)[:200])  # fmt: skip


def attachment_of(note_id: int, version: int) -> files.Stored:
    """The file that a version of a note came with. Raises NotFound, files.Damaged."""
    found = select(NoteVersion.file_id).where(NoteVersion.note_id == note_id, NoteVersion.version == version)
    file_id = db.session.scalar(found)
    if file_id is None:
        raise NotFound("file", note_id=note_id)
    return files.read(file_id)


def erase_notes(session: Session, customer_ids: list[int], *, letters_stay: bool) -> None:
    """Take out what was written down about these customers. Letters may be business letters, which stay as long as the
    law says (section 147 (3) AO)."""
    ids = list(session.scalars(going(customer_ids, letters_stay=letters_stay)))
    attached = select(NoteVersion.file_id).where(NoteVersion.note_id.in_(ids)).distinct()
    file_ids = [found for found in session.scalars(attached) if found is not None]
    session.execute(delete(NoteVersion).where(NoteVersion.note_id.in_(ids)))
    session.execute(delete(Note).where(Note.id.in_(ids)))
    for file_id in file_ids:
        files.erase(file_id)


def going(customer_ids: list[int], *, letters_stay: bool) -> Select[int]:
    """Ids of the threads that `erase_notes` takes out."""
    of_customers = select(Note.id).where(Note.customer_id.in_(customer_ids))
    lettered = select(NoteVersion.note_id).where(NoteVersion.kind == "letter")
    return of_customers.where(Note.id.not_in(lettered)) if letters_stay else of_customers


def _lock(session: Session, note_id: int, seen: int) -> tuple[Note, NoteVersion]:
    """The thread and its last version, which has to be the one that was seen; its customer is locked, as everywhere."""
    note = session.get(Note, note_id)
    if note is None:
        raise NotFound("note", note_id=note_id)
    lock_survivor(session, note.customer_id)
    newest = select(NoteVersion).where(NoteVersion.note_id == note.id).order_by(NoteVersion.version.desc()).limit(1)
    last = session.scalars(newest).one()
    if last.version != seen:
        raise Conflict("changed_meanwhile")
    if last.is_struck:
        raise NotAllowed("note_struck")
    return note, last


def _brought(words: Words) -> uploads.Brought | None:
    """Looked at before the transaction: to decode a picture takes its time."""
    given = words.attachment
    return uploads.looked_at(given.content, given.filename, "attachment") if given else None


def _checked(words: Words) -> Words:
    text = text_of(NoteVersion.__table__.c.text, words.text)
    if not text:
        raise Invalid("text", "missing")
    if words.happened_on > clock.today():
        raise Invalid("happened_on", "in_the_future")
    if words.happened_on.year < 1900:
        raise Invalid("happened_on", "out_of_range")
    return Words(one_of("kind", words.kind, KINDS), words.happened_on, text)


def _keep(
    session: Session,
    note: Note,
    number: int,
    words: Words,
    brought: uploads.Brought | None,
    file_id: int | None = None,
) -> NoteVersion:
    if brought is not None:
        file_id = brought.store(KIND_OF_FILE, note.customer_id)
    row = NoteVersion(note_id=note.id, version=number, kind=words.kind, happened_on=words.happened_on, text=words.text,
                      file_id=file_id, is_struck=False, created_at=clock.instant())  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _told(session: Session, version: NoteVersion) -> dict[str, Any]:
    """What the activity says of a new note."""
    told = {"note_kind": version.kind, "happened_on": version.happened_on.isoformat(), "note": version.text}
    return told | ({"attachment": _name_of(session, version.file_id)} if version.file_id else {})


def _name_of(session: Session, file_id: int | None) -> str:
    return str(session.scalar(select(File.filename).where(File.id == file_id)) or "") if file_id else ""
