"""Versions of items: what is agreed ends on a day, and something else begins. What is billed is never edited."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from billing.contracts import Terms
from billing.corrections import UNSERVED
from models import Claim, InvoiceLine, SubscriptionItem
from services import snapshots
from services.contract_rows import Held, nominal_end

COPIED = tuple(
    column.key for column in SubscriptionItem.__table__.columns if column.key not in ("id", "starts_on", "ends_on")
)

_billed = aliased(InvoiceLine)


def running(held: Held, on: date) -> list[SubscriptionItem]:
    """The plan and the add-ons that are served on that day. Set-up fees are charged once and have no versions."""
    return [item for item in held.items if item.kind != "setup" and _is_served(held, item, on)]


def end(items: Iterable[SubscriptionItem], on: date) -> None:
    """Let items end; one that has not begun ends where it would begin, so it is never served."""
    for item in items:
        item.ends_on = max(on, item.starts_on)


def begin(held: Held, item: SubscriptionItem, on: date, **changes: Any) -> SubscriptionItem:
    """A further version of an item, from that day on."""
    return add(held, copy(item, on, **changes))


def copy(item: SubscriptionItem, on: date, **changes: Any) -> SubscriptionItem:
    """The same from that day on, not stored yet."""
    values = {name: getattr(item, name) for name in COPIED} | changes
    return SubscriptionItem(**values, starts_on=on)


def add(held: Held, item: SubscriptionItem) -> SubscriptionItem:
    """Put a new item into the contract."""
    held.session.add(item)
    held.items.append(item)
    held.session.flush()
    return item


def reopen(held: Held, items: Iterable[SubscriptionItem]) -> list[SubscriptionItem]:
    """Let items go on that were to end. Where a run has cut a period at that end, or what was billed beyond it has been
    credited, a further version bills the rest."""
    found, terms = [], held.terms()
    for item in items:
        assert item.ends_on is not None
        if _cut_at(held, terms, item, item.ends_on) or _is_taken_back(held, item, item.ends_on):
            found.append(begin(held, item, item.ends_on))
        else:
            item.ends_on = None
            found.append(item)
    return found


def carry_on(held: Held, old_end: date) -> None:
    """After the contract's end was withdrawn: what was billed only up to it goes on as a further version."""
    terms = held.terms()
    for item in [i for i in held.items if i.kind != "setup" and (i.ends_on is None or i.ends_on > old_end)]:
        if _cut_at(held, terms, item, old_end):
            new = begin(held, item, old_end, ends_on=item.ends_on) if item.ends_on else begin(held, item, old_end)
            item.ends_on = new.starts_on


def pin_rhythm(held: Held) -> None:
    """Write down by which periods each item is billed, before the contract's own rhythm changes."""
    own = snapshots.kept_rhythm(held.terms().rhythm)
    for item in held.items:
        item.rhythm = item.rhythm or own


def _is_served(held: Held, item: SubscriptionItem, on: date) -> bool:
    """As if nothing were planned: a planned change is superseded by the next one."""
    if item.id in held.planned_begun:
        return False
    ends_on = None if item.id in held.planned_ended else item.ends_on
    return item.starts_on <= on and (ends_on is None or on < ends_on)


def _cut_at(held: Held, terms: Terms, item: SubscriptionItem, day: date) -> bool:
    """Whether a period of the item was billed only up to that day."""
    query = select(Claim.period_start).where(
        Claim.item_id == item.id, Claim.kind == "period", Claim.released_at.is_(None), Claim.period_end == day
    )
    return any(nominal_end(terms, item, start).end > day for start in held.session.scalars(query))


def _is_taken_back(held: Held, item: SubscriptionItem, day: date) -> bool:
    """Whether days from that end on were billed and are credited: contract_credits.credit_unserved."""
    query = (
        select(InvoiceLine.id)
        .join(_billed, _billed.id == InvoiceLine.original_line_id)
        .join(Claim, Claim.id == _billed.claim_id)
        .where(Claim.item_id == item.id, Claim.kind == "period", Claim.released_at.is_(None), Claim.period_end > day)
        .where(InvoiceLine.reason == UNSERVED)
    )
    return held.session.scalar(query.limit(1)) is not None
