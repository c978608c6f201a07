"""A mail is ordered in the transaction of the deed that it tells of; services/messages.py sends it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from billing.errors import Invalid
from extensions import queues
from models import Message
from services import clock
from services.sql import insert
from services.unit import after_commit, write


def order(
    event: str,
    template: str,
    recipient: str,
    *,
    language: str = "de",
    customer_id: int | None = None,
    invoice_id: int | None = None,
    copy_to: str = "",
    facts: Mapping[str, Any] | None = None,
) -> int | None:
    """Order a mail about an event; gives its id, or None where this event already has one to this recipient.

    Joins an open transaction and rings after its commit. Invalid for an empty recipient.
    """
    if not recipient.strip():
        raise Invalid("recipient", "empty")
    values = {
        "event": event, "template": template, "recipient": recipient.strip(), "language_code": language,
        "customer_id": customer_id, "invoice_id": invoice_id, "copy_to": copy_to, "facts": dict(facts or {}),
        "created_at": clock.instant(), "next_attempt_at": clock.real(),
    }  # fmt: skip
    with write() as session:
        statement = insert(Message).values(**values).on_conflict_do_nothing().returning(Message.id)
        message_id: int | None = session.scalar(statement)
        if message_id is not None:
            after_commit(partial(ring, message_id))
        return message_id


def ring(message_id: int) -> None:
    """Tell the queue that it waits."""
    queues.ring("money", "jobs.messages.send", message_id)
