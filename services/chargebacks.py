"""Money that was taken back from us: a chargeback told by a provider, or a debit that the bank returned (F19, EB-54).

What was paid is owed again as far as the invoice still asks for it; what had become credit leaves the credit; what was
refunded meanwhile went out twice and is owed as a receivable of its own. The bank's fee is one, too. Booked once by the
provider's case or the bank's reference, in any order with refunds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing import refunds as rules
from billing.default import damage_legs
from billing.errors import AlreadyDone, Invalid, NotFound
from billing.ledger import RECEIVABLE
from billing.money import Money
from billing.payments import Leg as Part
from billing.payments import account_of
from gateways.base import Charge, Event
from models import Chargeback, Payment, Receivable, Refund
from services import activities, clock, paid_credit, payment_changes
from services.actor import SYSTEM, Actor
from services.gone_back import charged_back_cents
from services.ledger import Leg, book
from services.payment_rows import claim_of, credit_of, enter, lock, number_of
from services.refund_books import give_up, note
from services.unit import write

PAYABLE_IN = 14  # days for what goes out with a chargeback


def take_event(gateway: str, event: Event) -> int | None:
    """A provider's news of a chargeback, or of one that was won; gives the id of the row that it made, if any.

    Raises NotFound("unknown_charge") for a charge, or a case, that has not been booked yet: the event waits (EB-56).
    """
    case = event.facts.get("case") or event.object_id
    if event.kind == "chargeback_reversed":
        return win(SYSTEM, gateway, case)
    with write() as session:
        if _booked(session, _key(gateway, case)) is not None:
            return None
        payment = _payment_of(session, gateway, event.object_id)
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
        if _booked(session, _key(gateway, case)) is not None:
            return None
        payment = _payment_of(session, gateway, charge.id)
        paid = Money(payment.amount_cents, payment.currency_code)
        return take_back(SYSTEM, payment.id, paid, key=_key(gateway, case), fee_cents=fee_cents,
                         reason=charge.decline_code or "returned", case=case)  # fmt: skip


def take_back(
    actor: Actor, payment_id: int, taken: Money, *, key: str, fee_cents: int = 0, reason: str = "", case: str = "",
    on: date | None = None,
) -> int:  # fmt: skip
    """Book that so much of a payment went back to the customer's bank; gives the row's id.

    `key` makes it one; `case` is the provider's own name of it; `fee_cents` what the bank takes of us, which the
    customer bears where they have the money that is ours. Refunds of the payment that have not left yet are withdrawn.
    Raises NotFound, AlreadyDone("already_done"), Invalid("amount") for none, another currency or more than was paid.
    """
    with write() as session:
        payment, row = _locked(session, payment_id)
        if (done := _booked(session, key)) is not None:
            raise AlreadyDone("already_done", payment_id=done)
        _check(session, payment, taken)
        _withdraw_waiting(session, payment)
        again = _owed_again(session, row, taken.cents)
        excess = _excess(session, payment, taken.cents - again)
        bears = fee_cents if again or excess else 0
        made = _enter(session, payment, row, taken, again, key, reason, case, on or clock.today())
        extra = Chargeback(
            payment_id=made.id, reason=reason[:60], fee_cents=fee_cents,
            fee_receivable_id=_owe_fee(session, payment, row, bears) if bears else None,
            excess_receivable_id=_owe_excess(session, payment, row, excess) if excess else None,
        )  # fmt: skip
        _pay_bank_fee(session, payment, fee_cents)
        if row is not None and again:
            row.dunning_level, row.reminded_on = 0, None  # what is owed again begins at the first level (EB-54)
        session.add(extra)
        activities.record(
            actor, "payment.charged_back", "payment", made.id, customer_id=payment.customer_id,
            number=number_of(session, row), amount_cents=taken.cents, currency=taken.currency, reason=reason,
            open_cents=row.open_cents if row else 0, fee_cents=fee_cents, twice_cents=excess,
        )  # fmt: skip
        return made.id


def win(actor: Actor, gateway: str, case: str) -> int | None:
    """The chargeback of that case was undone: the money is ours again. None where that is booked already.

    Raises NotFound("unknown_charge") while the chargeback itself is not booked.
    """
    with write() as session:
        found = _booked(session, _key(gateway, case))
        if found is None:
            raise NotFound("unknown_charge")
        return undo(actor, found)


def undo(actor: Actor, chargeback_id: int) -> int | None:
    """Book the opposite of a chargeback: what is still owed of it falls, the rest is credit. None if it was done.

    Raises NotFound for what is no chargeback.
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
        _take_fee_off(session, session.get_one(Chargeback, made.id))
        activities.record(
            actor, "payment.chargeback_won", "payment", undone.id, customer_id=payment.customer_id,
            number=number_of(session, row), amount_cents=amount.cents, currency=amount.currency,
            open_cents=row.open_cents if row else 0,
        )  # fmt: skip
        settle_excess(session, actor, payment.id)
        return undone.id


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


