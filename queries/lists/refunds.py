"""Refunds, the newest first; those that wait for somebody by their state."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import aliased

from billing.states import states
from models import Customer, Invoice, Refund
from queries.lists.conditions import Condition, Rows, met_on_the_way, there_is
from queries.lists.finding import number_begins, number_has, number_or_customer
from queries.lists.names import name_or_number
from queries.lists.shape import Listing, Sort

WAYS = frozenset({"provider", "transfer"})
_correction, _original, _named = aliased(Invoice), aliased(Invoice), aliased(Invoice)


def _refunds() -> Rows:
    return (
        select(
            Refund.id, Refund.state, Refund.way, Refund.amount_cents, Refund.currency_code, Refund.created_at,
            Refund.error, Refund.customer_id, name_or_number().label("customer"), _original.id.label("invoice_id"),
            _original.number.label("invoice_number"),
        )
        .join(Customer, Customer.id == Refund.customer_id)
        .join(_correction, _correction.id == Refund.correction_id)
        .join(_original, _original.id == _correction.original_id)
    )  # fmt: skip


def _state(value: str) -> Condition | None:
    return met_on_the_way(Refund.state, value) if value in states("refund") else None


def _way(value: str) -> Condition | None:
    return met_on_the_way(Refund.way, value) if value in WAYS else None


def _words(text: str) -> list[Condition]:
    """By the number of the cancelling document or the customer's words."""
    to_document = _named.id == Refund.correction_id
    of_row = there_is(to_document, number_has(_named.number, text))
    numbered: Rows = select(Refund.id).join(_named, to_document).where(number_begins(_named.number, text))
    return number_or_customer(Condition(of_row, numbered), Refund.customer_id, Refund.id, text)


REFUNDS = Listing(
    statement=_refunds,
    key=Refund.id,
    sorts={"created_at": Sort((Refund.created_at,))},
    narrows={"state": _state, "way": _way},
    search=_words,
)
