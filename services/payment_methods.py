"""Kept payment methods at providers: entered on the provider's own page, chosen, assigned to contracts, removed.

No card number comes here (PCI DSS, SAQ A): we lead to a page of the provider's and keep its token. The provider is
asked outside of transactions; the row is there before, so that whoever dies in between leaves one that is settled by
the return, by the provider's event or by the timetable.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import cast

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from billing.collecting import TYPE_OF_KIND
from billing.errors import AlreadyDone, Invalid, NotAllowed, NotFound
from extensions import db, queues
from gateways.base import Kind, Refused, SetupState, SetupWish, Unanswered
from models import Customer, PaymentAttempt, PaymentMethod, Subscription
from services import activities, charging, clock, mandates, messages, method_rows, providers
from services.actor import SYSTEM, Actor
from services.attempt_rows import UNDER_WAY, kept
from services.company import get_company
from services.contract_rows import hold
from services.customers import find_survivor, lock_survivor, update_customer
from services.unit import after_commit, end_reading, write

FORGET = "jobs.payments.forget"


@dataclass(frozen=True, slots=True)
class Way:
    """A way of paying that a customer may add: a kind at one of the house's providers."""

    kind: Kind
    gateway: str


def ways(row: Customer) -> list[Way]:
    """What this customer may add; a provider's debit only where the house debits no accounts of its own."""
    types = method_rows.allowed_types(row)
    own_debit = bool(get_company().creditor_id)
    return [
        Way(kind, name)
        for name, gateway in providers.offered().items()
        for kind in gateway.traits.kinds
        if TYPE_OF_KIND[kind] in types and not (kind == "sepa_debit" and own_debit)
    ]


def begin_setup(actor: Actor, customer_id: int, way: Way, return_url: Callable[[int], str]) -> str:
    """Open the provider's page for payment data and give its address; `return_url` is told the row's id.

    Raises NotFound, NotAllowed("erased", "customer_deactivated"), Invalid("kind", "not_a_choice"), and what the
    gateway raises: then nothing was kept.
    """
    method_id, wish = _pending(actor, customer_id, way, return_url)
    try:
        setup = providers.gateway_of(way.gateway).begin_setup(wish)
    except (Refused, Unanswered):
        _fail(method_id)
        raise
    with write() as session:
        row = session.get_one(PaymentMethod, method_id, with_for_update=True)
        row.setup_id, row.provider_customer = setup.id, setup.customer or row.provider_customer
        method_rows.told(actor, "opened", row)
    return setup.url


def finish_setup(method_id: int) -> str:
    """Read what became of a setup, after the return or an event, and keep the method; gives the row's state.

    What was kept is the default from now on, and what waits for a payment of this customer is tried at once. Raises
    NotFound; a provider that does not answer leaves it pending.
    """
    end_reading()
    row = db.session.get(PaymentMethod, method_id)
    if row is None:
        raise NotFound("payment_method")
    if row.state != "pending" or not row.setup_id:
        return row.state
    gateway, setup_id = row.gateway, row.setup_id
    try:
        found = providers.gateway_of(gateway).read_setup(setup_id)
    except (Refused, Unanswered, NotFound):
        return "pending"
    state, customer_id = _settle(method_id, found)
    if state == "active" and customer_id:
        charging.try_all_of(customer_id)
    return state


def hear_setup(gateway: str, setup_id: str, reference: str = "") -> str | None:
    """An event told that a setup is over: settle it; its state, or None where it is not ours. Any order, any number of
    times (EB-58)."""
    end_reading()
    mine = select(PaymentMethod.id).where(PaymentMethod.gateway == gateway, PaymentMethod.setup_id == setup_id)
    method_id = db.session.scalar(mine)
    if method_id is None and reference.isdecimal() and len(reference) < 15:
        ours = (PaymentMethod.id == int(reference), PaymentMethod.gateway == gateway)
        method_id = db.session.scalar(select(PaymentMethod.id).where(*ours))
    return None if method_id is None else finish_setup(method_id)


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
        if row.is_default:
            return
        _become_default(actor, session, owner, row)
        method_rows.told(actor, "chosen", row)
        tell(actor, owner, f"method{row.id}:v{owner.version}:chosen")
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


def remove(actor: Actor, method_id: int) -> None:
    """Nobody charges it any more; the provider is told after the commit. Contracts that had it for their own are paid
    as the customer pays. Our own debit ends with its mandate.

    Raises NotFound, AlreadyDone("method_removed"), NotAllowed("attempt_under_way") while a payment by it is on its way.
    """
    with write() as session:
        owner, row = take(session, method_id)
        if row.state in ("removed", "failed"):
            raise AlreadyDone("method_removed")
        under_way = select(PaymentAttempt.id).where(
            PaymentAttempt.method_id == row.id, PaymentAttempt.state.in_(UNDER_WAY)
        )
        if session.scalar(under_way.limit(1)) is not None:
            raise NotAllowed("attempt_under_way")
        if row.mandate_id is not None:
            mandates.revoke(actor, row.mandate_id)
            return
        _end(actor, session, owner, row)


def forget(method_id: int) -> None:
    """Tell the provider that a removed method is over; our name of it goes with it. May run twice."""
    end_reading()
    row = db.session.get(PaymentMethod, method_id)
    if row is None or row.state != "removed" or not row.token:
        return
    gateway, method = row.gateway, kept(row)
    try:
        providers.gateway_of(gateway).forget(method)
    except Refused as refused:
        if not refused.permanent:
            return
    except (Unanswered, NotFound):
        return  # the sweeper rings again
    with write() as session:
        session.get_one(PaymentMethod, method_id, with_for_update=True).token = ""


