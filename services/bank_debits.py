"""Our own debits on a statement: the bank credits them by their end-to-end id, and gives some back (SEP-5, X-05)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.errors import NotAllowed
from extensions import db
from models import BankLine, Debit, Payment
from services import bank_links, debit_returns, debits
from services.actor import Actor
from services.unit import write

NO_REASON = "MS03"  # "not specified": what the rules make of a return that bears no code


def concerned(lines: Sequence[BankLine]) -> list[int]:
    """Which of these lines speak of a debit of ours. One statement."""
    names = {line.end_to_end_id for line in lines if line.end_to_end_id}
    known = set(db.session.scalars(select(Debit.end_to_end_id).where(Debit.end_to_end_id.in_(names))))
    return [line.id for line in lines if line.end_to_end_id in known]


def book(actor: Actor, line_id: int) -> bool:
    """Book what the line says of its debit; False where it says nothing that fits, and a person has to look.

    Raises as `debits.mark_paid` and `debit_returns.returned`.
    """
    with write() as session:
        line = bank_links.locked(session, line_id)
        if line is None or line.state != "unmatched":
            return False
        debit = debits.take(session, line.end_to_end_id)
        if line.amount_cents < 0 and line.return_code:
            give_back(actor, session, line, debit)
            return True
        if line.amount_cents != debit.amount_cents or line.currency_code != debit.currency_code:
            return False
        payment_id = debits.mark_paid(actor, debit.end_to_end_id, line.booked_on, line.purpose[:140])
        bank_links.link(session, line, payment_id, line.amount_cents, "end_to_end")
        return True


def give_back(actor: Actor, session: Session, line: BankLine, debit: Debit) -> None:
    """What went out beyond the debit is the fee. One that was never booked as paid has no payment to take back.

    Raises NotAllowed("less_than_debit"), and as `debit_returns.returned`.
    """
    fee = -line.amount_cents - debit.amount_cents
    if fee < 0:
        raise NotAllowed("less_than_debit")
    debit_returns.returned(actor, debit.end_to_end_id, reason_of(line), line.booked_on, fee)
    taken = session.scalar(select(Payment.id).where(Payment.external_key == f"return:{debit.end_to_end_id}"))
    if taken is not None:
        bank_links.link(session, line, taken, -line.amount_cents, "return")
    bank_links.close(session, line, "return")


def reason_of(line: BankLine) -> str:
    """The bank's code, or that it gave none."""
    return line.return_code if len(line.return_code) == 4 else NO_REASON
