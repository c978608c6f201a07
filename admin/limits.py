"""How often somebody may try: per address and per account, counted where it failed (S5)."""

from __future__ import annotations

from flask import request
from flask_limiter.util import get_remote_address

from admin.people import arriving, person
from safety import ASKS, TRIES, account_key, failed

__all__ = ["ASKS", "CODE_TRIES", "TRIES", "account", "address", "failed"]

CODE_TRIES = "5 per minute; 20 per hour; 60 per day"  # six digits, three of which are right at a time


def account() -> str:
    """Whose account is tried; of a person who is signed in or half way, their own."""
    found = person() or arriving()
    return account_key("account", found.email if found else request.form.get("email", ""))


def address() -> str:
    return f"address:{get_remote_address()}"
