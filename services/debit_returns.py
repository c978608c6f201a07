"""A debit that came back: it is owed again with the bank's fee, and the code decides about the mandate (SEP-5).

It may come weeks after it was credited, or before anybody saw that it was; by the statement or by a person's hand. Both
say it once.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.debits import meaning
from billing.errors import AlreadyDone, Invalid, NotAllowed
from billing.ledger import BANK, FEE, PROVIDER_FEE, RECEIVABLE
from billing.money import Money
from models import Debit, Mandate, Payment, Receivable
from services import activities, chargeback_books, chargebacks, clock, debit_letters, mandates
from services.actor import Actor
from services.debit_plan import again
from services.debits import AT_BANK, amend_unused, check_day, collected_on, take
from services.ledger import Leg, book
from services.payment_rows import lock, number_of
from services.payment_settings import payment_settings
from services.unit import write

MOST_FEE = 100_00  # cents: more is a slip of the pen
PAYABLE_IN = timedelta(14)


def returned(actor: Actor, end_to_end_id: str, code: str, on: date, fee_cents: int = 0) -> int:
    """The bank gave the debit back on that day for that reason, and kept a fee; gives the debit's id.

    Raises NotFound, AlreadyDone("debit_returned"), NotAllowed("wrong_state") for one that never went to the bank, and
    Invalid: "on" in the future or before the bank collected, "fee_cents", "code". It is booked today.
    """
    with write() as session:
        debit = take(session, end_to_end_id)
        row = lock(session, [debit.receivable_id])[debit.receivable_id]
        session.refresh(debit, with_for_update=True)
        _check(session, debit, code, on, fee_cents)
        told, payment_id = meaning(code), debit.payment_id
        if debit.state == "paid" and payment_id is not None:
            _take_back(session, actor, session.get_one(Payment, payment_id), on, code, end_to_end_id)
        debit.state, debit.return_code, debit.ended_at = "returned", code.strip().upper()[:10], clock.instant()
        session.flush()
        asked = _book_fee(session, row, fee_cents, told.fault and not _mandate_was_over(session, debit))
        amend_unused(session, [debit.mandate_id])
        activities.record(
            actor, "debit.returned", "debit", debit.id, customer_id=debit.customer_id, number=number_of(session, row),
            amount_cents=debit.amount_cents, currency=debit.currency_code, error=debit.return_code,
            open_cents=row.open_cents, fee_cents=fee_cents or None,
        )  # fmt: skip
        if told.stops and session.get_one(Mandate, debit.mandate_id).state == "active":
            mandates.stop(actor, debit.mandate_id, debit.return_code)
        made = _again(session, actor, debit, row) if told.retry else None
        debit_letters.tell_returned(session, debit, made, asked)
        return int(debit.id)


def _check(session: Session, debit: Debit, code: str, on: date, fee_cents: int) -> None:
    if debit.state == "returned":
        raise AlreadyDone("debit_returned")
    if debit.state not in (*AT_BANK, "paid"):
        raise NotAllowed("wrong_state", field="state")
    if not code.strip().isalnum() or len(code.strip()) > 4:
        raise Invalid("code", "not_a_choice")
    check_day(session, debit, on, "back_before_collection")
    if not 0 <= fee_cents <= MOST_FEE:
        raise Invalid("fee_cents", "out_of_range")


def _take_back(session: Session, actor: Actor, payment: Payment, on: date, code: str, name: str) -> None:
    """As any money that was charged back, wherever it stands by now; nothing where a person had undone the payment by
    hand: it is owed already."""
    payment = chargeback_books.where_it_stands(session, payment)
    if session.scalar(select(Payment.id).where(Payment.reverses_id == payment.id)) is None:
        amount = Money(payment.amount_cents, payment.currency_code)
        chargebacks.take_back(actor, payment.id, amount, key=f"return:{name}", reason=code, on=on)


def _book_fee(session: Session, row: Receivable, cents: int, is_theirs: bool) -> int:
    """What the bank kept is a cost; whoever caused the return owes it, without VAT (MAH-6, section 280 (1) BGB). Nobody
    caused anything by paying before we collected: where nothing is owed after the return, it is ours. Gives what is
    asked of the customer."""
    if not cents:
        return 0
    today = clock.today()
    book(session, "provider_fee", today, row.customer_id, row.currency_code,
         [Leg(PROVIDER_FEE, cents), Leg(BANK, -cents)], row.invoice_id)  # fmt: skip
    if is_theirs and row.open_cents > 0 and payment_settings().pass_on_fee:
        owed = _receivable(session, row, "fee", "returned_debit", cents)
        book(session, "fee", today, row.customer_id, row.currency_code,
             [Leg(RECEIVABLE, cents, owed.id), Leg(FEE, -cents)], row.invoice_id)  # fmt: skip
        return cents
    return 0


def _mandate_was_over(session: Session, debit: Debit) -> bool:
    """We collected though the mandate had ended before: that it came back is our own fault (section 675j (2) BGB)."""
    ended_on = session.get_one(Mandate, debit.mandate_id).ended_on
    return ended_on is not None and ended_on < collected_on(session, debit)


def _receivable(session: Session, parent: Receivable, kind: str, cause: str, cents: int) -> Receivable:
    row = Receivable(
        kind=kind, customer_id=parent.customer_id, subscription_id=parent.subscription_id, parent_id=parent.id,
        cause=cause, currency_code=parent.currency_code, amount_cents=cents, open_cents=0,
        due_on=clock.today() + PAYABLE_IN, created_at=clock.instant(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _again(session: Session, actor: Actor, debit: Debit, row: Receivable) -> Debit | None:
    """Once more, once, announced anew with the full notice (AM04)."""
    before = (Debit.receivable_id == row.id, Debit.id != debit.id, Debit.return_code != "")
    if any(meaning(code).retry for code in session.scalars(select(Debit.return_code).where(*before))):
        return None
    made = again(session, debit, row, session.get_one(Mandate, debit.mandate_id))
    if made is not None:
        _tell(actor, made)
    return made


def _tell(actor: Actor, debit: Debit, **more: Any) -> None:
    activities.record(actor, "debit.planned_again", "debit", debit.id, customer_id=debit.customer_id,
                      amount_cents=debit.amount_cents, currency=debit.currency_code,
                      due_on=debit.collect_on.isoformat(), **more)  # fmt: skip
