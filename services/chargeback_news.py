"""What a provider tells of money that went back without us: chargebacks, returned debits, refunds made over there.

In any order and any number of times (EB-55, EB-58): each is booked once.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.errors import NotAllowed, NotFound
from billing.money import Money
from gateways.base import Charge, Event
from models import Payment
from services import activities
from services.actor import SYSTEM, Actor
from services.chargeback_books import booked, where_it_stands
from services.chargebacks import take_back, undo
from services.gone_back import charged_back_cents
from services.payment_rows import lock
from services.unit import write


def take_event(gateway: str, event: Event) -> int | None:
    """A provider's news of a chargeback, or of one that was won; gives the id of the row that it made, if any.

    Raises NotFound("unknown_charge") for a charge, or a case, that has not been booked yet: the event waits (EB-56);
    NotAllowed("other_currency").
    """
    case = event.facts.get("case") or event.object_id
    if event.kind == "chargeback_reversed":
        return win(SYSTEM, gateway, case)
    with write() as session:
        if booked(session, _key(gateway, case)) is not None:
            return None
        payment = _payment_of(session, gateway, event.object_id)
        if event.currency and event.currency.upper() != payment.currency_code:
            raise NotAllowed("other_currency")  # never booked one to one; a person looks at the event
        taken = Money(event.cents or payment.amount_cents, payment.currency_code)
        return take_back(SYSTEM, payment.id, taken, key=_key(gateway, case), fee_cents=event.fee_cents,
                         reason=event.reason or event.type, case=case)  # fmt: skip


def follow(gateway: str, charge: Charge) -> int | None:
    """What a charge that was read says of money taken back, where no event brings a sum: the difference is booked."""
    with write() as session:
        payment = _payment_of(session, gateway, charge.id)
        lock(session, [payment.receivable_id] if payment.receivable_id else [], [payment.customer_id])
        known = charged_back_cents(session, [payment.id]).get(payment.id, 0)
        if charge.charged_back_cents <= known:
            return None
        missing = Money(charge.charged_back_cents - known, payment.currency_code)
        case = f"{charge.id}:{charge.charged_back_cents}"
        return take_back(SYSTEM, payment.id, missing, key=_key(gateway, case), reason="charged_back", case=case)


def returned(gateway: str, charge: Charge, fee_cents: int = 0) -> int | None:
    """A debit that was taken in came back: all of it is owed again. None where that is booked already."""
    with write() as session:
        case = f"{charge.id}:returned"
        if booked(session, _key(gateway, case)) is not None:
            return None
        payment = _payment_of(session, gateway, charge.id)
        paid = Money(payment.amount_cents, payment.currency_code)
        return take_back(SYSTEM, payment.id, paid, key=_key(gateway, case), fee_cents=fee_cents,
                         reason=charge.decline_code or "returned", case=case,
                         holds=charge.decline_kind == "hard")  # fmt: skip


def win(actor: Actor, gateway: str, case: str) -> int | None:
    """The chargeback of that case was undone: the money is ours again. None where that is booked already.

    Raises NotFound("unknown_charge") while the chargeback itself is not booked.
    """
    with write() as session:
        found = booked(session, _key(gateway, case))
        if found is None:
            raise NotFound("unknown_charge")
        return undo(actor, found)


def _payment_of(session: Session, gateway: str, charge_id: str) -> Payment:
    """Where the money of a charge stands now, also after it was moved. Raises NotFound("unknown_charge")."""
    mine = (Payment.gateway == gateway, Payment.provider_id == charge_id, Payment.kind == "payment")
    found: Payment | None = session.scalars(select(Payment).where(*mine)).one_or_none()
    if found is None:
        raise NotFound("unknown_charge")
    return where_it_stands(session, found)


def _key(gateway: str, case: str) -> str:
    return f"chargeback:{gateway}:{case}"[-80:]


def note_foreign_refund(gateway: str, event: Event) -> None:
    """A refund that nobody ordered here was made at the provider: said at its payment, for a person to see to."""
    charge_id = event.facts.get("charge_id", "")
    with write() as session:
        mine = (Payment.gateway == gateway, Payment.provider_id == charge_id)
        payment = session.scalars(select(Payment).where(*mine)).one_or_none()
        activities.record(
            SYSTEM, "refund.foreign", "payment", payment.id if payment else 0,
            customer_id=payment.customer_id if payment else None, amount_cents=event.cents,
            currency=event.currency.upper(), gateway=gateway, reason=event.object_id,
        )  # fmt: skip
