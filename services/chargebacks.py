"""Money that was taken back from us: a chargeback told by a provider, or a debit that the bank returned (F19, EB-54).

What was paid is owed again as far as the invoice still asks for it; what had become credit leaves the credit; what was
refunded meanwhile went out twice and is owed as a receivable of its own. The bank's fee is one, too. Booked once by the
provider's case or the bank's reference, in any order with refunds.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from billing import refunds as rules
from billing.errors import AlreadyDone, Invalid, NotFound
from billing.ledger import RECEIVABLE
from billing.money import Money
from billing.payments import account_of
from models import Chargeback, Payment, Posting, Receivable, Refund
from services import activities, clock, method_holds, payer_mails, payment_changes
from services.actor import SYSTEM, Actor
from services.chargeback_books import (
    booked,
    enter_taken,
    owe_excess,
    owe_fee,
    pay_bank_fee,
    settle_excess,
    take_fee_off,
)
from services.gone_back import charged_back_cents
from services.payment_rows import claim_of, credit_of, enter, lock, number_of
from services.refund_books import give_up, note
from services.unit import write


def take_back(
    actor: Actor, payment_id: int, taken: Money, *, key: str, fee_cents: int = 0, reason: str = "", case: str = "",
    on: date | None = None, holds: bool = True,
) -> int:  # fmt: skip
    """Book that so much of a payment went back to the customer's bank; gives the row's id.

    `key` makes it one; `case` is the provider's own name of it; `fee_cents` what the bank takes of us, which the
    customer bears where they have the money that is ours. `holds`: a method that a
    provider keeps is not charged by itself any more (EB-54). Refunds of the payment that have not left yet are
    withdrawn. Raises NotFound, AlreadyDone("already_done"), Invalid("amount") for none, another currency or more than
    was paid.
    """
    with write() as session:
        payment, row = _locked(session, payment_id)
        if (done := booked(session, key)) is not None:
            raise AlreadyDone("already_done", payment_id=done)
        _check(session, payment, taken)
        _withdraw_waiting(session, payment)
        again = _owed_again(session, payment, row, taken.cents)
        excess = _excess(session, payment, taken.cents - again)
        bears = fee_cents if again or excess else 0
        made = enter_taken(session, payment, row, taken, again, key, reason, case, on or clock.today())
        session.add(Chargeback(
            payment_id=made.id, reason=reason[:60], fee_cents=fee_cents,
            fee_receivable_id=owe_fee(session, payment, row, bears) if bears else None,
            excess_receivable_id=owe_excess(session, payment, row, excess) if excess else None,
        ))  # fmt: skip
        pay_bank_fee(session, payment, fee_cents)
        if holds:
            method_holds.hold_of(session, payment)
        if bears:  # nobody learns of a fee from a reminder first
            payer_mails.order(session, f"chargeback:{made.id}", "payment_charged_back", made.customer_id,
                              {"payment_id": made.id})  # fmt: skip
        if row is not None and again:
            row.dunning_level, row.reminded_on = 0, None  # what is owed again begins at the first level (EB-54)
        activities.record(actor, "payment.charged_back", "payment", made.id, **_told(session, made, row),
                          reason=reason, fee_cents=fee_cents, twice_cents=excess)  # fmt: skip
        return made.id


def undo(actor: Actor, chargeback_id: int, mistaken: bool = False) -> int | None:
    """Book the opposite of a chargeback: what is still owed of it falls, the rest is credit. None if it was done.

    `mistaken`: it was taken back by hand and never went, so the bank took no fee of us either. Raises NotFound for what
    is no chargeback.
    """
    with write() as session:
        made = session.get(Payment, chargeback_id)
        if made is None or made.kind != "chargeback":
            raise NotFound("payment", field="payment_id")
        payment, row = _locked(session, made.belongs_to_id or 0)
        if session.scalar(select(Payment.id).where(Payment.reverses_id == made.id)) is not None:
            return None
        again = sum(cents for account, cents, _ in payment_changes.legs_of(session, made) if account == RECEIVABLE)
        lowered = min(again, max(row.open_cents, 0)) if row else 0
        amount = Money(made.amount_cents, made.currency_code)
        legs = rules.won_legs(amount.cents, account_of(payment.method, payment.gateway), lowered,
                              row.id if row else None)  # fmt: skip
        undone = enter(
            session, "reversal", legs, clock.today(), payment.customer_id, amount, row, undoes="chargeback",
            received_on=clock.today(), method=made.method, reference=made.reference, reverses_id=made.id,
        )  # fmt: skip
        extra = session.get_one(Chargeback, made.id)
        take_fee_off(session, extra)
        if mistaken:
            pay_bank_fee(session, payment, -extra.fee_cents)
        activities.record(actor, "payment.chargeback_won", "payment", undone.id, **_told(session, undone, row))
        settle_excess(session, actor, payment.id)
        method_holds.free_of(session, payment)
        return undone.id


def _told(session: Session, made: Payment, row: Receivable | None) -> dict[str, Any]:
    """Whose money, how much and of which invoice: what both activities tell."""
    return {
        "customer_id": made.customer_id, "number": number_of(session, row), "amount_cents": made.amount_cents,
        "currency": made.currency_code, "open_cents": row.open_cents if row else 0,
    }  # fmt: skip


def _locked(session: Session, payment_id: int) -> tuple[Payment, Receivable | None]:
    payment = session.get(Payment, payment_id)
    if payment is None or payment.kind != "payment":
        raise NotFound("payment", field="payment_id")
    rows = lock(session, [payment.receivable_id] if payment.receivable_id else [], [payment.customer_id])
    return payment, rows[payment.receivable_id] if payment.receivable_id else None


def _check(session: Session, payment: Payment, taken: Money) -> None:
    if taken.currency != payment.currency_code:
        raise Invalid("amount", "other_currency")
    gone = charged_back_cents(session, [payment.id]).get(payment.id, 0)
    if not 0 < taken.cents <= payment.amount_cents - gone:
        raise Invalid("amount", "out_of_range")


def _withdraw_waiting(session: Session, payment: Payment) -> None:
    """What has not left the house need not go out a second time."""
    mine = (Refund.payment_id == payment.id, Refund.state.in_(("waiting", "ordered", "approved")))
    query = select(Refund).where(*mine, Refund.file_id.is_(None)).order_by(Refund.id).with_for_update()
    for row in session.scalars(query.execution_options(populate_existing=True)).all():
        give_up(session, row, "withdraw", "charged_back")
        note(SYSTEM, session, row, "refund.withdrawn", reason="charged_back")


def _owed_again(session: Session, payment: Payment, row: Receivable | None, cents: int) -> int:
    if row is None:
        return 0
    return rules.owed_again(cents, row.open_cents, claim_of(session, row), _settled_by(session, payment))


def _settled_by(session: Session, payment: Payment) -> int:
    """What the payment settled of what was owed, less what went back of that already; one statement."""
    undone = aliased(Payment)
    gone = select(Payment.entry_id).where(
        Payment.belongs_to_id == payment.id, Payment.kind == "chargeback",
        ~exists().where(undone.reverses_id == Payment.id),
    )  # fmt: skip
    mine = or_(Posting.entry_id == payment.entry_id, Posting.entry_id.in_(gone))
    booked_there = select(func.coalesce(func.sum(Posting.amount_cents), 0)).where(mine, Posting.account == RECEIVABLE)
    return -int(session.scalar(booked_there) or 0)


def _excess(session: Session, payment: Payment, out_of_credit: int) -> int:
    """What the customer's credit cannot bear any more: it was refunded, or spent."""
    return max(out_of_credit - max(credit_of(session, payment.customer_id, payment.currency_code), 0), 0)
