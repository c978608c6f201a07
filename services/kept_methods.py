"""By which method the contracts of a chunk are paid, and whether it is charged before or after the invoice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from billing.collecting import Kept, chosen, collection_of
from models import PaymentMethod

CHARGEABLE = ("active", "expired")  # the others were removed, or never came to be


@dataclass(frozen=True, slots=True)
class Paying:
    """The methods that a customer has kept, and whether this house could charge any (DESIGN, two collection modes)."""

    kept: Sequence[Kept] = ()
    can_charge: bool = False

    def of(self, payment_type: int, own_id: int | None) -> tuple[str, int]:
        """Collection mode and method of a contract; the id is 0 where nothing is charged first."""
        method = chosen(payment_type, self.kept, own_id)
        collection = collection_of(payment_type, method, self.can_charge)
        return collection, method.id if method and collection == "charge_first" else 0


INVOICED = Paying()  # what is asked without looking at payment: everything comes after the invoice


def kept_methods(session: Session, customers: Select[Any] | Sequence[int]) -> dict[int, list[Kept]]:
    """The kept methods of these customers, the oldest first, in one statement."""
    query = select(PaymentMethod).where(PaymentMethod.customer_id.in_(customers), PaymentMethod.state.in_(CHARGEABLE))
    found: dict[int, list[Kept]] = defaultdict(list)
    for row in session.scalars(query.order_by(PaymentMethod.id)):
        found[row.customer_id].append(as_kept(row))
    return found


def as_kept(row: PaymentMethod) -> Kept:
    return Kept(row.id, row.kind, row.gateway, row.is_default, row.state, row.expires_on,
                row.held_at is not None)  # fmt: skip
