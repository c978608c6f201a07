"""What is done with issued invoices: cancel, mail, mark as paid. Signing and posting letters are not offered here."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from api.fields import Field
from api.invoice_drafts import INVOICE
from api.kinds import DAY, FLAG, Kind, text
from api.registry import Ask, Service, Source, declare
from api.scalars import Wrong
from billing.errors import AlreadyDone, NotAllowed
from queries.invoices import get_invoice
from services.corrections import cancel
from services.invoice_mails import send_by_email
from services.payments import mark_paid

_ADDRESSES = text(1_000)


def _recipient(value: object) -> Mapping[str, str]:
    """{TO, CC, BCC}, or a bare address as one client sends it."""
    given = value if isinstance(value, dict) else {"TO": value}
    found = {name: str(_ADDRESSES.read(given.get(name) or "")) for name in ("TO", "CC", "BCC")}
    if not found["TO"]:
        raise Wrong
    return found


RECIPIENT = Kind("{TO, CC, BCC}, or one address as text", _recipient)
SEND = (
    INVOICE,
    Field("RECIPIENT", RECIPIENT, "recipient", required=True),
    Field("SUBJECT", text(200), "subject", note="default: that of the house"),
    Field("MESSAGE", text(10_000, lines=True), "text", note="default: that of the house"),
    Field("RECEIPT_CONFIRMATION", FLAG, "confirmation", note="is not asked for"),
)
PAID = (INVOICE, Field("PAID_DATE", DAY, "received_on", note="default: today"))


def _number(ask: Ask) -> int:
    return int(str(ask.values["invoice_id"]))


def _cancel(ask: Ask) -> dict[str, object]:
    made = get_invoice(cancel(ask.actor, _number(ask), reason=""))
    return {"STATUS": "success", "INVOICE_NUMBER": made.number if made else ""}


def _send(ask: Ask) -> dict[str, object]:
    values: Mapping[str, Any] = ask.values
    to = values["recipient"]
    send_by_email(
        ask.actor, _number(ask), to["TO"], copies=to["CC"], unseen=to["BCC"],
        subject=values.get("subject", ""), text=values.get("text", ""),
    )  # fmt: skip
    return {"STATUS": "success"}


def _paid(ask: Ask) -> dict[str, object]:
    """Paid already is success: whoever asks twice is told the same."""
    values: Mapping[str, Any] = ask.values
    with suppress(AlreadyDone):
        mark_paid(ask.actor, _number(ask), values.get("received_on"))
    found = get_invoice(_number(ask))
    return {"STATUS": "success", "INVOICE_NUMBER": found.number if found else ""}


def _no_signature(ask: Ask) -> dict[str, object]:
    raise NotAllowed("not_offered_signature")


def _no_post(ask: Ask) -> dict[str, object]:
    raise NotAllowed("not_offered_post")


for _service in (
    Service("invoice.cancel", "Issue the Stornorechnung of all that is left of an invoice; gives its number.",
            Source.DATA, (INVOICE,), _cancel, ("STATUS", "INVOICE_NUMBER"), writes=True, subject="Invoice"),
    Service("invoice.sendbyemail", "Send an issued invoice by e-mail, with its PDF. Each address, at most 20 in "
            "all, gets a mail of its own.", Source.DATA, SEND, _send,
            ("STATUS",), writes=True, subject="Invoice"),
    Service("invoice.setpaid", "The whole open amount was paid.", Source.DATA, PAID, _paid,
            ("STATUS", "INVOICE_NUMBER"), writes=True, subject="Invoice"),
    Service("invoice.sign", "Not offered: since 2011 an invoice needs no signature (section 14 (1) UStG). Always an "
            "error.", Source.DATA, (INVOICE,), _no_signature, (), writes=True, subject="Invoice"),
    Service("invoice.sendbypost", "Not offered: no letter service is connected. Always an error.", Source.DATA,
            (INVOICE,), _no_post, (), writes=True, subject="Invoice"),
):  # fmt: skip
    declare(_service)
