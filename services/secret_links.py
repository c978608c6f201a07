"""The link in a mail that opens a door: where it leads, and how it waits in an order (S5).

It stands sealed in the order, and nowhere in what the outbox keeps (services/mail_secrets.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import current_app

from documents import figures
from services import clock, secrets_box

HIDDEN = "•••"  # in the place of the token
SEALED = "sealed"  # the token in the facts of an order, until the mail is sent or stopped
_PURPOSE = "link in a mail"


def address(door: str, token: str) -> str:
    """The address behind which the token's owner chooses a password; `door` is its path without the token."""
    return f"{current_app.config['KONTOR'].base_url}{door}{token}"


def sealed(token: str) -> str:
    """The token as it may stand in an order."""
    return secrets_box.seal(_PURPOSE, token)


def token_in(facts: Mapping[str, Any]) -> str:
    """The token of an order, or a sign in its place once the mail is gone.

    NotAllowed("key_changed") where nobody can open the seal.
    """
    return secrets_box.unseal(_PURPOSE, facts[SEALED]) if SEALED in facts else HIDDEN


def moment(iso: str, language: str) -> str:
    """Day and time as a mail tells it."""
    found = clock.berlin(datetime.fromisoformat(iso))
    return f"{figures.day(found.date(), language)}, {found:%H:%M}"
