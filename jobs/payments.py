"""Attempts on their way to providers, and the tries of the day."""

from __future__ import annotations

from jobs import job
from services import attempts, charging


@job("money")
def charge(attempt_id: int) -> None:
    attempts.carry_on(attempt_id)


@job("money")
def try_again(invoice_id: int) -> None:
    charging.try_again(invoice_id)
