"""Our own debits after their announcement: taken back, in a file, handed in, credited by the bank (X-05, SEP-6).

    planned -> in_file -> submitted -> paid -> returned          withdrawn: paid otherwise, or no mandate any more

A debit is paid when the bank says so, never because a file was made. What comes back is services/debit_returns.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import cast

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from billing.errors import AlreadyDone, Invalid, NotAllowed, NotFound
from billing.money import Money
from extensions import db
from models import Debit, Mandate, Payment, PaymentFile, Receivable
from services import activities, clock, mandates
from services.actor import SYSTEM, Actor
from services.payment_rows import lock, number_of
from services.payments import Receipt, settle
from services.planned_debits import take_back
from services.unit import write

AT_BANK = ("in_file", "submitted")
IN_FLIGHT = ("planned", *AT_BANK)
BATCH = 200


def mark_paid(actor: Actor, end_to_end_id: str, on: date, reference: str = "") -> int:
    """The bank credited the debit on that day; gives the payment's id.

    What is no longer open of its receivable becomes the customer's paid credit (D-9). Raises NotFound,
    AlreadyDone("debit_credited", payment_id=...), NotAllowed("wrong_state") for one that never went to the bank, and
    Invalid("on"): "in_the_future", "before_collection". It is booked today, as all money is.
    """
    with write() as session:
        debit = take(session, end_to_end_id)
        row = lock(session, [debit.receivable_id])[debit.receivable_id]
        session.refresh(debit, with_for_update=True)
        if debit.state in ("paid", "returned"):
            raise AlreadyDone("debit_credited", payment_id=debit.payment_id)
        if debit.state not in AT_BANK:
            raise NotAllowed("wrong_state", field="state")
        check_day(session, debit, on, "before_collection")
        receipt = Receipt(Money(debit.amount_cents, debit.currency_code), on, "sepa_debit", reference or end_to_end_id,
                          key=_key(session, debit), surplus=True, discount=False)  # fmt: skip
        payment, settled = settle(session, row, receipt, clock.today())
        debit.state, debit.payment_id, debit.ended_at = "paid", payment.id, clock.instant()
        if session.get_one(Mandate, debit.mandate_id).is_once:
            mandates.use_up(actor, debit.mandate_id)
        activities.record(
            actor, "payment.recorded", "payment", payment.id, customer_id=payment.customer_id,
            number=number_of(session, row), amount_cents=payment.amount_cents, currency=payment.currency_code,
            method=payment.method, received_on=on.isoformat(), credit_cents=settled.credit_cents,
            open_cents=row.open_cents,
        )  # fmt: skip
        return int(payment.id)


def _key(session: Session, debit: Debit) -> str:
    """Once for each time that it is credited: what was cancelled may be credited after all (F1)."""
    key = f"debit:{debit.id}"
    mine = (Payment.kind == "payment", or_(Payment.external_key == key, Payment.external_key.like(f"{key}:%")))
    before = session.scalar(select(func.count()).where(*mine)) or 0
    return f"{key}:{before + 1}" if before else key


def mark_file_paid(actor: Actor, file_id: int, on: date) -> int:
    """The bank credited a whole file in one sum; gives how many debits were open. Again: none are.

    Raises NotFound, NotAllowed("not_submitted"), NotAllowed("wrong_state") for a file of transfers, and
    Invalid("on", "before_collection") for a day before the bank collects.
    """
    with write() as session:
        file = session.get(PaymentFile, file_id)
        if file is None:
            raise NotFound("payment_file")
        if file.kind != "debit":
            raise NotAllowed("wrong_state")
        if file.submitted_at is None:
            raise NotAllowed("not_submitted")
        if on < file.execute_on:
            raise Invalid("on", "before_collection", earliest=file.execute_on.isoformat())
        wanted = select(Debit.receivable_id).where(Debit.file_id == file_id)
        lock(session, session.scalars(wanted).all())
        open_ = select(Debit.end_to_end_id).where(Debit.file_id == file_id, Debit.state == "submitted")
        names = session.scalars(open_.order_by(Debit.receivable_id)).all()
        for name in names:
            mark_paid(actor, name, on, file.message_id)
        return len(names)


def withdraw(actor: Actor, debit_id: int) -> None:
    """A person takes back what was announced and is in no file yet. Raises NotFound, AlreadyDone("debit_withdrawn"),
    NotAllowed("debit_under_way")."""
    with write() as session:
        debit = session.get(Debit, debit_id, with_for_update=True)
        if debit is None:
            raise NotFound("debit")
        if debit.state == "withdrawn":
            raise AlreadyDone("debit_withdrawn")
        if debit.state != "planned":
            raise NotAllowed("debit_under_way")
        take_back(session, actor, debit, "by_hand")


def withdraw_settled(actor: Actor = SYSTEM) -> int:
    """Take back what was paid otherwise before it got into a file; gives how many."""
    count = 0
    while ids := _settled(BATCH):
        with write() as session:
            for debit in session.scalars(select(Debit).where(Debit.id.in_(ids)).with_for_update()):
                if debit.state == "planned":
                    take_back(session, actor, debit, "settled")
            count += len(ids)
    return count


def check_day(session: Session, debit: Debit, on: date, code: str) -> None:
    """Nothing happens to a debit before the day that stands in its file, nor tomorrow. Raises Invalid("on")."""
    earliest = collected_on(session, debit)
    if on < earliest:
        raise Invalid("on", code, earliest=earliest.isoformat())
    if on > clock.today():
        raise Invalid("on", "in_the_future")


def collected_on(session: Session, debit: Debit) -> date:
    """The day on which the bank collects it: that of its file, before that the announced one."""
    return session.get_one(PaymentFile, debit.file_id).execute_on if debit.file_id else debit.collect_on


def take(session: Session, end_to_end_id: str) -> Debit:
    """The debit that the bank speaks of. NotFound."""
    found = session.scalars(select(Debit).where(Debit.end_to_end_id == end_to_end_id)).one_or_none()
    if found is None:
        raise NotFound("debit", field="end_to_end_id")
    return found


def amend_unused(session: Session, mandate_ids: Iterable[int]) -> None:
    """A mandate whose every debit came back was never used: the next one is the first again (SEP-4)."""
    stood = select(Debit.id).where(Debit.mandate_id == Mandate.id, Debit.state.in_((*AT_BANK, "paid")))
    rows = session.scalars(select(Mandate).where(Mandate.id.in_(list(mandate_ids)), ~stood.exists()))
    for row in rows:
        row.first_used_on = row.last_used_on = None
    session.flush()


def _settled(limit: int) -> list[int]:
    query = (
        select(Debit.id)
        .join(Receivable, Receivable.id == Debit.receivable_id)
        .where(Debit.state == "planned", Receivable.open_cents <= 0)
        .order_by(Debit.id)
        .limit(limit)
    )
    return list(cast(Session, db.session()).scalars(query))
