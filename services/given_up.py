"""What was given up of a receivable, when its invoice is corrected: nobody gets credit for what was never paid.

A write-off comes back as far as the correction reaches beyond what is open. A cash discount comes back by the share of
the invoice that is corrected, so that it stays what was granted on the rest. Each is undone by a row of its own, and
what stays given up is written down anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased

from billing import payments as rules
from billing.money import Money
from models import Payment, Receivable
from services import clock
from services.payment_changes import reverse
from services.payment_rows import claim_of, enter, taxed

_undone = aliased(Payment)


def regain(session: Session, row: Receivable, corrected_cents: int, number: str) -> None:
    """Take back what was given up before so much is taken off a locked receivable.

    `number` is that of the correcting document, which is issued already: the rows tell it.
    """
    standing = standing_of(session, row)
    if not standing:
        return
    before = claim_of(session, row) + corrected_cents
    discounts = [each for each in standing if each.kind == "cash_discount"]
    lost = [each for each in standing if each.kind == "write_off"]
    back = rules.share_of_discount(_sum(discounts), corrected_cents, before)
    _take_back(session, row, discounts, back, before, number)
    short = corrected_cents - max(row.open_cents, 0)
    _take_back(session, row, lost, min(max(short, 0), _sum(lost)), before, number)


def standing_of(session: Session, row: Receivable) -> Sequence[Payment]:
    """Write-offs and cash discounts of a receivable that nobody has taken back."""
    query = select(Payment).where(Payment.receivable_id == row.id, *_standing())
    return session.scalars(query.order_by(Payment.id)).all()


def lost_cents(session: Session, receivable_ids: Collection[int]) -> Mapping[int, int]:
    """Receivable -> cents given up of it that nobody has taken back. One statement."""
    mine = (Payment.receivable_id.in_(receivable_ids), *_standing())
    query = select(Payment.receivable_id, func.sum(Payment.amount_cents)).where(*mine)
    return {key: int(cents) for key, cents in session.execute(query.group_by(Payment.receivable_id)) if key}


def _standing() -> tuple[ColumnElement[bool], ...]:
    return Payment.kind.in_(("write_off", "cash_discount")), ~exists().where(_undone.reverses_id == Payment.id)


def _sum(given_up: Sequence[Payment]) -> int:
    return sum(each.amount_cents for each in given_up)


def _take_back(
    session: Session, row: Receivable, given_up: Sequence[Payment], cents: int, claim_cents: int, number: str
) -> None:
    if not cents:
        return
    for each in given_up:
        reverse(session, each, row, number, claim_cents=claim_cents)
    left = _sum(given_up) - cents
    if left:
        _give_up_anew(session, row, given_up[-1], left)


def _give_up_anew(session: Session, row: Receivable, last: Payment, cents: int) -> None:
    legs_of = rules.write_off_legs if last.kind == "write_off" else rules.discount_legs
    enter(
        session, last.kind, legs_of(cents, taxed(session, row), row.id), clock.today(), row.customer_id,
        Money(cents, row.currency_code), row, received_on=last.received_on, note=last.note,
        belongs_to_id=last.belongs_to_id,
    )  # fmt: skip
