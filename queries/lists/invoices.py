"""Invoices and what corrects them, as documents."""

from __future__ import annotations

from datetime import date

from sqlalchemy import literal_column, select

from billing.states import states
from models import DunningLevel, Invoice, Receivable
from queries.invoice_states import corrected_cents, state_of
from queries.lists.conditions import Condition, Narrow, Rows, day_bound, there_is, unless_common
from queries.lists.finding import number, number_or_customer
from queries.lists.owing import AT_LEVEL, LEVELS, OPEN, level_name
from queries.lists.shape import Listing, Sort

INVOICE_KINDS = frozenset({"invoice", "cancellation", "correction"})
_owed, _storno = Receivable.__table__.alias(), Invoice.__table__.alias()


def _invoices(today: date) -> Rows:
    return select(
        Invoice.id, Invoice.number, Invoice.kind, Invoice.customer_id, Invoice.customer_number,
        Invoice.buyer_name.label("customer"), Invoice.issued_on, Invoice.due_on, Invoice.net_cents, Invoice.tax_cents,
        Invoice.gross_cents, Invoice.currency_code, Invoice.status, Receivable.open_cents,
        Receivable.due_on.label("payable_on"), state_of(today).label("state"), level_name(),
        corrected_cents().label("corrected_cents"),
    ).outerjoin(Receivable, Receivable.invoice_id == Invoice.id).outerjoin(DunningLevel, AT_LEVEL)  # fmt: skip


def invoices(today: date) -> Listing:
    """Documents, the newest first."""
    return Listing(
        statement=lambda: _invoices(today),
        key=Invoice.id,
        sorts={
            "number": Sort((Invoice.number,), nullable=True),
            "issued_on": Sort((Invoice.issued_on,), nullable=True),
        },
        narrows={
            "kind": unless_common(Invoice.kind, INVOICE_KINDS, ("invoice",), Invoice.id),
            "status": unless_common(Invoice.status, states("invoice"), ("issued",), Invoice.id),
            "owing": _owing(today),
            "level": _invoice_level,
            "from": day_bound(lambda day: Invoice.issued_on >= day, "-issued_on"),
            "to": day_bound(lambda day: Invoice.issued_on <= day, "-issued_on"),
        },
        search=lambda text: number_or_customer(
            number(Invoice.number, Invoice.id, text), Invoice.customer_id, Invoice.id, text
        ),
    )


def _owing(today: date) -> Narrow:
    mine, opens = _owed.c.invoice_id == Invoice.id, _owed.c.open_cents
    members = select(Receivable.invoice_id).where(OPEN, Receivable.invoice_id.isnot(None))
    overdue = (Receivable.open_cents > 0, Receivable.due_on < today)
    meanings = {
        "open": Condition(there_is(mine, opens != 0), members),
        "overdue": Condition(there_is(mine, opens > 0, _owed.c.due_on < today), members.where(*overdue)),
        "settled": Condition(there_is(mine, opens == 0)),
        "cancelled": _cancelled(),
    }
    return meanings.get


def _cancelled() -> Condition:
    """Invoices with a Stornorechnung; other kinds than invoices stand in an index of their own."""
    kind = _storno.c.kind == literal_column("'cancellation'")
    rare = _storno.c.kind != literal_column("'invoice'")
    return Condition(
        there_is(_storno.c.original_id == Invoice.id, kind), select(_storno.c.original_id).where(rare, kind)
    )


def _invoice_level(value: str) -> Condition | None:
    """Invoices of which something is open that was reminded of up to that level."""
    if value not in LEVELS:
        return None
    owed, number = Receivable.__table__.alias(), int(value)
    of_row = there_is(owed.c.invoice_id == Invoice.id, owed.c.open_cents > 0, owed.c.dunning_level == number)
    stands = (OPEN, Receivable.open_cents > 0, Receivable.dunning_level == number, Receivable.invoice_id.isnot(None))
    return Condition(of_row, select(Receivable.invoice_id).where(*stands))
