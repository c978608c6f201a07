"""Drafts become issued invoices: rows, numbers, postings, activity, mail and paper, many at once.

The caller holds the write door and the customers' locks and has claimed what the drafts bill. Keys and numbers are
drawn here, last, as blocks; everything is frozen as it is printed (INV-1, NUM-1, GOB-1).
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from billing.lines import Line
from billing.thresholds import OF_UNION
from extensions import queues
from models import (
    Activity,
    ActivityDetail,
    Invoice,
    InvoiceLine,
    InvoiceTaxLine,
    JournalEntry,
    LocationEvidence,
    Message,
    Paper,
    Posting,
    Receivable,
)
from services import clock, credit_at_issue, debit_plan, issue_rows, ledger, text_sets
from services.actor import Actor
from services.bulk import Bulk, bound, draw_keys, insert_rows
from services.digests import INVOICE_COLUMNS, LINE_COLUMNS, TAX_COLUMNS, document_digest
from services.issue_rows import Frame, Order, Row
from services.numbers import Block, draw_documents
from services.unit import after_commit

ISSUED_COLUMNS = (*INVOICE_COLUMNS, "status", "run_id", "created_at", "issued_at", "digest")
RINGS = 50
_SALT, _TOKEN = 16, 32  # bytes of chance an invoice and each of its papers need

Keys = dict[str, Iterator[int]]


@dataclass(frozen=True, slots=True)
class Issued:
    """What was made: ids for the doorbells after the commit."""

    invoice_ids: Sequence[int] = ()
    message_ids: Sequence[int] = ()
    paper_ids: Sequence[int] = ()


def issue(
    session: Session,
    orders: Sequence[Order],
    on: date,
    actor: Actor,
    *,
    letterhead_id: int,
    run_id: int | None,
    code: str = "invoice",
) -> Issued:
    """Write every order as an issued document of the series `code`, dated `on` or the last day of its series if that
    is later.

    Invoices are booked here, and paid credit settles them as far as it goes (D-9); what a correction books depends on
    what was paid, so its service does that. The number of statements does not depend on the number of orders.
    """
    if not orders:
        return Issued()
    if code == "invoice":
        orders = credit_at_issue.settled(session, orders)
    connection = session.connection()
    keys = draw(connection, orders)
    block = draw_documents(code, on, len(orders))
    frame = Frame(actor, clock.instant(), clock.real(), block.issued_on, block.range_id, block.year, run_id,
                  letterhead_id, text_sets.freeze())  # fmt: skip
    numbered = [(order.invoice_id or next(keys["invoices"]), order) for order in orders]
    _write_documents(connection, numbered, frame, block, keys)
    if code == "invoice":
        write_books(connection, numbered, frame, keys)
        debit_plan.plan(session, numbered, block.issued_on)
    return write_consequences(connection, numbered, frame, block, keys)


def ring_after_commit(issued: Issued) -> None:
    """Doorbells after the commit, for the first few; the sweeper rings for the rest, so that a run of a hundred
    thousand does not fill the queue's memory."""

    def ring() -> None:
        queues.ring_many("money", "jobs.messages.send", issued.message_ids[:RINGS])
        queues.ring_many("paper", "jobs.documents.draw", issued.paper_ids[:RINGS])

    after_commit(ring)


def draw(connection: Connection, orders: Sequence[Order], *, documents: bool = True) -> Keys:
    """Keys for all that issuing these orders writes; without `documents`, where they stand already."""
    count = len(orders)
    lines = sum(len(order.totals.line_amounts) for order in orders)
    taxes = sum(len(order.totals.tax_lines) for order in orders)
    prepaid = sum(1 for order in orders if order.prepaid_cents)
    counts = {
        "invoices": count,
        "invoice_lines": lines,
        "invoice_tax_lines": taxes,
        "receivables": count,
        "journal_entries": count + prepaid,
        "postings": count + 2 * taxes + 2 * prepaid,  # at most: a rate of nothing posts no VAT
        "activities": count,
        "messages": sum(1 for order in orders if order.debtor.mail_to),
        "papers": sum(len(issue_rows.paper_kinds(order)) for order in orders),
    }
    if not documents:
        counts = {
            table: n for table, n in counts.items() if table not in ("invoices", "invoice_lines", "invoice_tax_lines")
        }
    return {table: iter(keys) for table, keys in draw_keys(connection, counts).items()}


