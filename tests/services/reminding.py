"""What tests of dunning say: days after the due date, a run, what was sent, what stands beside the invoice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import event, select, update

from extensions import db
from models import Customer, Message, PaymentAttempt, PaymentMethod, Receivable, Reminder, Subscription
from services import bulk, clock, dunning_run, dunning_settings, sealing
from services.actor import SYSTEM, Actor
from services.checks import check_books
from services.dunning import Done
from services.dunning_levels import LevelWish
from services.unit import write

ANKE = Actor("staff", 1, "Anke Beispiel")
DUE = date(2026, 11, 15)  # of the invoice of `owed`: 1 November and 14 days; a Sunday
FEE = 70  # of the second level, for a consumer
LEVELS = (LevelWish("Zahlungserinnerung", 7), LevelWish("1. Mahnung", 14, fee_cents=500, consumer_fee_cents=FEE))
# Only a letter costs a consumer anything (MAH-5).
WITH_LETTERS = (LEVELS[0], replace(LEVELS[1], letter="always"))


def after(days: int) -> date:
    return DUE + timedelta(days)


def dun(on: date, *, leaves: bool = True) -> Done:
    """A run of that day; its mails leave at once, unless the outbox is down."""
    with clock.stand_at(on):
        done = dunning_run.dun(on, SYSTEM).done
        if leaves:
            mails_leave(on)
        return done


def mails_leave(on: date) -> None:
    """Whatever reminder waits in the outbox goes out on that day."""
    with clock.stand_at(on), write() as session:
        waiting = update(Message).where(Message.template == "reminder", Message.sent_at.is_(None))
        session.execute(waiting.values(state="sent", sent_at=clock.instant()))


def levels_of(on: date) -> list[int]:
    """The levels that a run of that day took."""
    return [level for _, level in dun(on).reminded]


def of_invoice(owed: Receivable) -> Receivable:
    db.session.rollback()
    query = select(Receivable).where(Receivable.id == owed.id).execution_options(populate_existing=True)
    return db.session.scalars(query).one()


def sent() -> list[tuple[int, int, date]]:
    """(round, level, day) of each reminder."""
    db.session.rollback()
    return [
        (row.round, row.level, row.reminded_on) for row in db.session.scalars(select(Reminder).order_by(Reminder.id))
    ]


def damages() -> list[tuple[str, int]]:
    """Kind and cents of what stands beside the invoice, in order."""
    db.session.rollback()
    query = select(Receivable.kind, Receivable.amount_cents).where(Receivable.kind != "invoice")
    return [(kind, cents) for kind, cents in db.session.execute(query.order_by(Receivable.id))]


def set_levels(*wishes: LevelWish) -> None:
    dunning_settings.save_levels(ANKE, wishes)


def books_hold(until: date) -> bool:
    """Everything sealed by that day; the check itself looks at the day of issue, for nobody draws papers here."""
    with clock.stand_at(until):
        sealing.seal()
    with clock.stand_at(date(2026, 11, 1)):
        return check_books().findings == []


def contract() -> str:
    db.session.rollback()
    return db.session.scalars(select(Subscription.status)).one()


def keep_card(owed: Receivable) -> None:
    with write() as session:
        session.add(PaymentMethod(customer_id=owed.customer_id, kind="card", gateway="sandbox", token="tok_1",
                                  is_default=True))  # fmt: skip
        session.execute(update(Customer).where(Customer.id == owed.customer_id).values(payment_type=6))


def attempts() -> PaymentAttempt:
    db.session.rollback()
    return db.session.scalars(select(PaymentAttempt).execution_options(populate_existing=True)).one()


def answer(state: str) -> None:
    with write() as session:
        session.execute(update(PaymentAttempt).values(state=state))


def statements(deed: Callable[[], object]) -> int:
    count = {"n": 0}

    def note(*_: Any) -> None:
        count["n"] += 1

    event.listen(db.engine, "before_cursor_execute", note)
    before = bulk.COPIES.total
    try:
        deed()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return count["n"] + bulk.COPIES.total - before
