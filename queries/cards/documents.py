"""The files of a customer's card: what people brought, the papers of invoices, and what came with notes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select

from extensions import db
from models import Document, File, Invoice, NoteVersion, Paper
from queries.family import family_of
from queries.lists import listing
from queries.lists.conditions import Rows
from queries.lists.shape import Listing, Page, Wish

SOURCES = ("upload", "paper", "note")


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document that people keep, as its dialogs need it."""

    id: int
    file_id: int
    title: str
    note: str
    filename: str
    media_type: str
    size: int
    sha256: str
    uploaded_by: str
    created_at: datetime
    has_preview: bool

    @property
    def name(self) -> str:
        return self.title or self.filename


def _rows() -> Rows:
    has_preview = Document.preview_id.isnot(None).label("has_preview")
    return (
        select(
            File.id, File.filename, File.media_type, File.size, File.created_at, File.kind, File.erased_at,
            Document.id.label("document_id"), Document.title, Document.note, Document.uploaded_by, has_preview,
            Document.deleted_at, Document.deleted_by, Document.deleted_reason,
            Paper.token, Paper.token_revoked_at, Invoice.id.label("invoice_id"), Invoice.number,
            _of_note(NoteVersion.note_id).label("note_id"), _of_note(NoteVersion.version).label("note_version"),
        )
        .outerjoin(Document, Document.file_id == File.id)
        .outerjoin(Paper, and_(Paper.file_id == File.id, File.kind == "paper"))
        .outerjoin(Invoice, Invoice.id == Paper.invoice_id)
    )  # fmt: skip


def _of_note(column: Any) -> Any:
    """The version of a note that brought the file first; corrections carry it on."""
    own = select(column).where(NoteVersion.file_id == File.id).order_by(NoteVersion.id).limit(1)
    return own.correlate(File).scalar_subquery()


DOCUMENTS = Listing(statement=_rows, key=File.id)


def page_of_documents(customer_id: int, sources: Collection[str], size: int, after: str = "", before: str = "") -> Page:
    """A page of all files, the newest first; `sources` are those that the person may see. One statement."""
    theirs = (File.customer_id.in_(family_of(customer_id)), File.kind.in_(sources), _is_told())
    found = Listing(statement=DOCUMENTS.statement, key=DOCUMENTS.key, base=theirs)
    return listing.page(found, Wish(), size, after, before)


def get_document(customer_id: int, document_id: int) -> DocumentRow | None:
    """One that is there and is this customer's, in one statement."""
    query = (
        select(Document.id, Document.file_id, Document.title, Document.note, File.filename, File.media_type, File.size,
               File.sha256, Document.uploaded_by, File.created_at, Document.preview_id.isnot(None))
        .join(File, File.id == Document.file_id)
        .where(Document.id == document_id, Document.deleted_at.is_(None), File.kind == "upload",
               File.customer_id.in_(family_of(customer_id)))
    )  # fmt: skip
    row = db.session.execute(query).one_or_none()
    return DocumentRow(*row) if row else None


def count_documents(family: Rows) -> Any:
    """How many there are that still have their bytes."""
    there = (File.customer_id.in_(family), File.kind.in_(SOURCES), File.erased_at.is_(None))
    return select(func.count()).select_from(File).where(*there).scalar_subquery()


def _is_told() -> Any:
    """A deleted document keeps its line, and why; what erasure emptied has nothing left to say."""
    named = select(Document.id).where(Document.file_id == File.id).correlate(File).exists()
    return or_(File.erased_at.is_(None), named)
