"""Bank lines about our own orders become what they say: a refund is sent or came back, a file is credited or debited in
one sum, a debit or another payment was taken back (X-06, SEP-5).

Each is booked by the service whose deed it is, in one transaction with the line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.bank_orders import MOST_FEE, Order
from billing.errors import Conflict, Invalid, NotAllowed
from billing.money import Money
from models import BankLine, Debit, Payment, PaymentFile, Refund
from services import bank_debits, bank_links, bank_order_facts, chargebacks, debits, payment_files, refunds
from services.actor import Actor
from services.gone_back import stands
from services.payment_rows import receivable_of
from services.refund_books import booked_as
from services.unit import insistent, write

FINAL = ("return", "came_back")  # what the bank told of by itself is not undone


def sure(lines: Sequence[BankLine]) -> list[tuple[int, Order]]:
    """The lines that bear our own name and just its amount."""
    found = bank_order_facts.orders_of(lines)
    return [(id_, offers[0]) for id_, offers in found.items() if offers and offers[0].sure]


def book(actor: Actor, line_id: int, order: Order) -> list[int]:
    """Book the line as this order of ours; gives the ids of the payments that it became, none for a debit that was
    given back before it was credited.

    Raises NotFound, AlreadyDone("matched"), NotAllowed("bank_line_ignored", "partly_booked"),
    Conflict("suggestion_changed") where another line is this order by now, and as the deed itself.
    """
    return insistent(lambda: _book(actor, line_id, order))


def take_back(actor: Actor, line_id: int, invoice_id: int, fee_cents: int = 0) -> list[int]:
    """By hand: the bank took back what was paid for that invoice, by the newest payment that fits the line.

    Raises NotFound, NotAllowed("not_outgoing", "no_payment_fits"), Invalid("fee"), and as `book`.
    """
    if not 0 <= fee_cents <= MOST_FEE:
        raise Invalid("fee", "out_of_range", least=0, most=MOST_FEE // 100)

    def deed() -> list[int]:
        with write() as session:
            line = bank_links.free(session, line_id)
            if line.amount_cents >= 0:
                raise NotAllowed("not_outgoing")
            return _book(actor, line_id, _meant(session, line, receivable_of(session, invoice_id), fee_cents))

    return insistent(deed)


def undo(actor: Actor, session: Session, line: BankLine, payment: Payment, reason: str) -> None:
    """The opposite of what a refund or a chargeback of the line booked; the line waits again."""
    if payment.kind == "refund":
        refunds.take_sent_back(actor, int((payment.external_key or "").split(":")[1]), reason)
        return
    chargebacks.undo(actor, payment.id, mistaken=True)
    bank_links.let_go(session, payment.id)


def _meant(session: Session, line: BankLine, receivable_id: int, fee_cents: int) -> Order:
    """The newest debit, or else the newest payment, of which the bank may have taken back so much."""
    cents = -line.amount_cents - fee_cents
    at_bank = (Debit.state.in_((*debits.AT_BANK, "paid")), Debit.amount_cents == cents)
    debit = select(Debit.id).where(Debit.receivable_id == receivable_id, *at_bank).order_by(Debit.id.desc())
    if (debit_id := session.scalar(debit.limit(1))) is not None:
        return Order("debit", debit_id, cents, fee_cents)
    ours = (Payment.kind == "payment", Payment.gateway == "", Payment.currency_code == line.currency_code, stands())
    fits = select(Payment.id).where(Payment.receivable_id == receivable_id, *ours, Payment.amount_cents >= cents)
    payment_id = session.scalar(fits.order_by(Payment.id.desc()).limit(1)) if cents > 0 else None
    if payment_id is None:
        raise NotAllowed("no_payment_fits", field="fee")
    return Order("payment", payment_id, cents, fee_cents)


def _book(actor: Actor, line_id: int, order: Order) -> list[int]:
    with write() as session:
        line = bank_links.free(session, line_id)
        _DEEDS[order.kind](actor, session, line, order)
        session.flush()
        made = [each.payment_id for each in bank_links.standing(session, line.id)]
        bank_links.record_line(actor, "bank_line.matched", line, payments=len(made))
        return made


def _sent(actor: Actor, session: Session, line: BankLine, order: Order) -> None:
    """Sent by this line, or noted by hand before: then the line belongs to that payment."""
    refund = session.get_one(Refund, order.id)
    if refund.state == "succeeded":
        noted = (booked_as(Payment, refund.id), Payment.kind == "refund", stands())
        payment_id = session.scalars(select(Payment.id).where(*noted).with_for_update()).one()
        if bank_links.is_on_a_line(session, payment_id):
            raise Conflict("suggestion_changed")  # another movement bore its name, and was first
    else:
        if refund.file_id is not None:
            _hand_in(actor, session, refund.file_id)
        payment_id = refunds.note_sent(actor, refund.id, line.booked_on, line.purpose)
    bank_links.link(session, line, payment_id, refund.amount_cents, "refund")


def _came_back(actor: Actor, session: Session, line: BankLine, order: Order) -> None:
    sent = select(Payment.id).where(booked_as(Payment, order.id), Payment.kind == "refund", stands())
    payment_id = session.scalars(sent).one_or_none()
    refunds.note_returned(actor, order.id, line.return_code or line.purpose or "returned")
    undone = session.scalars(select(Payment.id).where(Payment.reverses_id == payment_id)).one()
    bank_links.link(session, line, undone, line.amount_cents, "came_back")


def _transfers(actor: Actor, session: Session, line: BankLine, order: Order) -> None:
    _hand_in(actor, session, order.id)
    wanted = select(Refund).where(Refund.file_id == order.id, Refund.state == "sent").order_by(Refund.id)
    for refund in session.scalars(wanted).all():
        payment_id = refunds.note_sent(actor, refund.id, line.booked_on, line.purpose)
        bank_links.link(session, line, payment_id, refund.amount_cents, "file")
    bank_links.close(session, line, "file")


def _debits(actor: Actor, session: Session, line: BankLine, order: Order) -> None:
    _hand_in(actor, session, order.id)
    wanted = select(Debit).where(Debit.file_id == order.id, Debit.state == "submitted").order_by(Debit.receivable_id)
    for debit in session.scalars(wanted).all():
        payment_id = debits.mark_paid(actor, debit.end_to_end_id, line.booked_on, line.purpose[:140])
        bank_links.link(session, line, payment_id, debit.amount_cents, "file")
    bank_links.close(session, line, "file")


def _hand_in(actor: Actor, session: Session, file_id: int) -> None:
    """Who is credited or debited for a file has handed it in, whether or not somebody said so."""
    if session.get_one(PaymentFile, file_id).submitted_at is None:
        payment_files.submit(actor, file_id)


def _debit(actor: Actor, session: Session, line: BankLine, order: Order) -> None:
    bank_debits.give_back(actor, session, line, session.get_one(Debit, order.id))


def _payment(actor: Actor, session: Session, line: BankLine, order: Order) -> None:
    taken = Money(order.cents, line.currency_code)
    key = f"bank:{line.id}:{bank_links.ever(session, line.id)}:back"
    made = chargebacks.take_back(actor, order.id, taken, key=key, fee_cents=order.fee_cents,
                                 reason=bank_debits.reason_of(line), on=line.booked_on)  # fmt: skip
    bank_links.link(session, line, made, -line.amount_cents, "taken_back")


_DEEDS: Mapping[str, Callable[[Actor, Session, BankLine, Order], None]] = {
    "refund": _sent, "refund_back": _came_back, "transfer_file": _transfers, "debit_file": _debits, "debit": _debit,
    "payment": _payment,
}  # fmt: skip
