"""Switching a contract off and on again, and its own data that billing does not look at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from billing.charges import UNDECIDED, open_charges
from billing.errors import Invalid
from billing.taxes import ZERO
from billing.unseen import as_read
from extensions import db
from models import Subscription
from services import activities, claims, clock, method_rows, snapshots
from services import values as check
from services.actor import Actor
from services.contract_rows import Held, hold, settle
from services.unit import write

_COLUMNS = Subscription.__table__.columns


def deactivate(actor: Actor, subscription_id: int, reason: str = "") -> None:
    """No new periods from today on; they are not made up later (as D-12 has it for customers).

    What was due before and is not billed yet still is; what is billed stays billed. Raises NotFound, NotAllowed.
    """
    with write() as session:
        held = hold(session, subscription_id, "deactivate")
        before, held.row.status, held.row.deactivated_on = held.row.status, "deactivated", clock.today()
        settle(actor, held, "subscription.deactivated", before, reason=as_read(reason))


def activate(actor: Actor, subscription_id: int) -> None:
    """Bill again, from the next period on; the periods that came due in between are skipped."""
    with write() as session:
        held = hold(session, subscription_id, "activate")
        _skip(held)
        before, held.row.status, held.row.deactivated_on = held.row.status, "active", None
        settle(actor, held, "subscription.activated", before)


def is_off(subscription_id: int) -> bool:
    """Whether the contract is deactivated."""
    return db.session.scalar(select(Subscription.status).where(Subscription.id == subscription_id)) == "deactivated"


def update_details(actor: Actor, subscription_id: int, values: Mapping[str, Any]) -> None:
    """Change external id, titles, attributes, features, payment type or days for payment. Raises Invalid(field)."""
    with write() as session:
        held = hold(session, subscription_id)
        clean = {name: _clean(name, value) for name, value in values.items()}
        changes = activities.changes_between(held.row, clean)
        if not changes:
            return
        for name in changes:
            setattr(held.row, name, clean[name])
        if "payment_type" in changes:
            method_rows.of_contract(held.session, held.row)
        held.row.updated_at, held.row.version = clock.instant(), held.row.version + 1
        activities.record(
            actor, "subscription.details_changed", "subscription", held.row.id, customer_id=held.row.customer_id,
            changes=changes,
        )  # fmt: skip


def _clean(name: str, value: Any) -> Any:
    if name in ("title", "invoice_title"):
        return check.text_of(_COLUMNS[name], value or "")
    if name == "ext_uid":
        return check.text_of(_COLUMNS[name], value or "") or None
    if name in ("x_attributes", "features"):
        return list(value or ())
    if name in ("payment_type", "days_for_payment"):
        low, high = (1, 6) if name == "payment_type" else (0, 999)
        return None if value is None else check.number_in(name, value, low, high)
    raise Invalid(name, "unknown_field")


def _skip(held: Held) -> None:
    """Claim what came due while the contract was off, so that nobody bills it."""
    today, since = clock.today(), held.row.deactivated_on
    claimed = snapshots.claims_of(held.session, held.row.id)
    found = open_charges(held.terms(), today - timedelta(1), claimed, lambda item, on: (UNDECIDED, "", ZERO))
    missed = [(charge.key, charge.period.end) for charge in found if since is not None and charge.due_on >= since]
    claims.claim(held.session, missed, "skipped")
