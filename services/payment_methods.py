"""Kept payment methods at providers: chosen as the default, assigned to contracts. services/method_setups.py keeps new
ones, services/method_removal.py ends them."""

from __future__ import annotations

from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.errors import AlreadyDone, Invalid, NotAllowed, NotFound
from extensions import db
from models import Customer, PaymentMethod
from services import activities, charging, clock, messages, method_rows
from services.actor import Actor
from services.contract_rows import hold
from services.customers import find_survivor, lock_survivor, update_customer
from services.unit import write


def make_default(actor: Actor, method_id: int) -> None:
    """The customer pays by it from now on; the record's payment type follows.

    Raises NotFound, NotAllowed("method_not_active"), Invalid("payment_type", "not_a_choice") for a kind that this
    customer may not choose.
    """
    with write() as session:
        owner, row = take(session, method_id)
        require_active(row)
        if method_rows.type_of(row) not in method_rows.allowed_types(owner):
            raise Invalid("payment_type", "not_a_choice")
        is_freed = method_rows.free(actor, row)  # who chooses it, means it
        if row.is_default and not is_freed:
            return
        become_default(actor, session, owner, row)
        method_rows.told(actor, "chosen", row)
        tell(actor, owner, f"method{row.id}:v{owner.version}:chosen")
        customer_id = owner.id
    charging.try_all_of(customer_id)


def use_again(actor: Actor, method_id: int) -> None:
    """A method that was held may be charged by itself again; what waits for it is tried at once. Raises NotFound,
    NotAllowed("method_not_active"), AlreadyDone("not_held")."""
    with write() as session:
        owner, row = take(session, method_id)
        require_active(row)
        if not method_rows.free(actor, row):
            raise AlreadyDone("not_held")
        customer_id = owner.id
    charging.try_all_of(customer_id)


def assign(actor: Actor, subscription_id: int, method_id: int | None) -> None:
    """This contract is paid by this method; None: as the customer pays. Raises NotFound, NotAllowed("erased",
    "method_not_active", "other_customer")."""
    with write() as session:
        held = hold(session, subscription_id)
        values: dict[str, int | None] = {"payment_method_id": None, "payment_type": None}
        if method_id is not None:
            owner, row = take(session, method_id)
            require_active(row)
            if find_survivor(session, held.row.customer_id).id != owner.id:
                raise NotAllowed("other_customer")
            values = {"payment_method_id": row.id, "payment_type": method_rows.type_of(row)}
        changes = activities.changes_between(held.row, values)
        if not changes:
            return
        held.row.payment_method_id, held.row.payment_type = values["payment_method_id"], values["payment_type"]
        held.row.updated_at, held.row.version = clock.instant(), held.row.version + 1
        activities.record(actor, "subscription.details_changed", "subscription", held.row.id,
                          customer_id=held.row.customer_id, changes=changes)  # fmt: skip


def owner_of(method_id: int) -> int | None:
    """The customer whose method it is."""
    return db.session.scalar(select(PaymentMethod.customer_id).where(PaymentMethod.id == method_id))


def take(session: Session, method_id: int) -> tuple[Customer, PaymentMethod]:
    """The customer first, as everybody does, then the method. Raises NotFound, NotAllowed("erased")."""
    owner_id = session.scalar(select(PaymentMethod.customer_id).where(PaymentMethod.id == method_id))
    if owner_id is None:
        raise NotFound("payment_method", field="payment_method_id")
    owner = lock_survivor(session, owner_id)
    return owner, session.get_one(PaymentMethod, method_id, with_for_update=True, populate_existing=True)


def require_active(row: PaymentMethod) -> None:
    if row.state != "active":
        raise NotAllowed("method_not_active")


def tell(actor: Actor, owner: Customer, event: str) -> None:
    """Tell the address known so far, unless it was staff: who did not do it, notices (D-11)."""
    recipient = owner.email or owner.payment_mail_address.partition(",")[0].strip()
    if actor.kind == "staff" or not recipient:
        return
    facts = {"customer_id": owner.id, "fields": ["payment_type"], "on": clock.today().isoformat()}
    messages.order(f"accountdata:{owner.id}:{event}", "customer_changed", recipient, language=owner.language_code,
                   customer_id=owner.id, facts=facts)  # fmt: skip


def become_default(actor: Actor, session: Session, owner: Customer, row: PaymentMethod) -> None:
    method_rows.set_default(session, owner.id, row)
    values: dict[str, int | str] = {"payment_type": method_rows.type_of(row)}
    if row.gateway:
        values |= {"payment_provider": row.gateway, "payment_token": row.token}
    update_customer(actor, owner.id, values)


def methods_of(customer_id: int) -> list[PaymentMethod]:
    """What a customer has, the default first, then the newest; without what was removed or never came to be."""
    session = cast(Session, db.session())
    mine = (PaymentMethod.customer_id == customer_id, PaymentMethod.state.in_(("active", "expired", "pending")))
    query = select(PaymentMethod).where(*mine).order_by(PaymentMethod.is_default.desc(), PaymentMethod.id.desc())
    return list(session.scalars(query))
