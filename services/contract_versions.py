"""Versions of items: what is agreed ends on a day, and something else begins. What is billed is never edited."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import select

from models import Claim, SubscriptionItem
from services import snapshots
from services.contract_rows import Held, nominal_end

COPIED = tuple(
    column.key for column in SubscriptionItem.__table__.columns if column.key not in ("id", "starts_on", "ends_on")
)


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
    """Let items go on that were to end. Where a run has billed up to that end already, a further version goes on."""
    found = []
    for item in items:
        assert item.ends_on is not None
        if item.ends_on in _billed_ends(held, item):
            found.append(begin(held, item, item.ends_on))
        else:
            item.ends_on = None
            found.append(item)
    return found


def carry_on(held: Held, old_end: date) -> None:
    """After the contract's end was withdrawn: what was billed only up to it goes on as a further version."""
    terms = held.terms()
    for item in [i for i in held.items if i.kind != "setup" and (i.ends_on is None or i.ends_on > old_end)]:
        cut = [start for start, end_ in _claims(held, item) if end_ == old_end]
        if any(nominal_end(terms, item, start).end > old_end for start in cut):
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


def _billed_ends(held: Held, item: SubscriptionItem) -> set[date]:
    return {end_ for _, end_ in _claims(held, item)}


def _claims(held: Held, item: SubscriptionItem) -> list[tuple[date, date]]:
    query = select(Claim.period_start, Claim.period_end).where(
        Claim.item_id == item.id, Claim.kind == "period", Claim.released_at.is_(None)
    )
    return [(start, end_) for start, end_ in held.session.execute(query)]
