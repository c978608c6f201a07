"""An issued invoice goes by mail once more, to whom and with the words that somebody says. The paper comes along.

Each address gets a mail of its own: so each has its own row, is written to at most once, and is tried again alone when
its server refuses it (L9). Whom else it went to stands in no mail, which keeps `BCC` what it is.
"""

from __future__ import annotations

import secrets

from sqlalchemy import select

from billing.errors import Invalid, NotAllowed, NotFound
from billing.unseen import as_read
from models import Customer, Invoice, Message
from services import activities, messages
from services import values as check
from services.actor import Actor
from services.unit import write

MOST_RECIPIENTS = 20
LONGEST_ADDRESS, LONGEST_SUBJECT, LONGEST_TEXT = 200, 200, 10_000
_BREAKS = frozenset("\r\n\t\x00")
_COLUMNS = Message.__table__.columns


def send_by_email(
    actor: Actor,
    invoice_id: int,
    to: str,
    *,
    copies: str = "",
    unseen: str = "",
    subject: str = "",
    text: str = "",
) -> list[int]:
    """Order the mails with the paper attached; gives their ids. Without words they have those of the house.

    `to`, `copies` and `unseen` hold addresses separated by commas; one that is named twice is written to once. Raises
    NotFound, NotAllowed("not_issued"), and Invalid: "recipient", "copies", "unseen", "subject", "text".
    """
    addresses = _addresses(recipient=to, copies=copies, unseen=unseen)
    subject, text = _words(subject, text)
    with write() as session:
        row = session.get(Invoice, invoice_id)
        if row is None:
            raise NotFound("unknown_invoice", field="invoice_id")
        if row.issued_at is None:
            raise NotAllowed("not_issued", field="invoice_id")
        owner = session.scalar(select(Customer.survivor_id).where(Customer.id == row.customer_id)) or row.customer_id
        event = f"invoice:{invoice_id}:by_hand:{secrets.token_hex(8)}"
        ids = [
            messages.order(
                event, "invoice_message", address, language=row.language_code, customer_id=owner,
                invoice_id=invoice_id, facts={"subject": subject, "text": text},
            )
            for address in addresses
        ]  # fmt: skip
        activities.record(
            actor, "invoice.sent", "invoice", invoice_id, customer_id=owner, number=row.number, recipients=len(ids)
        )
        return [each for each in ids if each is not None]


def _addresses(**given: str) -> list[str]:
    """Every address once, however it is written, by the field that it came in."""
    found = dict[str, str]()
    for field, value in given.items():
        for part in filter(None, check.emails(field, as_read(value)).split(", ")):
            if len(part) > LONGEST_ADDRESS:
                raise Invalid(field, "not_an_email")
            found.setdefault(part.casefold(), part)
        if not found:
            raise Invalid("recipient", "missing")
    if len(found) > MOST_RECIPIENTS:
        raise Invalid("recipient", "out_of_range")
    return list(found.values())


def _words(subject: str, text: str) -> tuple[str, str]:
    subject, text = as_read(subject), as_read(text)
    if len(subject) > LONGEST_SUBJECT or _BREAKS & set(subject):
        raise Invalid("subject", "too_long" if len(subject) > LONGEST_SUBJECT else "control_character",
                      longest=LONGEST_SUBJECT)  # fmt: skip
    try:
        return subject, check.text_of(_COLUMNS["body"], text)
    except Invalid as error:
        raise Invalid("text", error.code, longest=LONGEST_TEXT) from None
