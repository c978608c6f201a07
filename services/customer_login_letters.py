"""What the mails about a customer's login tell, gathered when they are written (D-10, R-13, R-14)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app

from services import secret_links
from services.customer_letters import addressed
from services.secret_links import moment

PORTAL = "/portal/"
DOOR = "/portal/choose/"


def link(token: str) -> str:
    """The address under which the token's owner chooses a password."""
    return secret_links.address(DOOR, token)


def portal() -> str:
    """The portal's address."""
    return f"{current_app.config['KONTOR'].base_url}{PORTAL}"


def facts_of_link(language: str, _invoice_id: int | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts`: customer_id, email, by, sealed (until the mail is sent or stopped), until (ISO).

    NotAllowed("key_changed") where nobody can open the seal.
    """
    return {"customer": addressed(facts["customer_id"], language), "email": facts["email"], "by": facts["by"],
            "link": link(secret_links.token_in(facts)), "until": moment(facts["until"], language)}  # fmt: skip


def facts_of_password(language: str, _invoice_id: int | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """`facts`: customer_id, email, by (empty where it was the customer), at (ISO)."""
    return {"customer": addressed(facts["customer_id"], language), "email": facts["email"], "by": facts["by"],
            "at": moment(facts["at"], language), "link": portal()}  # fmt: skip
