"""Files that people keep on a customer's card: brought, named, shown as pictures, thrown away with a reason (R-28).

What they bring is known by its content (services/uploads.py) and never shown as it came: a picture is drawn anew at
once, outside of the transaction, and everything else is only ever saved by whoever wants it (S12).
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from flask import current_app
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from billing.errors import AlreadyDone, Conflict, Invalid, NotAllowed, NotFound
from documents.preview import MEDIA_TYPE
from extensions import db
from models import Document, File, Message
from queries.family import family_of
from services import activities, clock, files, uploads
from services.actor import Actor
from services.customers import lock_survivor
from services.unit import write
from services.values import text_of

KIND, PREVIEW = "upload", "preview"
MOST_FILES = 1_000  # of one customer


@dataclass(frozen=True, slots=True)
class Labels:
    """What a document is called beside its file's name, and what somebody noted about it; both may be empty."""

    title: str = ""
    note: str = ""

    @property
    def digest(self) -> str:
        """Tells whether it is still what somebody saw."""
        return sha256(f"{self.title}\0{self.note}".encode()).hexdigest()


UNNAMED = Labels()


def keep_document(actor: Actor, customer_id: int, filename: str, content: bytes, labels: Labels = UNNAMED) -> int:
    """Keep a file with the customer; gives the document's id.

    Raises NotFound, NotAllowed("erased"), AlreadyDone("document_kept") for the same bytes, and Invalid: "file" as
    services.uploads has it, "file" (files_full) beyond the customer's limits, "title", "note".
    """
    brought, labels = uploads.looked_at(content, filename), _checked(labels)
    with write() as session:
        owner = lock_survivor(session, customer_id)
        _refuse_too_much(session, owner.id, content)
        file_id, picture = brought.store(KIND, owner.id), brought.preview
        shown = files.store(picture, "preview.jpg", MEDIA_TYPE, PREVIEW, owner.id) if picture else None
        row = Document(file_id=file_id, preview_id=shown, title=labels.title, note=labels.note,
                       uploaded_by=actor.name[:200], deleted_by="", deleted_reason="")  # fmt: skip
        session.add(row)
        session.flush()
        activities.record(actor, "document.uploaded", "document", row.id, customer_id=owner.id,
                          filename=brought.filename, title=labels.title, note=labels.note)  # fmt: skip
        return row.id


def label_document(actor: Actor, customer_id: int, document_id: int, seen: str, labels: Labels) -> None:
    """Call it otherwise; `seen` is the digest of what it was called. Nothing happens where nothing differs.

    Raises NotFound, NotAllowed("erased"), Conflict("changed_meanwhile") where it is called otherwise by now, and
    Invalid: "title", "note".
    """
    labels = _checked(labels)
    with write() as session:
        row, file = _lock(session, customer_id, document_id)
        if row.deleted_at is not None:
            raise NotFound("document", document_id=document_id)
        if Labels(row.title, row.note).digest != seen:
            raise Conflict("changed_meanwhile")
        pairs = {"title": (row.title, labels.title), "note": (row.note, labels.note)}
        changes = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        if changes:
            row.title, row.note = labels.title, labels.note
            activities.record(actor, "document.changed", "document", row.id, customer_id=file.customer_id,
                              filename=file.filename, changes=changes)  # fmt: skip


def delete_document(actor: Actor, customer_id: int, document_id: int, reason: str) -> None:
    """Throw its bytes away; the row says who did and why.

    Raises NotFound, Invalid("reason", "missing"), NotAllowed("document_in_waiting_mail"), AlreadyDone.
    """
    with write() as session:
        row, file = _lock(session, customer_id, document_id)
        if row.deleted_at is not None:
            raise AlreadyDone("document_deleted")
        clean = _reason(reason)
        if _is_waiting(session, customer_id, document_id):
            raise NotAllowed("document_in_waiting_mail")
        row.deleted_at, row.deleted_by, row.deleted_reason = clock.instant(), actor.name[:200], clean
        _erase_bytes(row)
        activities.record(actor, "document.deleted", "document", row.id, customer_id=file.customer_id,
                          filename=file.filename, title=row.title, reason=clean)  # fmt: skip


def read_document(customer_id: int, document_id: int) -> files.Stored:
    """As it was brought. NotFound for another customer's, too; files.Damaged."""
    row = _find(customer_id, document_id)
    return files.read(row.file_id)


def read_preview(customer_id: int, document_id: int) -> files.Stored:
    """The picture of it. NotFound where there is none."""
    row = _find(customer_id, document_id)
    if row.preview_id is None:
        raise NotFound("preview", document_id=document_id)
    return files.read(row.preview_id)


def _erase_bytes(row: Document) -> None:
    files.erase(row.file_id)
    if row.preview_id is not None:
        files.erase(row.preview_id)


def _checked(labels: Labels) -> Labels:
    columns = Document.__table__.c
    return Labels(text_of(columns.title, labels.title), text_of(columns.note, labels.note))


def _reason(given: str) -> str:
    if not given.strip():
        raise Invalid("reason", "missing")
    try:
        return text_of(Document.__table__.c.deleted_reason, given)
    except Invalid as error:
        raise Invalid("reason", error.code, longest=200) from None


def _refuse_too_much(session: Session, owner_id: int, content: bytes) -> None:
    """The customer is locked, so two who upload at once are counted one after the other."""
    there = (*_of_family(owner_id), File.erased_at.is_(None))
    if session.scalar(select(File.id).where(*there, File.sha256 == sha256(content).hexdigest()).limit(1)):
        raise AlreadyDone("document_kept")
    count, size = session.execute(select(func.count(), func.coalesce(func.sum(File.size), 0)).where(*there)).one()
    most = current_app.config["KONTOR"].upload_total_mb
    if count >= MOST_FILES or int(size) + len(content) > most * 1_000_000:
        raise Invalid("file", "files_full", most=most, limit=MOST_FILES)


def _lock(session: Session, customer_id: int, document_id: int) -> tuple[Document, File]:
    """The document and its file; the customer is locked, as everywhere."""
    owner = lock_survivor(session, customer_id)
    query = select(Document, File).join(File, File.id == Document.file_id)
    found = session.execute(query.where(Document.id == document_id, *_of_family(owner.id))).one_or_none()
    if found is None:
        raise NotFound("document", document_id=document_id)
    return found.tuple()


def _find(customer_id: int, document_id: int) -> Document:
    """One of this customer's that is there. NotFound else."""
    query = select(Document).join(File, File.id == Document.file_id)
    query = query.where(Document.id == document_id, *_of_family(customer_id), Document.deleted_at.is_(None))
    row: Document | None = db.session.scalars(query).one_or_none()
    if row is None:
        raise NotFound("document", document_id=document_id)
    return row


def _of_family(customer_id: int) -> tuple[ColumnElement[bool], ...]:
    return File.customer_id.in_(family_of(customer_id)), File.kind == KIND


def _is_waiting(session: Session, customer_id: int, document_id: int) -> bool:
    """Whether a mail that is still to go will bring it."""
    query = select(Message.facts).where(Message.customer_id.in_(family_of(customer_id)), Message.state == "pending")
    return any(document_id in (facts or {}).get("documents", ()) for facts in session.scalars(query))
