"""What mails to staff tell, gathered when they are written; above all the link that opens a door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app

from services import secret_links
from services.secret_links import HIDDEN, moment, sealed

__all__ = ["HIDDEN", "facts_of_link", "facts_of_news", "link", "sealed"]

DOOR = "/admin/choose/"


def link(token: str) -> str:
    """The address under which the token's owner chooses a password."""
    return secret_links.address(DOOR, token)


def facts_of_link(language: str, _invoice_id: int | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts`: name, role, by, sealed (until the mail is sent or stopped), until (ISO).

    NotAllowed("key_changed") where nobody can open the seal.
    """
    return {"name": facts["name"], "role": facts["role"], "by": facts["by"],
            "link": link(secret_links.token_in(facts)), "until": moment(facts["until"], language)}  # fmt: skip


def facts_of_news(language: str, _invoice_id: int | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts`: name, and what the kind of news has: role and open, at (ISO), deed."""
    told = {name: value for name, value in facts.items() if name != "at"}
    at = {"at": moment(facts["at"], language)} if "at" in facts else {}
    return {**told, **at, "link": f"{current_app.config['KONTOR'].base_url}/admin/"}
