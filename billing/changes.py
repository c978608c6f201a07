"""A contract as it would be after a change: what a preview plans, by the planner itself."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import date

from billing.charges import Charge, due_charges, next_due_on, wanted
from billing.contracts import ClaimKey, Item, Rhythm, Terms
from billing.taxes import ZERO, TaxCase

_UNTAXED = TaxCase("undecided", "", False, "")


@dataclass(frozen=True, slots=True)
class Edits:
    """Items by id that end on a day, that never begin, and that go on after all; and new ones, with ids below 0.

    `rhythm` is the contract's own from then on; what is there keeps the one it had.
    """

    on: date
    ends: frozenset[int] = frozenset()
    dropped: frozenset[int] = frozenset()
    reopened: frozenset[int] = frozenset()
    begins: tuple[Item, ...] = ()
    rhythm: Rhythm | None = None


def edited(terms: Terms, edits: Edits) -> Terms:
    """The contract after the change."""
    items = [_edited(item, edits, terms.rhythm) for item in terms.items if item.id not in edits.dropped]
    return replace(terms, items=(*items, *edits.begins))


def due_now(terms: Terms, on: date, claimed: Container[ClaimKey]) -> list[Charge]:
    """What is billed up to that day and not claimed, untaxed."""
    return list(due_charges(terms, on, claimed, lambda item, day: (_UNTAXED, "", ZERO)))


def due_later(terms: Terms, after: date, claimed: Container[ClaimKey]) -> list[Charge]:
    """What is billed on the first billing day after that one; nothing where there is none."""
    day = next_due_on(terms, after)
    if day is None:
        return []
    return [charge for charge in wanted(terms, day) if charge.due_on == day and charge.key not in claimed]


def amount(charges: Sequence[Charge]) -> int:
    """The sum of some charges in cents, in the contract's net or gross mode."""
    return sum(charge.amount_cents for charge in charges)


def _edited(item: Item, edits: Edits, own: Rhythm) -> Item:
    if edits.rhythm is not None:
        item = replace(item, rhythm=item.rhythm or own)
    if item.id in edits.ends:
        return replace(item, ends_on=max(edits.on, item.starts_on))
    return replace(item, ends_on=None) if item.id in edits.reopened else item
