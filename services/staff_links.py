"""What mails to staff tell, gathered when they are written; above all the link that opens a door.

Such a link stands sealed in the order and is masked in what the outbox keeps: whoever may read the outbox could
otherwise take over the account of anybody (S5, S22).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import current_app

from documents import figures
from services import clock, secrets_box

DOOR = "/admin/choose/"
_LINK = re.compile(re.escape(DOOR) + r"[a-z0-9_-]+", re.IGNORECASE)
_PURPOSE = "link in a mail"


def link(token: str) -> str:
    """The address under which the token's owner chooses a password."""
    return f"{current_app.config['KONTOR'].base_url}{DOOR}{token}"


def masked(text: str) -> str:
    """What is kept of a mail: without the secret part of such a link."""
    return _LINK.sub(DOOR + "•••", text)


def sealed(token: str) -> str:
    """The token as it may stand in an order."""
    return secrets_box.seal(_PURPOSE, token)


def facts_of_link(language: str, _invoice_id: int | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts`: name, role, by, sealed, until (ISO). NotAllowed("key_changed") where nobody can open the seal."""
    token = secrets_box.unseal(_PURPOSE, facts["sealed"])
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
