"""What of a customer's can come along with a message: files that people keep, and issued documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from extensions import db
from models import Document, File, Invoice, Message, Paper
from queries.family import family_of

MOST_OFFERED = 100  # of each, the newest


@dataclass(frozen=True, slots=True)
class Piece:
    """One of them. `size` in bytes; of an invoice none, its paper may still have to be drawn."""

    id: int
    name: str
    size: int | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Attachable:
    documents: tuple[Piece, ...]
    invoices: tuple[Piece, ...]


def attachable(customer_id: int, *, documents: bool, invoices: bool) -> Attachable:
    """The newest of each that the person may see. Two statements at most."""
    return Attachable(_documents(customer_id) if documents else (), _invoices(customer_id) if invoices else ())


def _documents(customer_id: int) -> tuple[Piece, ...]:
    query = (
        select(Document.id, Document.title, File.filename, File.size)
        .join(File, File.id == Document.file_id)
        .where(File.customer_id.in_(family_of(customer_id)), Document.deleted_at.is_(None))
        .order_by(Document.id.desc())
        .limit(MOST_OFFERED)
    )
    return tuple(Piece(row.id, row.title or row.filename, row.size) for row in db.session.execute(query))


def _invoices(customer_id: int) -> tuple[Piece, ...]:
    query = (
        select(Invoice.id, Invoice.number, Invoice.issued_on)
        .where(Invoice.customer_id.in_(family_of(customer_id)), Invoice.issued_at.isnot(None))
        .order_by(Invoice.id.desc())
        .limit(MOST_OFFERED)
    )
    return tuple(Piece(row.id, row.number or "", on=row.issued_on) for row in db.session.execute(query))


@dataclass(frozen=True, slots=True)
class Brought:
    """What came or will come with a message: `document_id` opens it on the card, `token` a paper; neither where it is
    gone."""

    filename: str
    document_id: int | None = None
    token: str = ""


def brought_by(message: Message) -> list[Brought]:
    """The files of a message that somebody wrote, in two statements; as they were called when it was sent."""
    facts = message.facts or {}
    documents, invoices = facts.get("documents", ()), facts.get("invoices", ())
    there = select(Document.id, File.filename).join(File, File.id == Document.file_id)
    files = {row.id: row.filename for row in db.session.execute(
        there.where(Document.id.in_(documents), Document.deleted_at.is_(None)))}  # fmt: skip
    drawn = select(Paper.id, Paper.token, Paper.token_revoked_at, File.filename).join(File, File.id == Paper.file_id)
    papers = {row.id: row for row in db.session.execute(drawn.where(Paper.invoice_id.in_(invoices)))}
    if not message.attachments:
        found = [Brought(name, number) for number, name in files.items()]
        return found + [Brought(row.filename, token=_open(row)) for row in papers.values()]
    return [_as_sent(each, files, papers) for each in message.attachments]


def _as_sent(kept: Mapping[str, Any], files: Mapping[int, str], papers: Mapping[int, Any]) -> Brought:
    """By the name that it had; its link as far as it is still there."""
    document = kept.get("document_id")
    paper = papers.get(kept.get("paper_id") or 0)
    return Brought(str(kept["filename"]), document if document in files else None, _open(paper) if paper else "")


def _open(row: Any) -> str:
    return "" if row.token_revoked_at else str(row.token)
