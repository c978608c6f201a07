"""What was written down wrongly is undone, never changed: cancelled, or moved to where it belongs. Both stay visible.

Undoing is booked today, whatever day the money came: a statement that was sent stays true.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from billing import payments as rules
from billing.errors import AlreadyDone, Invalid, NotAllowed, NotFound
from billing.money import Money
from billing.unseen import as_read
from models import Debit, Payment, PaymentFile, Posting, Receivable
from services import activities, bank_links, clock
from services.actor import Actor
from services.customers import find_survivor
from services.gone_back import has_gone_back
from services.payment_rows import claim_of, credit_of, enter, lock, number_of, receivable_of, refuse_twice
from services.payments import Receipt, enter_credit, settle
from services.unit import write

_SAID = {
    "payment": "payment.cancelled", "cash_discount": "payment.discount_cancelled",
    "write_off": "receivable.write_off_taken_back", "credit_applied": "credit.application_cancelled",
    "payout": "credit.payout_cancelled",
}  # fmt: skip
_undone = aliased(Payment)


def cancel(actor: Actor, payment_id: int, reason: str, key: str | None = None) -> int:
    """Undo what was written down: a payment with its cash discount, a write-off, credit used or paid out.

    Gives the reversal's id. Raises NotFound, AlreadyDone("reversed") (or for a key that came before),
    Invalid("reason") without one, NotAllowed("not_reversible") for a reversal, a refund and a chargeback,
    NotAllowed("refunded") for a payment of which something went back, NotAllowed("taken_by_provider") for one that a
    provider holds: undone only here it would be asked for a second time. NotAllowed("credit_used") where the credit
    that it made was used since.
    """
    with write() as session:
        payment, row = _take(session, payment_id, key)
        if payment.kind == "payment" and payment.gateway:
            raise NotAllowed("taken_by_provider")
        reason = _reason(reason)
        undone = _reverse_with_discount(session, payment, row, reason, key)
        bank_links.let_go(session, payment.id)
        _not_credited(session, payment)
        _record(actor, _SAID[payment.kind], payment, row, session, reason)
        return undone.id


def move(
    actor: Actor, payment_id: int, *, invoice_id: int | None = None, customer_id: int | None = None,
    reason: str = "", key: str | None = None,
) -> int:  # fmt: skip
    """Assign a payment to another invoice, or to a customer as paid credit; gives the new payment's id.

    It is undone where it stands and stands anew where it belongs, with the day on which the money came; what is more
    than is open there becomes that customer's credit. Raises as `cancel`, Invalid("invoice_id") for the invoice it is
    at ("same_invoice") or one of another currency, and NotFound for an unknown target.
    """
    with write() as session:
        target = None if invoice_id is None else receivable_of(session, invoice_id)
        payment, row = _take(session, payment_id, key, target, customer_id)
        if payment.kind != "payment":
            raise NotAllowed("not_movable")
        other = None if target is None else session.get_one(Receivable, target)
        _check_target(payment, other)
        _reverse_with_discount(session, payment, row, reason, None)
        anew = _stand_anew(session, payment, other, customer_id, reason, key)
        bank_links.follow(session, payment.id, anew.id)
        _record(actor, "payment.moved", payment, row, session, reason, to_number=number_of(session, other),
                to_customer_id=anew.customer_id)  # fmt: skip
        return anew.id


def _not_credited(session: Session, payment: Payment) -> None:
    """The payment of a debit was none: the debit is at the bank still, or in the file of which nobody said that it was
    handed in, unless another one took its place."""
    debit = session.scalars(select(Debit).where(Debit.payment_id == payment.id, Debit.state == "paid")).one_or_none()
    if debit is None:
        return
    another = (Debit.receivable_id == debit.receivable_id, Debit.state.in_(("planned", "in_file", "submitted")))
    if session.scalar(select(Debit.id).where(*another)) is None:
        file = session.get_one(PaymentFile, debit.file_id)
        debit.state = "submitted" if file.submitted_at is not None else "in_file"
        debit.payment_id, debit.ended_at = None, None


def _take(
    session: Session, payment_id: int, key: str | None, target: int | None = None, customer_id: int | None = None
) -> tuple[Payment, Receivable | None]:
    """The row and its receivable, with everything locked that is going to move."""
    payment = session.get(Payment, payment_id)
    if payment is None:
        raise NotFound("payment", field="payment_id")
    wanted = {each for each in (payment.receivable_id, target) if each is not None}
    rows = lock(session, wanted, {payment.customer_id, *([] if customer_id is None else [customer_id])})
    refuse_twice(session, key)
    if payment.kind == "reversal":
        raise NotAllowed("not_reversible")
    if session.scalar(select(Payment.id).where(Payment.reverses_id == payment_id)) is not None:
        raise AlreadyDone("reversed")
    if payment.kind in ("refund", "chargeback"):
        raise NotAllowed("not_reversible")
    if has_gone_back(session, payment_id):
        raise NotAllowed("refunded")
    return payment, rows[payment.receivable_id] if payment.receivable_id else None


def _reason(reason: str) -> str:
    if not reason.strip():
        raise Invalid("reason", "missing")
    return as_read(reason)


def _check_target(payment: Payment, other: Receivable | None) -> None:
    if other is None:
        return
    if other.id == payment.receivable_id:
        raise Invalid("invoice_id", "same_invoice")
    if other.currency_code != payment.currency_code:
        raise Invalid("invoice_id", "other_currency")


def _stand_anew(
    session: Session, payment: Payment, other: Receivable | None, customer_id: int | None, reason: str, key: str | None
) -> Payment:
    paid = Money(payment.amount_cents, payment.currency_code)
    receipt = Receipt(paid, payment.received_on, payment.method, payment.reference, reason, key,
                      gateway=payment.gateway)  # fmt: skip
    links = {"moved_from_id": payment.id, "gateway": payment.gateway}  # the charge is known by the row it came with
    if other is not None:
        return settle(session, other, receipt, clock.today(), **links)[0]
    whose = find_survivor(session, payment.customer_id if customer_id is None else customer_id)
    if whose.erased_at is not None:
        raise NotAllowed("erased", field="customer_id")
    return enter_credit(session, whose.id, receipt, clock.today(), **links)


def _reverse_with_discount(
    session: Session, payment: Payment, row: Receivable | None, reason: str, key: str | None
) -> Payment:
    """The discount first: it was given because of the payment."""
    mine = select(Payment).where(
        Payment.belongs_to_id == payment.id, ~exists().where(_undone.reverses_id == Payment.id)
    )
    for discount in session.scalars(mine).all():
        reverse(session, discount, row, reason)
    return reverse(session, payment, row, reason, key)


def reverse(
    session: Session, payment: Payment, row: Receivable | None, reason: str, key: str | None = None,
    claim_cents: int | None = None,
) -> Payment:  # fmt: skip
    """Book the opposite of a row that stands, with everything locked. `claim_cents`: what the document asks for, if
    not what it asks for today.

    Raises NotAllowed("credit_used") where the customer has less credit than it would take.
    """
    legs = legs_of(session, payment)
    too_much = 0
    if row is not None:
        claim = claim_of(session, row) if claim_cents is None else claim_cents
        too_much = rules.excess(row.open_cents, claim, legs)
    turned = rules.reversed_legs(legs, too_much)
    taken = max(rules.taken_from_credit(turned), 0)
    if taken and taken > credit_of(session, payment.customer_id, payment.currency_code):
        raise NotAllowed("credit_used")
    amount = Money(payment.amount_cents, payment.currency_code)
    return enter(
        session, "reversal", turned, clock.today(), payment.customer_id, amount, row, undoes=payment.kind,
        received_on=clock.today(), credit_cents=min(taken, amount.cents), method=payment.method,
        reference=payment.reference, note=reason, reverses_id=payment.id, external_key=key,
    )  # fmt: skip


def legs_of(session: Session, payment: Payment) -> list[rules.Leg]:
    """What a row booked, in the order in which it was written."""
    query = select(Posting.account, Posting.amount_cents, Posting.receivable_id).where(
        Posting.entry_id == payment.entry_id
    )
    return [(account, cents, receivable) for account, cents, receivable in
            session.execute(query.order_by(Posting.id))]  # fmt: skip


def _record(
    actor: Actor, code: str, payment: Payment, row: Receivable | None, session: Session, reason: str, **more: Any
) -> None:
    activities.record(
        actor, code, "payment", payment.id, customer_id=payment.customer_id, number=number_of(session, row),
        amount_cents=payment.amount_cents, currency=payment.currency_code, reason=reason,
        open_cents=row.open_cents if row else 0, **more,
    )  # fmt: skip
