"""Mandates: given, changed, revoked, stopped by a return, lapsed (X-05, SEP-1).

Each deed writes the customer's record, and the mandate follows it (services/mandate_rows.py): one road, whether staff,
the customer, the call API or the bank has the word.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from billing.debits import B2B, CORE, LAPSES_AFTER, is_reference, plain_reference
from billing.errors import AlreadyDone, Invalid, NotAllowed, NotFound
from billing.periods import add_months
from extensions import db
from models import Customer, Mandate
from services import clock, mandate_rows
from services.actor import SYSTEM, Actor
from services.banks import with_bank
from services.company import get_company
from services.customers import lock_survivor, update_customer
from services.unit import write

TRANSFER, DEBIT = 1, 2
FIRST_SIGNED = date(2009, 11, 2)  # the first day of SEPA debits: an older one is a slip of the pen
MOST_DAYS = 60
BATCH = 200


@dataclass(frozen=True, slots=True)
class Grant:
    """What the customer signed. `prenotice_days`: a shorter notice that they agreed to. Without a reference one is
    drawn; without an IBAN it is the account that the record knows. `pays`: they pay by debit from now on."""

    holder: str = ""
    iban: str = ""
    bic: str = ""
    signed_on: date | None = None  # None: today
    scheme: str = CORE
    reference: str = ""
    prenotice_days: int | None = None
    pays: bool = True
    is_once: bool = False  # for a single debit, after which it is over (SEP-4)


def grant(actor: Actor, customer_id: int, given: Grant) -> int:
    """The customer allows debits; gives the mandate's id. Another mandate that held is replaced.

    Raises NotFound, NotAllowed("no_creditor_id"), and Invalid: "signed_on" in the future, "scheme" B2B of a consumer,
    "prenotice_days", "bank_iban" without one, "mandate_reference" as `mandate_rows.follow`.
    """
    with write() as session:
        row = lock_survivor(session, customer_id)
        signed_on = given.signed_on or clock.today()
        _check(row, given, signed_on)
        values: dict[str, Any] = {
            "mandate_reference": plain_reference(given.reference) or mandate_rows.drawn(session),
            "mandate_signed_on": signed_on, "bank_iban": given.iban or row.bank_iban,
            "bank_account_owner": given.holder or row.bank_account_owner,
        }  # fmt: skip
        values |= {"bank_bic": given.bic} if given.bic else {}
        values |= {"payment_type": DEBIT} if given.pays else {}
        update_customer(actor, row.id, with_bank(row, values))
        mandate = mandate_rows.active(session, row.id)[-1]
        if mandate.first_used_on is None:
            mandate.scheme, mandate.prenotice_days = given.scheme, given.prenotice_days
            mandate.is_once = given.is_once
        return int(mandate.id)


def revoke(actor: Actor, mandate_id: int) -> None:
    """The customer withdraws the permission: nothing is debited any more, what is owed is to be transferred.

    Raises NotFound, AlreadyDone("mandate_ended").
    """
    _end(actor, mandate_id, "revoked")


def stop(actor: Actor, mandate_id: int, code: str) -> None:
    """The bank said that debits by it are in vain (SEP-5). AlreadyDone where it is over."""
    _end(actor, mandate_id, "stopped", code)


def lapse(actor: Actor = SYSTEM) -> int:
    """End what was not used for 36 months; gives how many (SEP-1)."""
    count = 0
    while ids := lapsed(BATCH):
        for mandate_id in ids:
            _end(actor, mandate_id, "lapsed")
            count += 1
    return count


def lapsed(limit: int) -> list[int]:
    """Mandates that still stand and were not used for so long."""
    since = add_months(clock.today(), -LAPSES_AFTER)
    entered_by_then = Mandate.created_at < datetime.combine(since + timedelta(1), time(), tzinfo=clock.BERLIN)
    idle = or_(Mandate.last_used_on <= since, and_(Mandate.last_used_on.is_(None), entered_by_then))
    query = select(Mandate.id).where(Mandate.state == "active", idle).order_by(Mandate.id).limit(limit)
    return list(cast(Session, db.session()).scalars(query))


def use_up(actor: Actor, mandate_id: int) -> None:
    """A mandate for a single debit was used: nothing more is collected by it (SEP-4)."""
    with suppress(AlreadyDone):
        _end(actor, mandate_id, "lapsed")


def _check(row: Customer, given: Grant, signed_on: date) -> None:
    if not get_company().creditor_id:
        raise NotAllowed("no_creditor_id")
    if signed_on > clock.today():
        raise Invalid("signed_on", "in_the_future")
    if signed_on < FIRST_SIGNED:
        low, high = FIRST_SIGNED.isoformat(), clock.today().isoformat()
        raise Invalid("signed_on", "day_out_of_range", low=low, high=high)
    if given.scheme not in (CORE, B2B):
        raise Invalid("scheme", "not_a_choice")
    if given.scheme == B2B and row.customer_type != "business":
        raise Invalid("scheme", "b2b_for_consumers")
    if given.prenotice_days is not None and not 1 <= given.prenotice_days <= MOST_DAYS:
        raise Invalid("prenotice_days", "out_of_range", least=1, most=MOST_DAYS)
    if not (given.iban or row.bank_iban):
        raise Invalid("bank_iban", "missing")
    if given.reference and not is_reference(plain_reference(given.reference)):
        raise Invalid("mandate_reference", "not_a_reference")


def _end(actor: Actor, mandate_id: int, state: str, code: str = "") -> None:
    """End the row first; the record, emptied of it then, finds nothing more to end."""
    with write() as session:
        mandate = session.get(Mandate, mandate_id)
        if mandate is None:
            raise NotFound("mandate", mandate_id=mandate_id)
        row = _record(session, mandate.customer_id)
        session.refresh(mandate, with_for_update=True)
        if mandate.state != "active":
            raise AlreadyDone("mandate_ended")
        mandate.stop_code = code[:10]
        mandate_rows.end(actor, session, mandate, state, **({"error": code} if code else {}))
        if row is not None and plain_reference(row.mandate_reference) == mandate.reference:
            values: dict[str, Any] = {"mandate_reference": "", "mandate_signed_on": None}
            values |= {"payment_type": TRANSFER} if row.payment_type == DEBIT else {}
            update_customer(actor, row.id, values)


def _record(session: Session, customer_id: int) -> Customer | None:
    """The record that speaks for the customer, locked; None for one that was deleted."""
    try:
        return lock_survivor(session, customer_id)
    except NotAllowed:
        return None
