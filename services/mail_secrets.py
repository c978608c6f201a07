"""What a mail tells its reader alone, and what the outbox keeps instead of it (S5, S22).

Whoever may read the outbox could otherwise act as somebody else: choose the owner's password, confirm a customer's new
bank account. What is kept is therefore written a second time, without the secret: words that staff have given a mail
cannot put it anywhere, not even into the subject.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services import customer_letters, customer_login_letters, staff_links
from services.secret_links import HIDDEN, SEALED


def _staff_link() -> str:
    return staff_links.link(HIDDEN)


def _portal_link() -> str:
    return customer_login_letters.link(HIDDEN)


def _data_link() -> str:
    return customer_letters.data_link(HIDDEN)


def _code() -> str:
    return "••••••"


# Template -> which of the facts that it tells is secret, and what stands in its place.
_SECRET: Mapping[str, tuple[str, Callable[[], str]]] = {
    "staff_access": ("link", _staff_link), "staff_reset": ("link", _staff_link),
    "customer_invitation": ("link", _portal_link), "customer_reset": ("link", _portal_link),
    "customer_code": ("code", _code), "payment_data": ("link", _data_link),
    "payment_declined": ("link", _data_link), "payment_action": ("link", _data_link),
    "payment_expiring": ("link", _data_link), "debit_returned": ("link", _data_link),
    "debit_cancelled": ("link", _data_link),
    "payment_charged_back": ("link", _data_link),
}  # fmt: skip


def has_secret(template: str) -> bool:
    return template in _SECRET


def hidden(template: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts as anybody who reads the outbox may know them."""
    if not has_secret(template):
        return dict(facts)
    name, mask = _SECRET[template]
    return {**facts, name: mask()}


def spent(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What an order still knows once its mail is gone."""
    return {name: value for name, value in facts.items() if name != SEALED}
