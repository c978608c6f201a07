"""A record's payment type and its kept methods in step: whoever writes the record, the default follows (M1-18, M1-19).

`customers.payment_type` is what everybody asks and the call API tells; the default row is the method that is meant by
it. Transfer, cash and prepayment need no row. Our own debit has its row by its mandate (services/mandate_rows.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from sqlalchemy import select, update
from sqlalchemy.orm import Session

import gateways
from billing.collecting import CHARGED, KIND_OF_TYPE, TYPE_OF_KIND
from models import Customer, PaymentMethod, Subscription
from services import activities, clock
from services.actor import Actor
from services.unit import write

FOLLOWED = frozenset(("payment_type", "payment_provider", "payment_token"))
TRANSFER = 1  # M1-18
CARD = "card"
PROVIDERS = frozenset(("sandbox", *(provider.name for provider in gateways.PROVIDERS)))


def follow(actor: Actor, row: Customer, changed: AbstractSet[str] = frozenset()) -> None:
    """After a change of these fields of the record, locked: a token that came with it is kept, and the default is of
    the type that the record names: the one that is there, otherwise the newest of that kind, otherwise none."""
    with write() as session:
        by_token = _kept_by_token(actor, session, row) if "payment_token" in changed else None
        kind = KIND_OF_TYPE[row.payment_type]
        if by_token is not None and by_token.kind == kind:
            set_default(session, row.id, by_token)
            return
        mine = active(session, row.id, kind)
        set_default(session, row.id, next((each for each in mine if each.is_default), mine[-1] if mine else None))


def set_default(session: Session, customer_id: int, method: PaymentMethod | None) -> None:
    """This one and no other; None: what they pay by needs no row."""
    own_id = method.id if method else None
    others = (PaymentMethod.customer_id == customer_id, PaymentMethod.is_default)
    others_id = PaymentMethod.id.is_distinct_from(own_id)
    session.execute(update(PaymentMethod).where(*others, others_id).values(is_default=False))
    session.flush()
    if method is not None and not method.is_default:
        method.is_default = True
        session.flush()


def active(session: Session, customer_id: int, kind: str = "") -> Sequence[PaymentMethod]:
    """The methods that may be charged, the oldest first."""
    query = select(PaymentMethod).where(PaymentMethod.customer_id == customer_id, PaymentMethod.state == "active")
    query = query.where(PaymentMethod.kind == kind) if kind else query
    return session.scalars(query.order_by(PaymentMethod.id)).all()


def of_contract(session: Session, row: Subscription) -> None:
    """A contract whose payment type was changed keeps its own method only where that is of the new kind."""
    if row.payment_method_id is None:
        return
    method = session.get_one(PaymentMethod, row.payment_method_id)
    if row.payment_type is None or KIND_OF_TYPE[row.payment_type] != method.kind:
        row.payment_method_id = None


def allowed_types(row: Customer) -> frozenset[int]:
    """The types that this customer may choose; what was agreed already stays."""
    return frozenset(int(part) for part in row.allowed_payment_types.split(",") if part) | {row.payment_type}


def _kept_by_token(actor: Actor, session: Session, row: Customer) -> PaymentMethod | None:
    """The method of the provider's token that the record names (CALL_API: PAYMENT_PROVIDER, PAYMENT_TOKEN); None for
    a provider that no gateway speaks to: then both are words that are told back, and nothing is charged by them."""
    provider = row.payment_provider.strip().lower()
    if not row.payment_token or provider not in PROVIDERS:
        return None
    known = (PaymentMethod.customer_id == row.id, PaymentMethod.gateway == provider)
    found = session.scalars(
        select(PaymentMethod).where(*known, PaymentMethod.token == row.payment_token, PaymentMethod.state == "active")
    ).first()
    if found is not None:
        free(actor, found)  # told anew
        return found
    kind = KIND_OF_TYPE[row.payment_type] if row.payment_type in CHARGED else CARD
    made = PaymentMethod(customer_id=row.id, kind=kind, gateway=provider, token=row.payment_token, is_default=False,
                         created_at=clock.instant())  # fmt: skip
    session.add(made)
    session.flush()
    told(actor, "added", made)
    return made


def told(actor: Actor, deed: str, method: PaymentMethod) -> None:
    """The activity of a deed with a method: never more of it than its last four digits."""
    activities.record(
        actor, f"payment.method_{deed}", "payment_method", method.id, customer_id=method.customer_id,
        method_kind=method.kind, gateway=method.gateway, last4=method.last4, expires_on=str(method.expires_on or ""),
    )  # fmt: skip


def free(actor: Actor, row: PaymentMethod) -> bool:
    """It may be charged again by itself; whether it was held."""
    if row.held_at is None:
        return False
    row.held_at, row.held_reason = None, ""
    told(actor, "freed", row)
    return True


def type_of(method: PaymentMethod) -> int:
    """As the record and the call API name it."""
    return TYPE_OF_KIND[method.kind]
