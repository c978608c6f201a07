"""People write to a customer: their own words with placeholders, files and invoices beside them (R-22, R-29).

What the preview showed is what goes out: the words are written when the mail is ordered, and only the frame of the
house (closing, imprint) comes when it is sent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from billing.errors import AlreadyDone, Invalid, NotFound
from extensions import db
from models import Customer, Document, File, Invoice, Message, Paper
from queries.family import family_of
from services import activities, customer_letters, mail_texts, messages, template_check, template_walk
from services.actor import Actor
from services.company import get_company
from services.customers import find_survivor, lock_survivor
from services.mail_texts import Letter, write_letter
from services.text_catalogue import LONGEST_MAIL, MESSAGE_WORDS, reader_of
from services.texts import tidy
from services.unit import write
from services.values import email, text_of

TEMPLATE = "customer_message"
LONGEST_SUBJECT = 200
MOST_ATTACHED_MB = 15  # many mailboxes take 20 to 25 of what has grown by a third on its way
MOST_ATTACHMENTS = 20
_ADDRESSES = ("email", "email_cc", "payment_mail_address", "bank_account_owner_email")
_ONCE = re.compile(r"[0-9a-f]{16}")
_COPIED = ("invoice", "invoice_message", TEMPLATE)  # mails to customers without a secret and with words of their own


@dataclass(frozen=True, slots=True)
class Words:
    """Subject and text as typed, with placeholders."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Wish:
    """A mail as a person wants it: to which of the customer's addresses, with which documents and invoices (ids)."""

    recipients: tuple[str, ...]
    words: Words
    documents: tuple[int, ...] = ()
    invoices: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Copied:
    """What a mail that was sent once said and brought, to begin a new one with."""

    words: Words
    recipients: tuple[str, ...] = ()
    documents: tuple[int, ...] = field(default=())
    invoices: tuple[int, ...] = field(default=())


def addresses_of(customer: Customer) -> list[str]:
    """Every address that the record knows, each once, the first for mails."""
    parts = [part.strip() for name in _ADDRESSES for part in re.split("[,;]", getattr(customer, name) or "")]
    return [address for address in dict.fromkeys(parts) if address and _is_address(address)]


def preview(customer_id: int, words: Words) -> Letter:
    """The mail as its reader will see it. Raises NotFound, Invalid: "subject", "body"."""
    customer = find_survivor(db.session(), customer_id)
    facts = _facts(customer, words)
    language = reader_of(customer.language_code)
    return write_letter(TEMPLATE, language, customer_letters.facts_of_message(language, None, facts))


def send_message(actor: Actor, customer_id: int, wish: Wish, once: str) -> int:
    """Order the mail; gives its id. `once` are 16 hex digits of the page it was written on: one page, one mail.

    Raises NotFound, NotAllowed("erased"), AlreadyDone("message_ordered") for the same page again, and Invalid:
    "recipients" (missing, not_a_choice, too_long), "subject" and "body" (missing, too_long, and as template_check has
    it), "documents", "invoices" (not_a_choice), "documents" (too_many, attached_too_large).
    """
    if not _ONCE.fullmatch(once):
        raise Invalid("once")
    with write() as session:
        customer = lock_survivor(session, customer_id)
        recipient = _recipient(customer, wish.recipients)
        facts: dict[str, object] = {**_facts(customer, wish.words)}
        _check_attached(session, customer.id, wish)
        facts |= {"documents": list(wish.documents), "invoices": list(wish.invoices)}
        message_id = messages.order(
            f"customer:by_hand:{once}", TEMPLATE, recipient, language=reader_of(customer.language_code),
            customer_id=customer.id, facts=facts,
        )  # fmt: skip
        if message_id is None:
            raise AlreadyDone("message_ordered")
        activities.record(
            actor, "customer.message_ordered", "message", message_id, customer_id=customer.id,
            subject=facts["subject"], recipients=len(wish.recipients), attachments=len(wish.documents + wish.invoices),
        )  # fmt: skip
        return message_id


def is_copied(template: str, body: str | None) -> bool:
    """Whether the same can be written once more; `body` as the outbox keeps it."""
    return template == TEMPLATE or (template in _COPIED and body is not None)


