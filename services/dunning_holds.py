"""Leaving somebody alone: holds of an invoice or of a whole customer, and disputes (MAH-7).

A hold has a reason and a last day, or none; a dispute stops dunning until it is settled.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from billing.errors import AlreadyDone, Invalid, NotAllowed
from models import Customer, Receivable
from services import activities, clock
from services import values as check
from services.actor import Actor
from services.customers import lock_survivor
from services.payment_rows import lock, number_of
from services.unit import write

LONGEST_HOLD = timedelta(days=731)
_OF_INVOICE, _OF_CUSTOMER = Receivable.__table__.c.hold_reason, Customer.__table__.c.dunning_hold_reason


def hold_invoice(actor: Actor, receivable_id: int, reason: str, until: date | None = None) -> None:
    """No reminder of this invoice up to that day, included; None: until somebody lifts it. Changes one that stands.

    Raises NotFound, NotAllowed("no_invoice") for another kind of claim, NotAllowed("settled") where nothing is open,
    Invalid: "reason", "until"; AlreadyDone for the same hold.
    """
    with write() as session:
        row = open_invoice(session, receivable_id)
        clean = _checked(_OF_INVOICE, reason, until)
        if (row.hold_reason, row.hold_until) == clean:
            raise AlreadyDone("on_hold")
        changes = {"hold_reason": (row.hold_reason, clean[0]), "hold_until": (_told(row.hold_until), _told(until))}
        row.hold_reason, row.hold_until = clean
        record(actor, "invoice.dunning_held", session, row, changes=changes)


def lift_invoice(actor: Actor, receivable_id: int) -> None:
    """Reminders of this invoice go on. Raises NotFound, AlreadyDone where no hold stands."""
    with write() as session:
        row = invoice_row(session, receivable_id)
        if not row.hold_reason:
            raise AlreadyDone("no_hold")
        changes = {"hold_reason": (row.hold_reason, ""), "hold_until": (_told(row.hold_until), None)}
        row.hold_reason, row.hold_until = "", None
        record(actor, "invoice.dunning_released", session, row, changes=changes)


def hold_customer(actor: Actor, customer_id: int, reason: str, until: date | None = None) -> None:
    """No reminder of any invoice of this customer up to that day, included; None: until somebody lifts it.

    Raises NotFound, NotAllowed("erased"), Invalid: "reason", "until"; AlreadyDone for the same hold.
    """
    with write() as session:
        row = lock_survivor(session, customer_id)
        clean = _checked(_OF_CUSTOMER, reason, until)
        if (row.dunning_hold_reason, row.dunning_hold_until) == clean:
            raise AlreadyDone("on_hold")
        _set_customer(actor, row, clean, "customer.dunning_held")


def lift_customer(actor: Actor, customer_id: int) -> None:
    """Reminders go on. Raises NotFound, NotAllowed("erased"), AlreadyDone where no hold stands."""
    with write() as session:
        row = lock_survivor(session, customer_id)
        if not row.dunning_hold_reason:
            raise AlreadyDone("no_hold")
        _set_customer(actor, row, ("", None), "customer.dunning_released")


def dispute(actor: Actor, receivable_id: int, reason: str) -> None:
    """The customer says that this is not owed: no reminder until that is settled. Raises NotFound, NotAllowed
    as `hold_invoice`, Invalid("reason"), AlreadyDone("disputed")."""
    with write() as session:
        row = open_invoice(session, receivable_id)
        told, _ = _checked(_OF_INVOICE, reason, None)
        if row.disputed_on is not None:
            raise AlreadyDone("disputed")
        row.disputed_on = clock.today()
        record(actor, "invoice.disputed", session, row, reason=told)


def settle_dispute(actor: Actor, receivable_id: int, reason: str) -> None:
    """It is owed after all: reminders go on. What is not owed is corrected instead. Raises NotFound,
    Invalid("reason"), AlreadyDone where nothing is disputed."""
    with write() as session:
        row = invoice_row(session, receivable_id)
        told, _ = _checked(_OF_INVOICE, reason, None)
        if row.disputed_on is None:
            raise AlreadyDone("not_disputed")
        row.disputed_on = None
        record(actor, "invoice.dispute_settled", session, row, reason=told)


def _set_customer(actor: Actor, row: Customer, after: tuple[str, date | None], code: str) -> None:
    before = row.dunning_hold_reason, row.dunning_hold_until
    row.dunning_hold_reason, row.dunning_hold_until = after
    row.updated_at, row.version = clock.instant(), row.version + 1
    changes = {"hold_reason": (before[0], after[0]), "hold_until": (_told(before[1]), _told(after[1]))}
    activities.record(actor, code, "customer", row.id, customer_id=row.id, changes=changes)


def record(actor: Actor, code: str, session: Session, row: Receivable, **facts: Any) -> None:
    """The deed on the invoice of a receivable, with its number."""
    activities.record(actor, code, "invoice", row.invoice_id or 0, customer_id=row.customer_id,
                      number=number_of(session, row), **facts)  # fmt: skip


def invoice_row(session: Session, receivable_id: int) -> Receivable:
    """The receivable of an invoice, locked. Raises NotFound, NotAllowed("no_invoice")."""
    row = lock(session, [receivable_id])[receivable_id]
    if row.kind != "invoice":
        raise NotAllowed("no_invoice", field="receivable_id")
    return row


def open_invoice(session: Session, receivable_id: int) -> Receivable:
    """The same where something is still owed; NotAllowed("settled") otherwise: nothing was held, and nothing is."""
    row = invoice_row(session, receivable_id)
    if row.open_cents <= 0:
        raise NotAllowed("settled", field="receivable_id")
    return row


def _checked(column: Any, reason: str, until: date | None) -> tuple[str, date | None]:
    try:
        told = check.text_of(column, reason)
    except Invalid as error:
        facts = {key: value for key, value in error.facts.items() if key != "field"}
        raise Invalid("reason", error.code, **facts) from None
    if not told:
        raise Invalid("reason", "missing")
    if until is not None and not clock.today() <= until <= clock.today() + LONGEST_HOLD:
        raise Invalid("until", "day_out_of_range", low=clock.today().isoformat(),
                      high=(clock.today() + LONGEST_HOLD).isoformat())  # fmt: skip
    return told, until


def _told(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
