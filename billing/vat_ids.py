"""Whether a buyer's VAT id may be relied on: what was answered, when, and what the house has decided (INV-9, EB-46).

An answer counts for the day it was given, so it has to be asked for again; a service that is down does not make an id
wrong, and a missing answer never makes it right.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

RELIED = "relied"
INVALID = "vat_id_invalid"
UNCONFIRMED = "vat_id_unconfirmed"
DEFINITE = ("valid", "invalid", "decided")  # an outage says nothing


class Answer(NamedTuple):
    """One answer that was kept. `result`: valid, invalid, unavailable, timeout, or decided by a person."""

    vat_id: str
    result: str
    on: date


@dataclass(frozen=True, slots=True)
class Policy:
    """What the house has set. `is_checked`: ids are checked at all; `rely_days`: how long a good answer is relied on
    while no new one comes; `is_held`: without one the invoice waits, else it bears VAT as for a consumer."""

    is_checked: bool
    rely_days: int
    is_held: bool


def reliance(vat_id: str, answers: Iterable[Answer], today: date, policy: Policy) -> str:
    """RELIED, INVALID or UNCONFIRMED. `answers` oldest first, of any id; only those to this one count."""
    if not policy.is_checked:
        return RELIED
    definite = [answer for answer in answers if answer.vat_id == vat_id and answer.result in DEFINITE]
    if not definite:
        return UNCONFIRMED
    last = definite[-1]
    if last.result == "invalid":
        return INVALID
    return RELIED if today <= last.on + timedelta(policy.rely_days) else UNCONFIRMED
