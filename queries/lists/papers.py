"""The papers of invoices, and which of them are not drawn yet."""

from __future__ import annotations

from sqlalchemy import literal_column, select

from billing.states import states
from models import Invoice, Paper
from queries.lists.conditions import Condition, Rows, met_on_the_way, there_is
from queries.lists.finding import number_begins, number_has
from queries.lists.shape import Listing


def _papers() -> Rows:
    return select(
        Paper.id, Invoice.number.label("invoice_number"), Paper.invoice_id, Paper.kind, Paper.state, Paper.attempts,
        Paper.error, Paper.next_attempt_at, Paper.drawn_at, Paper.created_at,
    ).join(Invoice, Invoice.id == Paper.invoice_id)  # fmt: skip


def _paper_state(value: str) -> Condition | None:
    """What is not drawn stands in an index of its own."""
    if value not in states("paper"):
        return None
    if value == "drawn":
        return met_on_the_way(Paper.state, value)
    waiting = Paper.state != literal_column("'drawn'")  # the index's own condition
    return Condition(Paper.state == value, select(Paper.id).where(waiting, Paper.state == value))


def _paper_words(text: str) -> list[Condition]:
    of_row = there_is(Invoice.id == Paper.invoice_id, number_has(Invoice.number, text))
    numbered = select(Paper.id).join(Invoice, Invoice.id == Paper.invoice_id)
    return [Condition(of_row, numbered.where(number_begins(Invoice.number, text)))]


PAPERS = Listing(statement=_papers, key=Paper.id, narrows={"state": _paper_state}, search=_paper_words)
