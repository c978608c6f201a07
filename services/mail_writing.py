"""An ordered mail becomes a mail ready to go: words, sender, and the document it promises."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import select

from billing.errors import KontorError
from extensions import db
from gateways import smtp
from gateways.mail import Attachment, Mail
from models import Document, Reminder
from services import clock, files, mail_secrets, papers, reminder_papers
from services.company import get_company
from services.mail_facts import facts_of
from services.mail_texts import Letter, write_letter
from services.paper_drawing import told
from services.unit import end_reading

WITH_PAPER = frozenset({"invoice", "invoice_message"})  # templates that promise an attachment


class PaperNotReady(KontorError):
    """The promised document cannot be attached yet; `code` says why."""


class AttachmentGone(KontorError):
    """A document that was to come along was deleted meanwhile; trying again cannot help."""


@dataclass(frozen=True, slots=True)
class Order:
    """A claimed row of the outbox; `attempt` proves to later statements that it is still ours."""

    id: int
    attempt: int
    template: str
    language: str
    recipient: str
    copy_to: str
    invoice_id: int | None
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """A mail ready to go, and what its row keeps of it: the same words without what only its reader may know."""

    mail: Mail
    kept: Letter
    sender: str
    attachments: list[dict[str, Any]]

    def frozen(self) -> dict[str, Any]:
        return {
            "subject": self.kept.subject, "body": self.kept.text, "sender": self.sender[:200],
            "attachments": self.attachments, "message_id": self.mail.message_id,
        }  # fmt: skip


def write_mail(order: Order) -> Written:
    """Write the mail as of now. Raises PaperNotReady, or KontorError when its event is gone or nothing fits."""
    facts = facts_of(order.template, order.language, order.invoice_id, order.facts)
    letter = write_letter(order.template, order.language, facts)
    attachments, named = _papers_of(order)
    name, address, reply_to = sender()
    mail = Mail(
        sender=address,
        sender_name=name,
        recipients=_addresses(order.recipient),
        copies=_addresses(order.copy_to),
        reply_to=reply_to,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        sent_at=clock.real(),
        message_id=f"<{order.id}.{secrets.token_hex(8)}@{address.partition('@')[2]}>",
        attachments=attachments,
    )
    end_reading()
    return Written(mail, _kept(order, facts, letter), f"{name} <{address}>", named)


def _kept(order: Order, facts: Mapping[str, Any], letter: Letter) -> Letter:
    if not mail_secrets.has_secret(order.template):
        return letter
    return write_letter(order.template, order.language, mail_secrets.hidden(order.template, facts))


def _papers_of(order: Order) -> tuple[tuple[Attachment, ...], list[dict[str, Any]]]:
    """The documents as they are stored, drawn now if nobody has yet."""
    if order.template == "reminder":
        return _letter_of(order.facts["reminder_id"])
    if order.template == "customer_message":
        chosen = order.facts.get("documents", ()), order.facts.get("invoices", ())
    elif order.template in WITH_PAPER and order.invoice_id is not None:
        chosen = (), (order.invoice_id,)
    else:
        return (), []
    stored = [_brought(each) for each in chosen[0]]
    drawn = [paper_id for invoice_id in chosen[1] for paper_id in papers.to_send(invoice_id)]
    stored += [({"paper_id": paper_id}, _stored(paper_id)) for paper_id in drawn]
    kept = [{**named, "filename": file.filename, "sha256": file.sha256} for named, file in stored]
    return tuple(Attachment(file.filename, file.media_type, file.content) for _, file in stored), kept


def _letter_of(reminder_id: int) -> tuple[tuple[Attachment, ...], list[dict[str, Any]]]:
    """The letter of a reminder, where its level sends one besides the mail."""
    if db.session.scalar(select(Reminder.letter_state).where(Reminder.id == reminder_id)) in (None, "none"):
        return (), []
    try:
        file_id = reminder_papers.draw(reminder_id)
        file = files.read(file_id)
    except KontorError as error:
        raise PaperNotReady(told(error)) from None
    kept = {"reminder_id": reminder_id, "file_id": file_id, "filename": file.filename, "sha256": file.sha256}
    return (Attachment(file.filename, file.media_type, file.content),), [kept]


def _brought(document_id: int) -> tuple[dict[str, int], files.Stored]:
    """A document that people keep with the customer, and the ids by which it is known."""
    there = (Document.id == document_id, Document.deleted_at.is_(None))
    file_id = db.session.scalar(select(Document.file_id).where(*there))
    if file_id is None:
        raise AttachmentGone("attachment_gone")
    return {"document_id": document_id, "file_id": file_id}, files.read(file_id)


def _stored(paper_id: int) -> files.Stored:
    try:
        return files.read(papers.draw(paper_id))
    except KontorError as error:  # also while the pause after an earlier failure lasts: that one's reason is told
        raise PaperNotReady(str(error.facts.get("error") or told(error))) from None


def leave_the_house() -> bool:
    """Whether a mail server is set; without one nobody gets a mail."""
    return bool(current_app.config["KONTOR"].smtp_url)


def sender() -> tuple[str, str, str]:
    """(name, address, reply-to): SMTP_URL's `from=` if given, since a server may insist on it, else the company's."""
    company = get_company()
    url = current_app.config["KONTOR"].smtp_url
    server = smtp.read_url(url) if url else None
    if server and server.sender:
        reply_to = company.email if company.email != server.sender else ""
        return server.sender_name or company.name, server.sender, reply_to
    return company.name, company.email or "kontor@localhost", ""


def _addresses(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.replace(";", ",").split(",") if part.strip())
