"""Mails as their readers see them, sent or still to be sent; the mail server's state, and a test of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from flask import current_app

from billing.errors import Invalid, KontorError, NotFound
from extensions import db
from gateways import smtp
from models import Message
from services import activities, customer_codes, mail_secrets, mail_writing, messages
from services.actor import Actor
from services.company import get_company
from services.mail_facts import facts_of
from services.mail_texts import Letter, dressed_again, write_letter
from services.unit import write


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
    """A kept mail as it was sent, a waiting one as it would be written now; without what only its reader may know.

    One exception: a sandbox without a mail server shows its code while it is valid, for it can be read nowhere else.

    Raises NotFound for an unknown id, KontorError where it cannot be written any more.
    """
    row: Message | None = db.session.get(Message, message_id)
    if row is None:
        raise NotFound("message", message_id=message_id)
    shows_code = _shows_code(row)
    if row.body is not None and row.state != "pending" and not shows_code:
        return Letter(row.subject or "", row.body, dressed_again(row.body, row.language_code))
    try:
        facts = facts_of(row.template, row.language_code, row.invoice_id, row.facts)
        told = facts if shows_code else mail_secrets.hidden(row.template, facts)
        return write_letter(row.template, row.language_code, told)
    except (KeyError, TypeError, ValueError) as error:
        raise KontorError("cannot_be_written", kind=type(error).__name__) from None


def _shows_code(row: Message) -> bool:
    """Only in a house where nothing is real and nobody gets a mail."""
    if row.template != "customer_code" or row.delivery != "outbox":
        return False
    if mail_writing.leave_the_house() or get_company().mode != "sandbox":
        return False
    return customer_codes.is_valid(row.facts["code_id"])


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