def to_forget(limit: int) -> list[int]:
    """Removed methods that their provider was not told of yet, for the sweeper (F6)."""
    told_of = PaymentMethod.gateway.in_(list(providers.offered()))
    query = select(PaymentMethod.id).where(PaymentMethod.state == "removed", told_of, PaymentMethod.token != "")
    return list(db.session.scalars(query.order_by(PaymentMethod.id).limit(limit)))


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


def _pending(actor: Actor, customer_id: int, way: Way, return_url: Callable[[int], str]) -> tuple[int, SetupWish]:
    with write() as session:
        owner = lock_survivor(session, customer_id)
        if owner.status == "deactivated":
            raise NotAllowed("customer_deactivated")
        if way not in ways(owner):
            raise Invalid("kind", "not_a_choice")
        row = PaymentMethod(customer_id=owner.id, kind=way.kind, gateway=way.gateway, state="pending",
                            is_default=False, created_at=clock.instant())  # fmt: skip
        session.add(row)
        session.flush()
        activities.record(actor, "payment.method_begun", "payment_method", row.id, customer_id=owner.id,
                          method_kind=way.kind,
                          gateway=way.gateway)  # fmt: skip
        person = " ".join(filter(None, (owner.first_name, owner.last_name)))
        return row.id, SetupWish(
            way.kind, str(row.id), return_url(row.id), owner.email, owner.organization or person or owner.number,
            owner.country_code, owner.language_code, _known_there(session, owner.id, way.gateway), owner.currency_code,
        )  # fmt: skip


def _known_there(session: Session, customer_id: int, gateway: str) -> str:
    """The provider's name of the customer, where it has one."""
    mine = (PaymentMethod.customer_id == customer_id, PaymentMethod.gateway == gateway)
    query = select(PaymentMethod.provider_customer).where(*mine, PaymentMethod.provider_customer != "")
    return session.scalar(query.order_by(PaymentMethod.id.desc()).limit(1)) or ""


def _settle(method_id: int, found: SetupState) -> tuple[str, int]:
    """Write down what the provider said of a setup; the row's state and the customer."""
    with write() as session:
        owner, row = take(session, method_id)
        if row.state != "pending" or found.status == "open":
            return row.state, 0
        if found.method is None or found.status == "failed":
            row.state, row.ended_at = "failed", clock.instant()
            method_rows.told(SYSTEM, "failed", row)
            return row.state, 0
        method = found.method
        row.state, row.token, row.kind = "active", method.token, method.kind
        row.provider_customer = method.customer or row.provider_customer
        row.brand, row.last4, row.holder = method.brand[:20], method.last4[:4], method.holder[:100]
        row.expires_on = method.expires_on
        session.flush()
        method_rows.told(_customer(owner), "added", row)
        _become_default(_customer(owner), session, owner, row)
        tell(_customer(owner), owner, f"method{row.id}:added")
        return row.state, owner.id


def _become_default(actor: Actor, session: Session, owner: Customer, row: PaymentMethod) -> None:
    method_rows.set_default(session, owner.id, row)
    values: dict[str, int | str] = {"payment_type": method_rows.type_of(row)}
    if row.gateway:
        values |= {"payment_provider": row.gateway, "payment_token": row.token}
    update_customer(actor, owner.id, values)


def _end(actor: Actor, session: Session, owner: Customer, row: PaymentMethod) -> None:
    was_default = row.is_default
    row.state, row.is_default, row.ended_at = "removed", False, clock.instant()
    contracts = update(Subscription).where(Subscription.payment_method_id == row.id)
    session.execute(contracts.values(payment_method_id=None))
    session.flush()
    values: dict[str, int | str] = {}
    if owner.payment_token == row.token:
        values |= {"payment_provider": "", "payment_token": ""}
    others = method_rows.active(session, owner.id, row.kind)
    if was_default and not others and method_rows.TRANSFER in method_rows.allowed_types(owner):
        values |= {"payment_type": method_rows.TRANSFER}  # M1-18
    if was_default and others:
        method_rows.set_default(session, owner.id, others[-1])
    if values:
        update_customer(actor, owner.id, values)
    method_rows.told(actor, "removed", row)
    tell(actor, owner, f"method{row.id}:removed")
    after_commit(partial(_ring_forget, row.id))


def _ring_forget(method_id: int) -> None:
    queues.ring("money", FORGET, method_id)


def _fail(method_id: int) -> None:
    with write() as session:
        row = session.get_one(PaymentMethod, method_id, with_for_update=True)
        row.state, row.ended_at = "failed", clock.instant()
        method_rows.told(SYSTEM, "failed", row)


def _customer(row: Customer) -> Actor:
    """It was the customer who entered it, whoever tells us of it."""
    person = " ".join(filter(None, (row.first_name, row.last_name)))
    return Actor("customer", row.id, row.organization or person or row.number)


def methods_of(customer_id: int) -> list[PaymentMethod]:
    """What a customer has, the default first, then the newest; without what was removed or never came to be."""
    session = cast(Session, db.session())
    mine = (PaymentMethod.customer_id == customer_id, PaymentMethod.state.in_(("active", "expired", "pending")))
    query = select(PaymentMethod).where(*mine).order_by(PaymentMethod.is_default.desc(), PaymentMethod.id.desc())
    return list(session.scalars(query))
