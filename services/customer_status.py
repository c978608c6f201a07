"""Blocking, deactivating and activating a customer (P-11). What each status stops is told in D-12.

Nothing else changes: a blocked customer's contracts are billed on, a deactivated one's periods are skipped by the
run that meets them and not made up later, and open invoices stay owed.
"""

from __future__ import annotations

from billing.errors import AlreadyDone
from billing.states import move
from billing.unseen import as_read
from services import activities, clock
from services.actor import Actor
from services.customers import lock_survivor
from services.unit import write

_DONE = {"block": "customer.blocked", "deactivate": "customer.deactivated", "activate": "customer.activated"}

STATUS = {"block": "blocked", "deactivate": "deactivated", "activate": "active"}  # after each


def change_status(actor: Actor, customer_id: int, action: str, reason: str = "") -> str:
    """Do `block`, `deactivate` or `activate`; gives the status afterwards.

    Raises NotFound, NotAllowed("erased"), AlreadyDone("already_STATUS") where it stands so, and NotAllowed
    ("wrong_state") where the status does not allow it.
    """
    with write() as session:
        row = lock_survivor(session, customer_id)
        if row.status == STATUS[action]:
            raise AlreadyDone(f"already_{row.status}")
        before, row.status = row.status, move("customer", row.status, action)
        row.updated_at, row.version = clock.instant(), row.version + 1
        session.flush()
        activities.record(
            actor, _DONE[action], "customer", row.id, customer_id=row.id, reason=as_read(reason),
            changes={"status": (before, row.status)},
        )  # fmt: skip
        return str(row.status)
