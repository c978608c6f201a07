"""An issued invoice goes by mail once more, to whom and with the words that somebody says. The paper comes along."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sqlalchemy import select

from billing.errors import Invalid, NotAllowed, NotFound
from models import Customer, Invoice, Message
from services import activities, messages
from services import values as check
from services.actor import Actor
from services.unit import write

MOST_RECIPIENTS = 20
LONGEST_SUBJECT, LONGEST_TEXT = 200, 10_000
_BREAKS = frozenset("\r\n\t\x00")


def send_by_email(
    actor: Actor,
    invoice_id: int,
    to: str,
    *,
    copies: str = "",
    unseen: Sequence[str] = (),
    subject: str = "",
    text: str = "",
) -> list[int]:
    """Order the mail with the paper attached; gives the messages' ids. Without words it has those of the house.

    `to` and `copies` hold addresses separated by commas; each of `unseen` gets a mail of its own, so that nobody sees
    it. Raises NotFound, NotAllowed("not_issued"), and Invalid: "recipient", "copies", "unseen", "subject", "text".
    """
    to, copies = check.emails("recipient", to), check.emails("copies", copies)
    hidden = [check.email("unseen", each.strip()) for each in unseen if each.strip()]
    if not to:
        raise Invalid("recipient", "missing")
    if len(to.split(",")) + len(copies.split(",")) + len(hidden) > MOST_RECIPIENTS:
        raise Invalid("recipient", "out_of_range")
    _check_words(subject, text)
    with write() as session:
        row = session.get(Invoice, invoice_id)
        if row is None:
            raise NotFound("unknown_invoice", field="invoice_id")
        if row.issued_at is None:
            raise NotAllowed("not_issued", field="invoice_id")
        owner = session.scalar(select(Customer.survivor_id).where(Customer.id == row.customer_id)) or row.customer_id
        event = f"invoice:{invoice_id}:by_hand:{secrets.token_hex(8)}"
        ids = []
        for recipient, copy_to in [(to, copies), *((each, "") for each in hidden)]:
            ids.append(messages.order(
                event, "invoice_message", recipient, language=row.language_code, customer_id=owner,
                invoice_id=invoice_id, copy_to=copy_to, facts={"subject": subject.strip(), "text": text.strip()},
            ))  # fmt: skip
        activities.record(
            actor, "invoice.sent", "invoice", invoice_id, customer_id=owner, number=row.number, recipients=len(ids)
        )
        return [each for each in ids if each is not None]


def _check_words(subject: str, text: str) -> None:
    columns = Message.__table__.columns
    if len(subject) > LONGEST_SUBJECT or _BREAKS & set(subject):
        raise Invalid("subject", "too_long" if len(subject) > LONGEST_SUBJECT else "control_character",
                      longest=LONGEST_SUBJECT)  # fmt: skip
    try:
        check.text_of(columns["body"], text)
    except Invalid as error:
        raise Invalid("text", error.code, longest=LONGEST_TEXT) from None
