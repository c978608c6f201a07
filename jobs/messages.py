"""Mails from the outbox."""

from __future__ import annotations

from jobs import job
from services import messages


@job("money")
def send(message_id: int) -> None:
    messages.send(message_id)