def _write_documents(
    connection: Connection, numbered: Sequence[tuple[int, Order]], frame: Frame, block: Block, keys: Keys
) -> None:
    """Lines before their invoice: the guards refuse any that come later."""
    invoices: list[Row] = []
    lines: list[Row] = []
    taxes: list[Row] = []
    for offset, (key, order) in enumerate(numbered):
        invoices.append(issue_rows.invoice_row(order, frame, key, block.number(offset), block.first + offset))
        together = zip(order.draft.positions, order.totals.line_amounts, strict=True)
        for place, (position, amounts) in enumerate(together, 1):
            line_id = (isinstance(position, Line) and position.id) or next(keys["invoice_lines"])
            lines.append(issue_rows.position_row(line_id, key, place, position, amounts, order))
        taxes.extend(issue_rows.tax_rows(keys["invoice_tax_lines"], key, order.totals))
    bound_lines = bound(connection, InvoiceLine, LINE_COLUMNS, lines)
    bound_taxes = bound(connection, InvoiceTaxLine, TAX_COLUMNS, taxes)
    heads = bound(connection, Invoice, INVOICE_COLUMNS, invoices)
    insert_rows(connection, InvoiceLine, LINE_COLUMNS, bound_lines)
    insert_rows(connection, InvoiceTaxLine, TAX_COLUMNS, bound_taxes)
    now = bound(connection, Invoice, ("issued_at",), [(frame.now,)])[0][0]
    sealed = _sealed(heads, numbered, bound_lines, bound_taxes, ("issued", frame.run_id, now, now))
    insert_rows(connection, Invoice, ISSUED_COLUMNS, sealed)


def _sealed(
    heads: Sequence[Row], numbered: Sequence[tuple[int, Order]], lines: Sequence[Row], taxes: Sequence[Row], extra: Row
) -> list[Row]:
    """The invoices' rows with their digests, in the driver's form."""
    sealed: list[Row] = []
    line = tax = 0
    for head, (_, order) in zip(heads, numbered, strict=True):
        next_line, next_tax = line + len(order.totals.line_amounts), tax + len(order.totals.tax_lines)
        sealed.append((*head, *extra, document_digest(head, lines[line:next_line], taxes[tax:next_tax])))
        line, tax = next_line, next_tax
    return sealed


def write_books(connection: Connection, numbered: Sequence[tuple[int, Order]], frame: Frame, keys: Keys) -> None:
    """What is owed, against turnover and VAT."""
    receivables = Bulk(Receivable, ledger.RECEIVABLE_COLUMNS)
    entries = Bulk(JournalEntry, ledger.ENTRY_COLUMNS)
    postings = Bulk(Posting, ledger.POSTING_COLUMNS)
    for key, order in numbered:
        ledger.book_invoice(receivables, entries, postings, keys, key, order, frame)
    for bulk in (receivables, postings, entries):
        bulk.insert(connection)


def write_consequences(
    connection: Connection, numbered: Sequence[tuple[int, Order]], frame: Frame, block: Block, keys: Keys
) -> Issued:
    """Activity, mail and paper: rows first, the outside after the commit (docs/architecture.md)."""
    activities = Bulk(Activity, issue_rows.ACTIVITY_COLUMNS)
    details = Bulk(ActivityDetail, issue_rows.DETAIL_COLUMNS)
    messages = Bulk(Message, issue_rows.MESSAGE_COLUMNS)
    papers = Bulk(Paper, issue_rows.PAPER_COLUMNS)
    evidence = Bulk(LocationEvidence, issue_rows.EVIDENCE_COLUMNS)
    chance = _Chance(len(numbered), sum(len(issue_rows.paper_kinds(order)) for _, order in numbered))
    for offset, (key, order) in enumerate(numbered):
        number, salt = block.number(offset), chance.take(_SALT).hex()
        activity, detail = issue_rows.activity_rows(next(keys["activities"]), order, frame, key, number, salt)
        activities.add(activity)
        details.add(detail)
        if order.draft.tax_case.code in OF_UNION:
            evidence.add(issue_rows.evidence_row(order, frame, key))
        if order.debtor.mail_to:
            messages.add(issue_rows.message_row(next(keys["messages"]), order, frame, key))
        for kind in issue_rows.paper_kinds(order):
            token = urlsafe_b64encode(chance.take(_TOKEN)).rstrip(b"=").decode()
            papers.add(issue_rows.paper_row(next(keys["papers"]), frame, key, kind, token))
    issued = Issued([key for key, _ in numbered], [r[0] for r in messages.rows], [r[0] for r in papers.rows])
    for bulk in (activities, details, messages, papers, evidence):
        bulk.insert(connection)
    return issued


class _Chance:
    """Random bytes for a whole batch in one call of the system."""

    def __init__(self, invoices: int, papers: int) -> None:
        self._bytes: memoryview = memoryview(os.urandom(_SALT * invoices + _TOKEN * papers))

    def take(self, count: int) -> bytes:
        taken, self._bytes = self._bytes[:count], self._bytes[count:]
        return bytes(taken)
