"""Mails as their readers see them, sent or still to be sent; the mail server's state, and a test of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from flask import current_app

from billing.errors import Invalid, KontorError, NotFound
from extensions import db
from gateways import smtp
from models import Message
from services import activities, mail_writing, messages
from services.actor import Actor
from services.mail_facts import facts_of
from services.mail_texts import Letter, dressed_again, write_letter
from services.staff_links import masked
from services.unit import write

# What only the reader of the mail may know: whoever sees the outbox could otherwise act as somebody else (S5).
SECRET = ("code",)
HIDDEN = "••••••"


@dataclass(frozen=True, slots=True)
class MailServer:
    """How mails leave the house. `problem` is a code where SMTP_URL cannot be read; the password is not told."""

    is_set: bool
    sender_name: str
    sender: str
    reply_to: str
    host: str = ""
    port: int = 0
    tls: str = ""
    user: str = ""
    problem: str = ""


def letter_of(message_id: int) -> Letter:
    """A kept mail as it was sent, a waiting one as it would be written now, its secrets hidden.

    Raises NotFound for an unknown id, KontorError where it cannot be written any more.
    """
    row: Message | None = db.session.get(Message, message_id)
    if row is None:
        raise NotFound("message", message_id=message_id)
    if row.body is not None and row.state != "pending":
        return Letter(row.subject or "", row.body, dressed_again(row.body, row.language_code))
    try:
        facts = facts_of(row.template, row.language_code, row.invoice_id, row.facts)
        letter = write_letter(
            row.template, row.language_code, facts | {name: HIDDEN for name in SECRET if name in facts}
        )
        return Letter(letter.subject, masked(letter.text), masked(letter.html))
    except (KeyError, TypeError, ValueError) as error:
        raise KontorError("cannot_be_written", kind=type(error).__name__) from None


def mail_server() -> MailServer:
    """As SMTP_URL and the company's data say."""
    url = current_app.config["KONTOR"].smtp_url
    try:
        name, address, reply_to = mail_writing.sender()
        server = smtp.read_url(url) if url else None
    except Invalid as error:
        return MailServer(True, "", "", "", problem=error.code)
    if server is None:
        return MailServer(False, name, address, reply_to)
    return MailServer(True, name, address, reply_to, server.host, server.port, server.tls, server.user)


def send_test(actor: Actor, recipient: str, language: str) -> int:
    """Order a test mail; gives its id. Each is an event of its own."""
    with write():
        event = f"mail_test:{secrets.token_hex(8)}"
        message_id = messages.order(event, "mail_test", recipient, language=language, facts={"name": actor.name})
        if message_id is None:
            raise KontorError("unexpected")
        activities.record(actor, "message.tested", "message", message_id)
        return message_id
