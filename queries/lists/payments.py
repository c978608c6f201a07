"""Payments and what else people wrote down about money."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from models import Customer, Invoice, Payment, Receivable
from models.payments import KINDS, METHODS
from queries.cards.payments import ANEW, MOVED, REFERENCE, STATE, UNDOING
from queries.chargebacks import OWED_AGAIN, RETURNED_DEBIT, called, is_owed_again, payments_called
from queries.lists.conditions import Condition, Rows, day_bound, led_by, there_is, unless_common
from queries.lists.finding import number_begins, number_has, number_or_customer
from queries.lists.names import customer_name
from queries.lists.shape import Listing, Sort
from queries.taken_twice import TAKEN_TWICE, payments_of_them

_undone, _anew = aliased(Payment), aliased(Payment)
_of_kind = unless_common(Payment.kind, frozenset(KINDS), ("payment",), Payment.id)


def _payments() -> Rows:
    return (
        select(
            Payment.id, called().label("kind"), STATE.label("state"), Payment.received_on, Payment.amount_cents,
            Payment.credit_cents, Payment.currency_code, Payment.method, REFERENCE.label("reference"), Payment.note,
            MOVED.label("moved_cents"), Payment.customer_id, customer_name().label("customer"),
            Receivable.invoice_id,
            Invoice.number.label("invoice_number"), Payment.created_at,
        )
        .join(Customer, Customer.id == Payment.customer_id)
        .outerjoin(Receivable, Receivable.id == Payment.receivable_id)
        .outerjoin(Invoice, Invoice.id == Receivable.invoice_id)
        .outerjoin(UNDOING, UNDOING.reverses_id == Payment.id)
        .outerjoin(ANEW, ANEW.moved_from_id == Payment.id)
    )  # fmt: skip


def _kind(value: str) -> Condition | None:
    return payments_called(value) if value in ("chargeback", RETURNED_DEBIT) else _of_kind(value)


def _state(value: str) -> Condition | None:
    """What was undone or moved is met on the way: by its reversal, or where it stands anew, by an index of each."""
    has, went = there_is(_undone.reverses_id == Payment.id), there_is(_anew.moved_from_id == Payment.id)
    gone = there_is(_anew.moved_from_id == _undone.reverses_id, beside=_undone)
    undone = select(_undone.reverses_id).where(_undone.reverses_id.is_not(None), ~gone)
    moved, again = select(_anew.moved_from_id).where(_anew.moved_from_id.is_not(None)), is_owed_again()
    meanings = {
        "booked": Condition(~has & ~again),
        "undone": Condition(has & ~went, undone),
        "moved": Condition(went, moved),
        OWED_AGAIN: Condition(again, select(Payment.id).where(again)),
        TAKEN_TWICE: payments_of_them(),
    }
    return meanings.get(value)


def _words(text: str) -> list[Condition]:
    """By the invoice's number or the customer's words."""
    to_receivable, to_invoice = Receivable.id == Payment.receivable_id, Invoice.id == Receivable.invoice_id
    of_row = there_is(to_receivable, to_invoice, number_has(Invoice.number, text))
    numbered: Any = select(Payment.id).join(Receivable, to_receivable).join(Invoice, to_invoice)
    found = Condition(of_row, numbered.where(number_begins(Invoice.number, text)))
    return number_or_customer(found, Payment.customer_id, Payment.id, text)


PAYMENTS = Listing(
    statement=_payments,
    key=Payment.id,
    order="-received_on",
    sorts={"received_on": Sort((Payment.received_on,))},
    narrows={
        "kind": _kind,
        "method": led_by(Payment.method, frozenset(METHODS) - {""}, Payment.id, "-received_on"),
        "state": _state,
        "from": day_bound(lambda day: Payment.received_on >= day, "-received_on"),
        "to": day_bound(lambda day: Payment.received_on <= day, "-received_on"),
    },
    search=_words,
)
