"""Paid credit (Guthaben from money that came in, D-9) by hand: used for an open invoice, or paid out by transfer.

What was granted instead is a discount before VAT and never stands here.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from billing import payments as rules
from billing.errors import AlreadyDone, Invalid
from billing.money import Money
from models import Payment
from services import activities, clock
from services.actor import Actor
from services.customers import find_survivor
from services.payment_rows import check_money, credit_of, enter, lock, number_of, refuse_twice
from services.unit import write


def apply_credit(actor: Actor, receivable_id: int, amount: Money | None = None, key: str | None = None) -> int:
    """Let the customer's credit settle a receivable; None: as much as there is and is open. Gives the row's id.

    Raises NotFound, AlreadyDone("settled") or for a key that came before, and Invalid("amount"): more than the credit
    ("more_than_credit", "no_credit") or than is open, of another currency, not positive.
    """
    with write() as session:
        row = lock(session, [receivable_id])[receivable_id]
        refuse_twice(session, key)
        if row.open_cents <= 0:
            raise AlreadyDone("settled")
        has = credit_of(session, row.customer_id, row.currency_code)
        amount, day = amount or Money(min(has, row.open_cents), row.currency_code), clock.today()
        _check(amount, row.currency_code, day, has)
        if amount.cents > row.open_cents:
            raise Invalid("amount", "more_than_open")
        legs = rules.credit_legs(amount.cents, row.id)
        made = enter(session, "credit_applied", legs, day, row.customer_id, amount, row, received_on=day,
                     external_key=key)  # fmt: skip
        _record(actor, "credit.applied", made, number=number_of(session, row), open_cents=row.open_cents)
        return made.id


def pay_out(
    actor: Actor, customer_id: int, amount: Money, on: date | None = None, *, method: str = "bank",
    reference: str = "", key: str | None = None,
) -> int:  # fmt: skip
    """Note that credit was paid back to the customer on that day (default: today); gives the row's id.

    Raises NotFound, AlreadyDone for a key that came before, and Invalid: "amount" of more than the credit
    ("more_than_credit") or not positive, "received_on" (the day) in the future, "method".
    """
    with write() as session:
        lock(session, (), [customer_id])
        whose = find_survivor(session, customer_id).id
        refuse_twice(session, key)
        day = on or clock.today()
        _check(amount, amount.currency, day, credit_of(session, whose, amount.currency), method)
        legs = rules.payout_legs(amount.cents, rules.account_of(method))
        made = enter(session, "payout", legs, day, whose, amount, received_on=day, method=method,
                     reference=reference, external_key=key)  # fmt: skip
        _record(actor, "credit.paid_out", made, method=method)
        return made.id


def balance(session: Session, customer_id: int, currency: str) -> Money:
    """The customer's paid credit."""
    return Money(credit_of(session, customer_id, currency), currency)


def _check(amount: Money, currency: str, day: date, has: int, method: str = "bank") -> None:
    if has <= 0:
        raise Invalid("amount", "no_credit")
    check_money(amount, currency, day, method)
    if amount.cents > has:
        raise Invalid("amount", "more_than_credit")


def _record(actor: Actor, code: str, made: Payment, **more: Any) -> None:
    activities.record(
        actor, code, "payment", made.id, customer_id=made.customer_id, amount_cents=made.amount_cents,
        currency=made.currency_code, **more,
    )  # fmt: skip
