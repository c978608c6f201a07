"""A VAT id is asked about outside any transaction; the answer is a row."""

from __future__ import annotations

from jobs import job
from services import vat_checks
from services.actor import SYSTEM


@job("now")
def check(customer_id: int) -> None:
    """One customer's id. Asked twice is answered twice: both answers stay."""
    vat_checks.check(SYSTEM, customer_id)
