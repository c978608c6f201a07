"""Payment data entered on a provider's own page: the page is opened, and what came of it is kept.

No card number comes here (PCI DSS, SAQ A): we lead to a page of the provider's and keep its token. The provider is
asked outside of transactions; the row is there before, so that whoever dies in between leaves one that is settled by
the return, by the provider's event or by the timetable.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from billing.collecting import TYPE_OF_KIND
from billing.errors import Invalid, NotAllowed, NotFound
from extensions import db
from gateways.base import Kind, Refused, SetupState, SetupWish, Unanswered
from models import Activity, Customer, PaymentMethod
from services import activities, charging, clock, method_rows, providers
from services.actor import SYSTEM, Actor
from services.company import get_company
from services.customers import lock_survivor
from services.payment_methods import become_default, take, tell
from services.unit import end_reading, write


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

    What was kept is the default from now on, and what waits for a payment of this customer is tried at once; but
    "kept" where other payment data came meanwhile: then it waits to be chosen. Raises
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
        tell(_customer(owner), owner, f"method{row.id}:added")
        if _was_overtaken(session, owner, row):
            return "kept", 0
        become_default(_customer(owner), session, owner, row)
        return row.state, owner.id


def _was_overtaken(session: Session, owner: Customer, row: PaymentMethod) -> bool:
    """Whether other payment data came while the provider's page stood open. It may have been opened by a link, when
    nothing was there that a code had to protect (D-11): so it does not push out what came first."""
    if not any(each.id != row.id for each in method_rows.active(session, owner.id)):
        return False
    mine = (Activity.object_kind == "payment_method", Activity.object_id == row.id)
    begun = select(func.max(Activity.id)).where(Activity.code == "payment.method_begun", *mine).scalar_subquery()
    others = select(Activity.id).where(
        Activity.customer_id == owner.id, Activity.id > begun,
        Activity.code.in_(("payment.method_added", "mandate.granted")),
        or_(Activity.object_kind != "payment_method", Activity.object_id != row.id),
    )  # fmt: skip
    return session.scalar(others.limit(1)) is not None


def _fail(method_id: int) -> None:
    with write() as session:
        row = session.get_one(PaymentMethod, method_id, with_for_update=True)
        row.state, row.ended_at = "failed", clock.instant()
        method_rows.told(SYSTEM, "failed", row)


def _customer(row: Customer) -> Actor:
    """It was the customer who entered it, whoever tells us of it."""
    person = " ".join(filter(None, (row.first_name, row.last_name)))
    return Actor("customer", row.id, row.organization or person or row.number)
