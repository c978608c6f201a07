"""What a mail tells its reader alone, and what the outbox keeps instead of it (S5, S22).

Whoever may read the outbox could otherwise act as somebody else: choose the owner's password, confirm a customer's new
bank account. What is kept is therefore written a second time, without the secret: words that staff have given a mail
cannot put it anywhere, not even into the subject.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services import staff_links

# Template -> which of the facts that it tells is secret.
_SECRET: Mapping[str, str] = {"staff_access": "link", "staff_reset": "link", "customer_code": "code"}
SEALED = "sealed"  # the secret in the facts of an order; of use only until the mail is gone


def has_secret(template: str) -> bool:
    return template in _SECRET


def hidden(template: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts as anybody who reads the outbox may know them."""
    masks = {"link": staff_links.link(staff_links.HIDDEN), "code": "••••••"}
    secret = _SECRET.get(template)
    return {**facts, secret: masks[secret]} if secret else dict(facts)


def spent(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What an order still knows once its mail is gone."""
    return {name: value for name, value in facts.items() if name != SEALED}
