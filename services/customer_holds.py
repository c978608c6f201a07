"""Keeping a record from deletion while a matter is open: a law suit, an audit, an authority's order (RET-1, DSG-3).

The hold stops every deletion, by hand or by the purge, until a person lifts it; both ask for the reason.
"""

from __future__ import annotations

from billing.errors import AlreadyDone, Invalid
from billing.unseen import as_read
from services import activities, clock
from services.actor import Actor
from services.customers import lock_survivor
from services.unit import write

LONGEST_REASON = 200


def set_hold(actor: Actor, customer_id: int, reason: str) -> None:
    """Raises NotFound, NotAllowed("erased"), Invalid("reason"), AlreadyDone("legal_hold")."""
    _move(actor, customer_id, True, reason)


def lift_hold(actor: Actor, customer_id: int, reason: str) -> None:
    """Raises NotFound, NotAllowed("erased"), Invalid("reason"), AlreadyDone("legal_hold") where none is set."""
    _move(actor, customer_id, False, reason)


def _move(actor: Actor, customer_id: int, held: bool, reason: str) -> None:
    told = as_read(reason)
    if not told:
        raise Invalid("reason", "missing")
    if len(told) > LONGEST_REASON:
        raise Invalid("reason", "too_long", longest=LONGEST_REASON)
    with write() as session:
        row = lock_survivor(session, customer_id)
        if row.legal_hold == held:
            raise AlreadyDone("legal_hold")
        row.legal_hold = held
        row.updated_at, row.version = clock.instant(), row.version + 1
        activities.record(
            actor, "customer.hold_set" if held else "customer.hold_lifted", "customer", row.id, customer_id=row.id,
            reason=told, changes={"legal_hold": (not held, held)},
        )  # fmt: skip
