"""What mails to staff tell, gathered when they are written; above all the link that opens a door.

Such a link stands sealed in the order, and nowhere in what the outbox keeps (services/mail_secrets.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import current_app

from documents import figures
from services import clock, secrets_box

DOOR = "/admin/choose/"
HIDDEN = "•••"  # in the place of the token
_PURPOSE = "link in a mail"


def link(token: str) -> str:
    """The address under which the token's owner chooses a password."""
    return f"{current_app.config['KONTOR'].base_url}{DOOR}{token}"


def sealed(token: str) -> str:
    """The token as it may stand in an order."""
    return secrets_box.seal(_PURPOSE, token)


def facts_of_link(language: str, _invoice_id: int | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts`: name, role, by, sealed (until the mail is sent or stopped), until (ISO).

    NotAllowed("key_changed") where nobody can open the seal.
    """
    token = secrets_box.unseal(_PURPOSE, facts["sealed"]) if "sealed" in facts else HIDDEN
    return {"name": facts["name"], "role": facts["role"], "by": facts["by"], "link": link(token),
            "until": _moment(facts["until"], language)}  # fmt: skip


def facts_of_news(language: str, _invoice_id: int | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts`: name, and what the kind of news has: role and open, at (ISO), deed."""
    told = {name: value for name, value in facts.items() if name != "at"}
    at = {"at": _moment(facts["at"], language)} if "at" in facts else {}
    return {**told, **at, "link": f"{current_app.config['KONTOR'].base_url}/admin/"}


def _moment(iso: str, language: str) -> str:
    moment = clock.berlin(datetime.fromisoformat(iso))
    return f"{figures.day(moment.date(), language)}, {moment:%H:%M}"
