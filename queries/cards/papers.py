"""The papers of one document with the bytes that they were drawn into: what its check report shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from extensions import db
from models import File, Invoice, Paper


@dataclass(frozen=True, slots=True)
class PaperFile:
    """One paper; what is known of its bytes only where it is drawn."""

    id: int
    kind: str
    state: str
    error: str
    token: str
    token_revoked_at: datetime | None
    drawn_at: datetime | None
    file_id: int | None
    filename: str | None
    size: int | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class InvoicePapers:
    """An issued document by its number, with its papers."""

    invoice_id: int
    number: str
    papers: tuple[PaperFile, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(paper.kind for paper in self.papers)


def get_invoice_papers(invoice_id: int) -> InvoicePapers | None:
    """The papers, or None for a draft and an unknown id. Two statements."""
    number = db.session.scalar(select(Invoice.number).where(Invoice.id == invoice_id))
    if number is None:
        return None
    query = (
        select(Paper.id, Paper.kind, Paper.state, Paper.error, Paper.token, Paper.token_revoked_at, Paper.drawn_at,
               Paper.file_id, File.filename, File.size, File.sha256)
        .outerjoin(File, File.id == Paper.file_id)
        .where(Paper.invoice_id == invoice_id)
        .order_by(Paper.kind, Paper.id)
    )  # fmt: skip
    return InvoicePapers(invoice_id, number, tuple(PaperFile(*row) for row in db.session.execute(query)))
