"""Receivables that are given up (Ausbuchung): the books say so, the invoice stays as it was issued (COR-4).

The VAT in what is given up is corrected with it (section 17 (2) no. 1 UStG); comes the money after all, the write-off
is taken back (`payment_changes.cancel`) and the payment booked, and the VAT is owed again.
"""

from __future__ import annotations

from datetime import date

from billing import payments as rules
from billing.errors import AlreadyDone, Invalid
from billing.money import Money
from billing.unseen import as_read
from services import activities, clock
from services.actor import Actor
from services.payment_rows import check_money, enter, lock, number_of, refuse_twice, taxed
from services.unit import write


def write_off(
    actor: Actor, receivable_id: int, reason: str, amount: Money | None = None, on: date | None = None,
    key: str | None = None,
) -> int:  # fmt: skip
    """Give up a receivable, wholly or in part (`amount`; None: all that is open); gives the row's id.

    Raises NotFound, AlreadyDone("settled") or for a key that came before, and Invalid: "reason" without one, "amount"
    that is not positive, more than open or of another currency, "received_on" (the day) in the future.
    """
    with write() as session:
        row = lock(session, [receivable_id])[receivable_id]
        refuse_twice(session, key)
        if not reason.strip():
            raise Invalid("reason", "missing")
        if row.open_cents <= 0:
            raise AlreadyDone("settled")
        amount, day = amount or Money(row.open_cents, row.currency_code), on or clock.today()
        check_money(amount, row.currency_code, day)
        if amount.cents > row.open_cents:
            raise Invalid("amount", "more_than_open")
        legs = rules.write_off_legs(amount.cents, taxed(session, row), row.id)
        made = enter(session, "write_off", legs, day, row.customer_id, amount, row, received_on=day,
                     note=as_read(reason), external_key=key)  # fmt: skip
        activities.record(
            actor, "receivable.written_off", "payment", made.id, customer_id=row.customer_id,
            number=number_of(session, row), amount_cents=amount.cents, currency=amount.currency, reason=as_read(reason),
            open_cents=row.open_cents,
        )  # fmt: skip
        return made.id
