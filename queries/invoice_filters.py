"""Which documents the call API asks for: by number, days, customer, kind and state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, extract, or_

from models import Invoice, Receivable
from queries.customers import of_customers
from queries.invoice_states import is_given_up
from services import clock

DOCUMENTS = ("invoice", "cancellation", "correction")  # entries of the documents themselves


@dataclass(frozen=True, slots=True)
class InvoiceFilter:
    """What to look for; empty fields do not count. A merged customer's keys find the survivor's papers too, those of a
    deleted one none.

    `kind` is outgoing, draft or credit; `state` paid, unpaid (overdue and written off included) or overdue.
    """

    ids: tuple[int, ...] = ()
    numbers: tuple[str, ...] = ()
    title: str = ""
    customer_ids: tuple[int, ...] = ()
    customer_ext_uids: tuple[str, ...] = ()
    customer_numbers: tuple[str, ...] = ()
    year: int | None = None
    month: int | None = None
    due_from: date | None = None
    due_to: date | None = None
    kind: str = ""
    state: str = ""


def conditions_of(wanted: InvoiceFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.ids:
        found.append(Invoice.id.in_(wanted.ids))
    if wanted.numbers:
        found.append(Invoice.number.in_(wanted.numbers))
    if wanted.title:
        found.append(Invoice.title == wanted.title)
    keys = (wanted.customer_ids, wanted.customer_ext_uids, wanted.customer_numbers)
    found += of_customers(Invoice.customer_id, *keys)
    return found + _dates(wanted) + _kind(wanted.kind) + _state(wanted.state)


def _dates(wanted: InvoiceFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.year:
        found.append(Invoice.issued_on.between(date(wanted.year, 1, 1), date(wanted.year, 12, 31)))
    if wanted.month:
        found.append(extract("month", Invoice.issued_on) == wanted.month)
    if wanted.due_from:
        found.append(Invoice.due_on >= wanted.due_from)
    if wanted.due_to:
        found.append(Invoice.due_on <= wanted.due_to)
    return found


def _kind(kind: str) -> list[ColumnElement[bool]]:
    """A draft has no number; what awaits its payment is no paper for anybody yet (M2-20)."""
    if kind == "draft":
        return [Invoice.status == "draft"]
    if kind == "outgoing":
        return [Invoice.status == "issued", Invoice.kind == "invoice"]
    if kind == "credit":
        return [Invoice.status == "issued", Invoice.kind != "invoice"]
    return [Invoice.status.in_(("issued", "draft"))]


def _state(state: str) -> list[ColumnElement[bool]]:
    if not state:
        return []
    owed = Receivable.open_cents > 0
    if state == "paid":
        settled = or_(Receivable.open_cents.is_(None), Receivable.open_cents <= 0)
        return [Invoice.status == "issued", settled, ~is_given_up()]
    if state == "overdue":
        return [owed, Invoice.due_on < clock.today()]
    return [or_(owed, and_(Invoice.status == "issued", is_given_up()))]
