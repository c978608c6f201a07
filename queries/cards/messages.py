"""What a mail of the outbox carries with it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from extensions import db
from models import File, Message, Paper


@dataclass(frozen=True, slots=True)
class Attached:
    """A paper beside a mail; `token` opens it and is empty where the link was revoked or nothing is drawn yet."""

    filename: str
    size: int
    token: str


def papers_of(message_id: int) -> list[Attached]:
    """The papers of the mail's invoice as they are stored, in one statement; none where the mail brings none.

    Of a sent mail those that it brought: an XRechnung may have been made for the invoice since.
    """
    query = (
        select(File.filename, File.size, Paper.token, Paper.token_revoked_at, Message.attachments)
        .join(Paper, Paper.file_id == File.id)
        .join(Message, Message.invoice_id == Paper.invoice_id)
        .where(Message.id == message_id, Message.template == "invoice")
        .order_by(Paper.id)
    )
    return [
        Attached(row.filename, row.size, "" if row.token_revoked_at else row.token)
        for row in db.session.execute(query)
        if not row.attachments or row.filename in {each["filename"] for each in row.attachments}
    ]
