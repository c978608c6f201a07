"""The digits of a one-time code: made of the house's secret and the code's row, so that they need not be stored."""

from __future__ import annotations

import hmac
from datetime import timedelta
from hashlib import sha256

from flask import current_app

from models import CustomerCode

LIVES = timedelta(minutes=10)


def code_of(row: CustomerCode) -> str:
    """Six digits; for the mail alone."""
    made = _keyed(f"code:{row.id}:{row.customer_id}:{row.purpose}:{row.sent_to}:{row.created_at:%Y%m%d%H%M%S%f}")
    return f"{int(made, 16) % 1_000_000:06d}"


def digest_of(code_id: int, code: str) -> str:
    """What the database keeps. Keyed, for a million codes are tried in a second."""
    return _keyed(f"digest:{code_id}:{code}")


def _keyed(text: str) -> str:
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(secret, text.encode(), sha256).hexdigest()
