"""Sums and their parts: what a bank books as one sum and tells one by one in a notification (camt.054, SEP-8).

The table of cases stands in docs/billing-rules.md, "Sums and their parts". A notification alone books nothing: only the
line of a statement that it belongs to is taken apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from billing.bank_lines import Movement, line_keys


@dataclass(frozen=True, slots=True)
class Batch:
    """One entry of a notification. `reference` is the bank's own for the sum, `message` the name of the notification
    that a statement may refer to."""

    iban: str
    booked_on: date
    cents: int
    currency: str
    parts: tuple[Movement, ...]
    reference: str = ""
    message: str = ""


def batch_key(batch: Batch) -> str:
    """The key of the line that books this sum; without a reference of the bank a digest of all that the parts tell."""
    if batch.reference:
        return line_keys([Movement(batch.booked_on, batch.cents, batch.currency, batch.reference)])[0]
    told = [batch.booked_on.isoformat(), str(batch.cents), batch.currency, *sorted(_part_keys(batch.parts))]
    return sha256("\x1f".join(told).encode()).hexdigest() + "-parts"


def gathered(known: Sequence[Movement], more: Sequence[Movement]) -> tuple[Movement, ...]:
    """The parts of both; what both tell is there once."""
    seen = set(_part_keys(known))
    return (*known, *(each for key, each in zip(_part_keys(more), more, strict=True) if key not in seen))


def comes_to(parts: Sequence[Movement], cents: int, currency: str) -> bool:
    """Whether the parts are the whole sum."""
    return bool(parts) and sum(each.amount_cents for each in parts) == cents and {currency} == {
        each.currency for each in parts}  # fmt: skip


def as_data(parts: Sequence[Movement]) -> list[dict[str, Any]]:
    """The parts as JSON can hold them."""
    return [asdict(each) | {"booked_on": each.booked_on.isoformat()} for each in parts]


def of_data(data: Sequence[Mapping[str, Any]]) -> tuple[Movement, ...]:
    return tuple(Movement(**{**each, "booked_on": date.fromisoformat(each["booked_on"])}) for each in data)


def _part_keys(parts: Sequence[Movement]) -> list[str]:
    """A part is known again by all that it tells; equal ones of one notification are counted."""
    seen: Counter[str] = Counter()
    keys = []
    for each in parts:
        digest = sha256(repr(each).encode()).hexdigest()
        seen[digest] += 1
        keys.append(f"{digest}-{seen[digest]}")
    return keys
