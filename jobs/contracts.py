"""Contracts whose day has come."""

from __future__ import annotations

from jobs import job
from services import contract_days


@job("money")
def follow(subscription_id: int) -> None:
    contract_days.follow(subscription_id)
