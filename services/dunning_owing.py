"""What holds a contract back that a reminder switched off (M2-17): it goes on when all of this is paid.

    the invoice for which it was switched off   is open; has an open fee, interest or lump sum, due or not; was written
                                                off: that is not paid, and a person decides
    another invoice with a line of it           is open and overdue, or has an open fee, interest or lump sum; unless
                                                reminders leave it alone: on hold, alone or with its customer,
                                                disputed, or in instalments that are kept

Not held back by: what is not due yet, what was waived or corrected away, another invoice that was written off.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_
from sqlalchemy.orm import Session, aliased

from models import Customer, DunningStop, InvoiceLine, Payment, Receivable
from services import dunning_lookups
from services.dunning_due import stands

_stop, _its, _other, _child = aliased(DunningStop), aliased(Receivable), aliased(Receivable), aliased(Receivable)
_buyer, _payer = aliased(Customer), aliased(Customer)
_given_up, _undone = aliased(Payment), aliased(Payment)


def holds_back(session: Session, contract: Any, on: date) -> ColumnElement[bool]:
    """Whether something is owed on that day for which the contract (a column of its id) stays off; two small statements
    about instalment plans are asked beforehand."""
    return or_(_its_own(contract), _another(session, contract, on))


def _its_own(contract: Any) -> ColumnElement[bool]:
    query = exists().where(_stop.subscription_id == contract, _stop.resumed_on.is_(None))
    owed = or_(_its.open_cents > 0, _has_open_child(_its.id), _is_written_off(_its.id))
    return query.where(_its.id == _stop.receivable_id, owed)


def _another(session: Session, contract: Any, on: date) -> ColumnElement[bool]:
    owed = or_(and_(_other.open_cents > 0, _other.due_on < on), _has_open_child(_other.id))
    left_alone = or_(
        _other.disputed_on.is_not(None), stands(_other.hold_reason, _other.hold_until, on),
        stands(_payer.dunning_hold_reason, _payer.dunning_hold_until, on),
        dunning_lookups.in_instalments(session, _other.id, on),
    )  # fmt: skip
    query = exists().where(InvoiceLine.subscription_id == contract, _other.invoice_id == InvoiceLine.invoice_id)
    query = query.where(_buyer.id == _other.customer_id, _payer.id == func.coalesce(_buyer.survivor_id, _buyer.id))
    return query.where(owed, ~left_alone)


def _has_open_child(receivable: Any) -> ColumnElement[bool]:
    return exists().where(_child.parent_id == receivable, _child.open_cents > 0)


def _is_written_off(receivable: Any) -> ColumnElement[bool]:
    standing = ~exists().where(_undone.reverses_id == _given_up.id)
    return exists().where(_given_up.receivable_id == receivable, _given_up.kind == "write_off", standing)
