"""A change of a contract as one edition: what ends on a day, what begins, and what the contract then says.

At once it is carried out; for a later day it is planned: visible, withdrawn by one deed, and taking effect by its
dates alone, whether or not anybody looks at the contract on that day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from billing.errors import NotAllowed
from models import SubscriptionItem
from services import clock, contract_versions
from services.actor import Actor
from services.contract_rows import Held, hold, period_end, settle
from services.unit import write


@dataclass(slots=True)
class Edition:
    """What a change comes to. `begins` are rows that are not stored yet, `values` columns of the contract as JSON."""

    kind: str  # product | quantity | addons | billing_day
    on: date
    ends: list[SubscriptionItem] = field(default_factory=list)
    begins: list[SubscriptionItem] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    new_rhythm: bool = False

    @property
    def is_planned(self) -> bool:
        return self.on > clock.today()


def require_free(held: Held) -> None:
    """A contract with a pause ahead is not changed: two plans for one day would be read in two ways."""
    if held.pause_ahead() is not None:
        raise NotAllowed("pause_planned")


def carry_out(held: Held, edition: Edition) -> None:
    """Write the edition into the open transaction. A change that was planned before is superseded."""
    _keep_near_moves(held)
    drop_planned(held, frozenset(_ids(edition.ends)))
    if edition.new_rhythm:
        contract_versions.pin_rhythm(held)
    contract_versions.end(edition.ends, edition.on)
    for item in edition.begins:
        contract_versions.add(held, item)
    if not edition.is_planned:
        held.set_values(edition.values)
        return
    held.row.planned_on = edition.on
    held.row.planned = {
        "kind": edition.kind, "values": edition.values, "begun": _ids(edition.begins), "ended": _ids(edition.ends),
    }  # fmt: skip


def drop_planned(held: Held, ending: frozenset[int] = frozenset()) -> bool:
    """Forget the change that is planned, if there is one: what was to begin never does, what was to end goes on.

    `ending`: items that end all the same, by the change that takes its place.
    """
    if held.row.planned_on is None:
        return False
    begun, ended = held.planned_begun, held.planned_ended - ending
    contract_versions.end([item for item in held.items if item.id in begun], held.row.planned_on)
    held.row.planned_on, held.row.planned = None, None
    contract_versions.reopen(held, [item for item in held.items if item.id in ended])
    return True


def withdraw_planned(actor: Actor, subscription_id: int) -> None:
    """Take back a change that has not begun. Raises NotFound, NotAllowed: "wrong_state", "nothing_planned"."""
    with write() as session:
        held = hold(session, subscription_id, "change")
        _keep_near_moves(held)
        if not drop_planned(held):
            raise NotAllowed("nothing_planned")
        settle(actor, held, "subscription.change_withdrawn")


def _keep_near_moves(held: Held) -> None:
    """Collections of periods beyond the next were moved for versions that are no more; their days mean nothing now."""
    if held.row.moved:
        near = period_end(held, clock.today()).isoformat()
        held.row.moved = [[start, due] for start, due in held.row.moved if start <= near] or None


def _ids(items: Sequence[SubscriptionItem]) -> list[int]:
    return [item.id for item in items]
