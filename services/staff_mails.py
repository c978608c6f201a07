"""Mails to staff about their own access (M2-32), ordered in the transaction of what they tell."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from models import Staff
from services import clock, messages, staff_links


def send_link(template: str, row: Staff, token: str, until: datetime, *, by: str = "") -> None:
    """Order the mail with the link; `by` is who asked for it."""
    facts = {"name": row.name, "role": row.role.name, "by": by, "sealed": staff_links.sealed(token),
             "until": until.isoformat()}  # fmt: skip
    _order(template, row, facts)


def tell_change(row: Staff) -> None:
    """The person's role or whether they may log in has changed; the mail says how it stands now."""
    may_log_in = row.is_active and row.role.is_enabled
    _order("staff_changed", row, {"name": row.name, "role": row.role.name, "open": "yes" if may_log_in else ""})


def tell_password(row: Staff) -> None:
    """The password was chosen anew: whoever did not do it hears of it."""
    _order("staff_password", row, {"name": row.name, "at": clock.real().isoformat()})


def tell_second_factor(row: Staff, deed: str) -> None:
    """`deed` is on, off, reset, or recovery (a recovery code was used)."""
    _order("staff_second_factor", row, {"name": row.name, "at": clock.real().isoformat(), "deed": deed})


def _order(template: str, row: Staff, facts: dict[str, Any]) -> None:
    """Each is an event of its own: nothing about an access may be swallowed as said before."""
    event = f"{template}:{row.id}:{secrets.token_hex(8)}"
    messages.order(event, template, row.email, language=row.language_code, facts=facts)