def _locked(session: Session, payment_id: int) -> tuple[Payment, Receivable | None]:
    payment = session.get(Payment, payment_id)
    if payment is None or payment.kind != "payment":
        raise NotFound("payment", field="payment_id")
    rows = lock(session, [payment.receivable_id] if payment.receivable_id else [], [payment.customer_id])
    return payment, rows[payment.receivable_id] if payment.receivable_id else None


def _payment_of(session: Session, gateway: str, charge_id: str) -> Payment:
    """Where the money of a charge stands now, also after it was moved. Raises NotFound("unknown_charge")."""
    mine = (Payment.gateway == gateway, Payment.provider_id == charge_id, Payment.kind == "payment")
    found: Payment | None = session.scalars(select(Payment).where(*mine)).one_or_none()
    if found is None:
        raise NotFound("unknown_charge")
    while (anew := session.scalars(select(Payment).where(Payment.moved_from_id == found.id)).one_or_none()) is not None:
        found = anew
    return found


def _booked(session: Session, key: str) -> int | None:
    found: int | None = session.scalar(select(Payment.id).where(Payment.external_key == key))
    return found


def _key(gateway: str, case: str) -> str:
    return f"chargeback:{gateway}:{case}"[-80:]


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


def _owed_again(session: Session, row: Receivable | None, cents: int) -> int:
    return rules.owed_again(cents, row.open_cents, claim_of(session, row)) if row else 0


def _excess(session: Session, payment: Payment, out_of_credit: int) -> int:
    """What the customer's credit cannot bear any more: it was refunded, or spent."""
    return max(out_of_credit - max(credit_of(session, payment.customer_id, payment.currency_code), 0), 0)


def _enter(
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


def _owe_fee(session: Session, payment: Payment, row: Receivable | None, cents: int) -> int:
    owed = _receivable(session, payment, row, cents, "chargeback")
    _book(session, "fee", payment, damage_legs("fee", cents, owed.id))
    return owed.id


def _owe_excess(session: Session, payment: Payment, row: Receivable | None, cents: int) -> int:
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


def _pay_bank_fee(session: Session, payment: Payment, cents: int) -> None:
    if cents:
        _book(session, "provider_fee", payment, rules.bank_fee_legs(cents, account_of(payment.method, payment.gateway)))


def _take_fee_off(session: Session, extra: Chargeback) -> None:
    if extra.fee_receivable_id is None:
        return
    row = lock(session, [extra.fee_receivable_id])[extra.fee_receivable_id]
    legs = rules.fee_off_legs(row.amount_cents, row.open_cents, row.id)
    book(session, "fee_reversal", clock.today(), row.customer_id, row.currency_code, [Leg(*leg) for leg in legs])


def _book(session: Session, kind: str, payment: Payment, legs: Sequence[Part]) -> None:
    parts = [Leg(*leg) for leg in legs]
    book(session, kind, clock.today(), payment.customer_id, payment.currency_code, parts)
