"""Mails about money go to whoever pays: the address for invoices, otherwise the record's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from services import mail_orders
from services.survivors import find_survivor


def order(session: Session, event: str, template: str, customer_id: int, facts: Mapping[str, Any]) -> None:
    """Order the mail, once by its event; `facts` get the surviving record's `customer_id`. Who has no address, or was
    erased, is written to by nobody."""
    payer = find_survivor(session, customer_id)
    recipient = payer.payment_mail_address or payer.email
    if recipient and payer.erased_at is None:
        mail_orders.order(event, template, recipient, language=payer.language_code, customer_id=payer.id,
                          copy_to=payer.email_cc, facts={**facts, "customer_id": payer.id})  # fmt: skip
