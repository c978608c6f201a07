"""Mails to customers about their own login, ordered in the transaction of what they tell."""

from __future__ import annotations

import secrets
from typing import Any

from models import Customer, CustomerLogin
from services import clock, messages, secret_links
from services.mail_writing import leave_the_house
from services.one_time_links import Made

_TEMPLATES = {"invitation": "customer_invitation", "reset": "customer_reset"}


def send_link(purpose: str, row: CustomerLogin, customer: Customer, made: Made, *, by: str = "") -> None:
    """Order the mail with the link; `by` is the person of the house who asked for it."""
    facts = {"by": by, "sealed": secret_links.sealed(made.token), "until": made.expires_at.isoformat()}
    _order(_TEMPLATES[purpose], row, customer, facts)


def tell_password(row: CustomerLogin, customer: Customer, *, by: str = "") -> None:
    """The password was chosen anew: whoever did not do it hears of it."""
    _order("customer_password", row, customer, {"by": by, "at": clock.real().isoformat()})


def arrives(purpose: str) -> bool:
    """Whether the mail with a link reaches anybody; otherwise somebody has to hand the link over."""
    return leave_the_house() and not messages.stays_here(_TEMPLATES[purpose])


def _order(template: str, row: CustomerLogin, customer: Customer, facts: dict[str, Any]) -> None:
    """Each is an event of its own: nothing about an access may be swallowed as said before."""
    event = f"{template}:{row.id}:{secrets.token_hex(8)}"
    told = {"customer_id": customer.id, "email": row.email, **facts}
    messages.order(event, template, row.email, language=customer.language_code, customer_id=customer.id, facts=told)
