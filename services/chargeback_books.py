"""What a chargeback leaves in the books: the money taken, the fee of the bank, what went out twice, each for itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing import refunds as rules
from billing.default import damage_legs
from billing.money import Money
from billing.payments import Leg as Part
from billing.payments import account_of
from models import Chargeback, Payment, Receivable
from services import clock, damages_off, paid_credit
from services.actor import Actor
from services.ledger import Leg, book
from services.payment_rows import credit_of, enter, lock

PAYABLE_IN = 14  # days for what goes out with a chargeback


def enter_taken(
    session: Session, payment: Payment, row: Receivable | None, taken: Money, again: int, key: str, reason: str,
    case: str, on: date,
) -> Payment:  # fmt: skip
    out_of = account_of(payment.method, payment.gateway)
    legs = rules.chargeback_legs(taken.cents, out_of, again, row.id if row else None)
    return enter(
        session, "chargeback", legs, clock.today(), payment.customer_id, taken, row, received_on=on,
        credit_cents=taken.cents - again, method=payment.method, gateway=payment.gateway if case else "",
        provider_id=case or None, reference=reason[:140], external_key=key, belongs_to_id=payment.id,
    )  # fmt: skip


def owe_fee(session: Session, payment: Payment, row: Receivable | None, cents: int) -> int:
    cause = "returned_debit" if payment.method == "sepa_debit" else "chargeback"
    owed = _receivable(session, payment, row, cents, cause)
    _book(session, "fee", payment, damage_legs("fee", cents, owed.id))
    return owed.id


def owe_excess(session: Session, payment: Payment, row: Receivable | None, cents: int) -> int:
    owed = _receivable(session, payment, row, cents, "double_payout")
    _book(session, "double_payout", payment, rules.double_payout_legs(cents, owed.id))
    return owed.id


def _receivable(session: Session, payment: Payment, row: Receivable | None, cents: int, cause: str) -> Receivable:
    """A receivable of its own, without VAT, that hangs on what it is about (MAH-6)."""
    owed = Receivable(
        kind="fee", customer_id=payment.customer_id, subscription_id=row.subscription_id if row else None,
        currency_code=payment.currency_code, amount_cents=cents, open_cents=0,
        due_on=date.fromordinal(clock.today().toordinal() + PAYABLE_IN), parent_id=row.id if row else None,
        cause=cause, created_at=clock.instant(),
    )  # fmt: skip
    session.add(owed)
    session.flush()
    return owed


def where_it_stands(session: Session, payment: Payment) -> Payment:
    """The same money after every move of it."""
    anew = session.scalars(select(Payment).where(Payment.moved_from_id == payment.id)).one_or_none()
    return payment if anew is None else where_it_stands(session, anew)


def pay_bank_fee(session: Session, payment: Payment, cents: int) -> None:
    if cents:
        _book(session, "provider_fee", payment, rules.bank_fee_legs(cents, account_of(payment.method, payment.gateway)))


def take_fee_off(session: Session, extra: Chargeback) -> None:
    if extra.fee_receivable_id is None:
        return
    damages_off.take_fee_off(session, lock(session, [extra.fee_receivable_id])[extra.fee_receivable_id])


def _book(session: Session, kind: str, payment: Payment, legs: Sequence[Part]) -> None:
    parts = [Leg(*leg) for leg in legs]
    book(session, kind, clock.today(), payment.customer_id, payment.currency_code, parts)


def settle_excess(session: Session, actor: Actor, payment_id: int) -> None:
    """A refund failed or a chargeback was won: credit that came of it pays what had gone out twice of this payment."""
    query = (
        select(Receivable)
        .join(Chargeback, Chargeback.excess_receivable_id == Receivable.id)
        .join(Payment, Payment.id == Chargeback.payment_id)
        .where(Payment.belongs_to_id == payment_id, Receivable.open_cents > 0)
    )
    for row in session.scalars(query.order_by(Receivable.id)).all():
        if credit_of(session, row.customer_id, row.currency_code) > 0:
            paid_credit.apply_credit(actor, row.id)


def booked(session: Session, key: str) -> int | None:
    found: int | None = session.scalar(select(Payment.id).where(Payment.external_key == key))
    return found