def copied_from(customer_id: int, message_id: int) -> Copied:
    """To write the same once more. NotFound for another customer's, one that was never written, and one that told its
    reader a secret."""
    row = db.session.scalars(
        select(Message).where(Message.id == message_id, Message.customer_id.in_(family_of(customer_id)))
    ).one_or_none()
    if row is None or not is_copied(row.template, row.body):
        raise NotFound("message", message_id=message_id)
    to = tuple(part.strip() for part in row.recipient.split(","))
    if row.template == TEMPLATE:
        facts = row.facts
        return Copied(Words(facts["subject"], facts["text"]), to, tuple(facts["documents"]), tuple(facts["invoices"]))
    return Copied(_words_of(row), to, invoices=(row.invoice_id,) if row.invoice_id else ())


def _words_of(row: Message) -> Words:
    """Its own words, without what every mail is given anew: the mark of the sandbox, closing and imprint."""
    subject = re.sub(r"^\[(Muster|Sample)\] ", "", row.subject or "")
    body = mail_texts.without_foot(row.body or "")
    return Words(subject[:LONGEST_SUBJECT], body.removesuffix(mail_texts.closing(row.language_code)).strip())


def _facts(customer: Customer, words: Words) -> dict[str, object]:
    """The words, written with the customer's data as they are now."""
    subject, body = check_words(words)
    language = reader_of(customer.language_code)
    link = customer_letters.data_link(customer.hash)
    known = {
        "customer": customer_letters.customer_values(customer, language) | {"data_link": link},
        "company": mail_texts.company_values(get_company()),
    }  # fmt: skip
    written = [template_walk.render(source, MESSAGE_WORDS, known).strip() for source in (subject, body)]
    if not all(written):
        raise Invalid("body" if written[0] else "subject", "missing")
    return {"customer_id": customer.id, "subject": " ".join(written[0].split()), "text": written[1]}


def check_words(words: Words) -> tuple[str, str]:
    """Subject and text, tidied. Raises Invalid: "subject", "body"."""
    subject, body = tidy(words.subject), tidy(words.body)
    _check("subject", subject, LONGEST_SUBJECT)
    _check("body", body, LONGEST_MAIL)
    return subject, body


def _check(name: str, source: str, longest: int) -> None:
    if not source:
        raise Invalid(name, "missing")
    if name == "subject" and "\n" in source:
        raise Invalid(name, "control_character")
    if len(source) > longest:
        raise Invalid(name, "too_long", longest=longest)
    try:
        text_of(Message.__table__.c.body, source)
    except Invalid as error:
        raise Invalid(name, error.code, longest=longest) from None
    template_check.check(source, MESSAGE_WORDS, field=name, longest=longest, largest=3 * LONGEST_MAIL)


def _recipient(customer: Customer, chosen: Sequence[str]) -> str:
    if not chosen:
        raise Invalid("recipients", "missing")
    if not set(chosen) <= set(addresses_of(customer)):
        raise Invalid("recipients", "not_a_choice")
    joined = ", ".join(dict.fromkeys(chosen))
    if len(joined) > 200:
        raise Invalid("recipients", "too_long", longest=200)
    return joined


def _check_attached(session: Session, customer_id: int, wish: Wish) -> None:
    """All of it is this customer's and there, and together it fits into a mailbox."""
    if len(wish.documents) + len(wish.invoices) > MOST_ATTACHMENTS:
        raise Invalid("documents", "too_many_attached", most=MOST_ATTACHMENTS)
    theirs = family_of(customer_id)
    files = select(func.count(), func.coalesce(func.sum(File.size), 0)).select_from(Document)
    files = files.join(File, File.id == Document.file_id).where(
        Document.id.in_(wish.documents), Document.deleted_at.is_(None), File.customer_id.in_(theirs)
    )
    count, size = session.execute(files).one()
    if count != len(set(wish.documents)):
        raise Invalid("documents", "not_a_choice")
    issued = select(func.count()).where(
        Invoice.id.in_(wish.invoices), Invoice.customer_id.in_(theirs), Invoice.issued_at.isnot(None)
    )
    if session.scalar(issued) != len(set(wish.invoices)):
        raise Invalid("invoices", "not_a_choice")
    drawn = select(func.coalesce(func.sum(File.size), 0)).join(Paper, Paper.file_id == File.id)
    drawn_size = session.scalar(drawn.where(Paper.invoice_id.in_(wish.invoices))) or 0
    if int(size) + int(drawn_size) > MOST_ATTACHED_MB * 1_000_000:
        raise Invalid("documents", "attached_too_large", most=MOST_ATTACHED_MB)


def _is_address(value: str) -> bool:
    try:
        return bool(email("email", value))
    except Invalid:
        return False
