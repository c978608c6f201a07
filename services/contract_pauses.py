"""Pausing a contract. Paused days are not charged; what was billed of them is credited when they begin.

The billing day stays, the minimum term is not prolonged, and a number of events counts the paused periods too.
"""

from __future__ import annotations

from datetime import date

from billing.errors import Invalid, NotAllowed
from extensions import db
from models import SubscriptionItem, SubscriptionPause
from services import clock, contract_versions
from services.actor import Actor
from services.contract_rows import Held, hold, look, settle
from services.unit import write


def pause(actor: Actor, subscription_id: int, starts_on: date | None = None, ends_on: date | None = None) -> None:
    """Let the contract rest from that day (today) until `ends_on` (exclusive), or until somebody resumes it.

    Raises NotFound, NotAllowed: "wrong_state", "pause_planned", "change_planned"; Invalid: "starts_on" (in the past,
    before the start, in the trial), "ends_on".
    """
    with write() as session:
        held = hold(session, subscription_id, "pause")
        first = _first_day(held, starts_on or clock.today(), ends_on)
        items, before = contract_versions.running(held, first), held.row.status
        contract_versions.end(items, first)
        if ends_on is not None:
            _go_on(held, items, ends_on)
        held.pauses.append(_row(held, first, ends_on, items))
        settle(actor, held, "subscription.paused", before, starts_on=first.isoformat(),
               ends_on=ends_on.isoformat() if ends_on else None)  # fmt: skip


def resume(actor: Actor, subscription_id: int, on: date | None = None) -> None:
    """Let the contract go on from that day (today), at the prices it had. A pause that has not begun is withdrawn.

    Raises NotFound, NotAllowed: "wrong_state", "not_paused"; Invalid("on") for a day in the past or before the pause.
    """
    with write() as session:
        held = hold(session, subscription_id, "resume")
        found, day, before = held.pause_ahead(), on or clock.today(), held.row.status
        if found is None:
            raise NotAllowed("not_paused")
        if day < clock.today():
            raise Invalid("on", "in_the_past")
        if found.starts_on >= day:
            _withdraw(held, found)
        else:
            _shorten(held, found, day)
        settle(actor, held, "subscription.resumed", before, effective_on=max(day, found.starts_on).isoformat())


def check_pause(subscription_id: int, starts_on: date, ends_on: date | None) -> None:
    """Raise what `pause` would raise of these days; writes nothing."""
    _first_day(look(db.session(), subscription_id), starts_on, ends_on)


def _first_day(held: Held, day: date, ends_on: date | None) -> date:
    if ends_on is not None and ends_on <= day:
        raise Invalid("ends_on", "before_start")
    if held.pause_ahead() is not None:
        raise NotAllowed("pause_planned")
    if held.row.planned_on is not None and held.row.planned_on > clock.today():
        raise NotAllowed("change_planned")
    if day < clock.today():
        raise Invalid("starts_on", "in_the_past")
    if day < held.row.started_on:
        raise Invalid("starts_on", "before_start")
    if held.row.trial_ends_on is not None and day < held.row.trial_ends_on:
        raise Invalid("starts_on", "in_trial")
    return day


def _row(held: Held, starts_on: date, ends_on: date | None, items: list[SubscriptionItem]) -> SubscriptionPause:
    row = SubscriptionPause(
        subscription_id=held.row.id, starts_on=starts_on, ends_on=ends_on, item_ids=[item.id for item in items],
        created_at=clock.instant(),
    )  # fmt: skip
    held.session.add(row)
    return row


def _go_on(held: Held, items: list[SubscriptionItem], day: date) -> None:
    """The versions that follow a pause, as agreed before it."""
    for item in items:
        contract_versions.begin(held, item, day)


def _withdraw(held: Held, found: SubscriptionPause) -> None:
    """As if the pause had never been planned: what was to follow it never begins, what was to end goes on."""
    if found.ends_on is not None:
        contract_versions.end([i for i in held.items if i.starts_on == found.ends_on], found.ends_on)
    contract_versions.reopen(held, _paused(held, found))
    held.pauses.remove(found)
    held.session.delete(found)


def _shorten(held: Held, found: SubscriptionPause, day: date) -> None:
    """Another end of a pause that has begun; versions that were to follow it begin then instead."""
    if found.ends_on is not None:
        contract_versions.end([i for i in held.items if i.starts_on == found.ends_on], found.ends_on)
    found.ends_on = day
    _go_on(held, _paused(held, found), day)


def _paused(held: Held, found: SubscriptionPause) -> list[SubscriptionItem]:
    """What ended with the beginning of the pause. Of pauses from before their items were written down the days have to
    tell: what began on that very day may have been superseded on it."""
    if found.item_ids is not None:
        return [item for item in held.items if item.id in found.item_ids]
    return [
        item for item in held.items
        if item.kind != "setup" and item.ends_on == found.starts_on and item.starts_on < found.starts_on
    ]  # fmt: skip
