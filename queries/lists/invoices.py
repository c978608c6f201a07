"""Invoices, what is owed, the papers, and the books."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal_column, select

from billing.states import states
from models import Customer, DunningLevel, Invoice, JournalEntry, Paper, Posting, Receivable
from queries.chargebacks import RETURNED_DEBIT, entry_called, postings_called
from queries.invoice_states import corrected_cents, state_of
from queries.lists.conditions import Condition, Narrow, Rows, any_of, met_on_the_way, there_is, unless_common
from queries.lists.finding import number, number_begins, number_has, number_or_customer
from queries.lists.names import customer_name
from queries.lists.owing import OPEN, what_it_is
from queries.lists.shape import Listing, Sort

INVOICE_KINDS = frozenset({"invoice", "cancellation", "correction"})
ENTRY_KINDS = frozenset({
    "invoice", "cancellation", "correction", "payment", "payment_reversal", "cash_discount", "write_off",
    "credit_applied", "credit_used", "credit_reversal", "payout", "reversal", "refund", "chargeback",
    "fee", "interest", "lump_sum",
    "refund_ordered", "refund_returned", "double_payout", "provider_fee", "fee_reversal",
})  # fmt: skip
COMMON_ENTRIES = ("invoice", "payment")  # as in ix_journal_entries_rare
_owed, _parent, _named = (Receivable.__table__.alias() for _ in range(3))
_storno = Invoice.__table__.alias()


_AT_LEVEL = DunningLevel.level == Receivable.dunning_level


def _level_name() -> Any:
    """How far what is open was reminded, by the level's name; beside `DunningLevel`, joined by `_AT_LEVEL`."""
    name = func.coalesce(DunningLevel.name, "")
    return case((Receivable.open_cents > 0, name), else_="").label("level_name")


def _invoices(today: date) -> Rows:
    return select(
        Invoice.id, Invoice.number, Invoice.kind, Invoice.customer_id, Invoice.customer_number,
        Invoice.buyer_name.label("customer"), Invoice.issued_on, Invoice.due_on, Invoice.net_cents, Invoice.tax_cents,
        Invoice.gross_cents, Invoice.currency_code, Invoice.status, Receivable.open_cents,
        Receivable.due_on.label("payable_on"), state_of(today).label("state"), _level_name(),
        corrected_cents().label("corrected_cents"),
    ).outerjoin(Receivable, Receivable.invoice_id == Invoice.id).outerjoin(DunningLevel, _AT_LEVEL)  # fmt: skip


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


def day_bound(compare: Callable[[date], Any], leads: str) -> Narrow:
    """From or up to a day in ISO's form; the list then stands in the order of these days."""

    def meaning(value: str) -> Condition | None:
        try:
            return Condition(compare(date.fromisoformat(value)), leads=leads)
        except ValueError:
            return None

    return meaning


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


def _receivables() -> Rows:
    return (
        select(
            Receivable.id, what_it_is().label("kind"), Invoice.id.label("invoice_id"),
            Invoice.number.label("invoice_number"), Receivable.customer_id, Customer.number.label("customer_number"),
            customer_name().label("customer"),
            Receivable.due_on, Receivable.amount_cents, Receivable.open_cents, Receivable.currency_code,
            Receivable.dunning_level, Receivable.settled_on,
            _level_name(),
        )
        .join(Customer, Customer.id == Receivable.customer_id)
        .outerjoin(_parent, _parent.c.id == Receivable.parent_id)
        .outerjoin(Invoice, Invoice.id == func.coalesce(Receivable.invoice_id, _parent.c.invoice_id))
        .outerjoin(DunningLevel, _AT_LEVEL)
    )  # fmt: skip


AGES = ("current", "1-30", "31-60", "61-90", "91")  # days since it was due


def of_age(age: str, today: date) -> ColumnElement[bool]:
    """Open receivables that have been due for so long: one of AGES."""
    if age == "current":
        return OPEN & (Receivable.due_on >= today)
    first, _, last = age.partition("-")
    since = OPEN & (Receivable.due_on <= today - timedelta(days=int(first)))
    return since & (Receivable.due_on >= today - timedelta(days=int(last))) if last else since


def _of_age(today: date) -> Narrow:
    def meaning(age: str) -> Condition | None:
        return Condition(of_age(age, today), leads="due_on") if age in AGES else None

    return meaning


LEVELS = frozenset(map(str, range(21)))  # 0: not reminded of; as many as there can be


def _of_level(value: str) -> Condition | None:
    """Open, and reminded of up to that level."""
    return Condition(OPEN & (Receivable.dunning_level == int(value)), leads="due_on") if value in LEVELS else None


def _invoice_level(value: str) -> Condition | None:
    """Invoices of which something is open that was reminded of up to that level."""
    if value not in LEVELS:
        return None
    owed, number = Receivable.__table__.alias(), int(value)
    of_row = there_is(owed.c.invoice_id == Invoice.id, owed.c.open_cents > 0, owed.c.dunning_level == number)
    stands = (OPEN, Receivable.open_cents > 0, Receivable.dunning_level == number, Receivable.invoice_id.isnot(None))
    return Condition(of_row, select(Receivable.invoice_id).where(*stands))


def receivables(today: date) -> Listing:
    """What is owed; overdue is computed, not stored. What is open can be sorted by the day it is due."""
    meanings = {
        "open": Condition(OPEN, leads="due_on"),
        "overdue": Condition(OPEN & (Receivable.open_cents > 0) & (Receivable.due_on < today), leads="due_on"),
        "settled": Condition(Receivable.open_cents == 0),
    }
    return Listing(
        statement=_receivables,
        key=Receivable.id,
        sorts={"due_on": Sort((Receivable.due_on, Receivable.customer_id), led=True)},
        narrows={"state": meanings.get, "age": _of_age(today), "level": _of_level},
        search=_receivable_words,
    )


def _receivable_words(text: str) -> list[Condition]:
    """By the invoice's number or the customer's words."""
    of_row = there_is(Invoice.id == Receivable.invoice_id, number_has(Invoice.number, text))
    numbered = select(Receivable.id).join(Invoice, Invoice.id == Receivable.invoice_id)
    found = any_of(Condition(of_row, numbered.where(number_begins(Invoice.number, text))), _hangs_on(text))
    return number_or_customer(found, Receivable.customer_id, Receivable.id, text)


def _hangs_on(text: str) -> Condition:
    """Fees, interest and lump sums of the invoice of that number."""
    invoiced = select(_named.c.id).join(Invoice, Invoice.id == _named.c.invoice_id)
    numbered = invoiced.where(number_begins(Invoice.number, text))
    of_row = invoiced.where(_named.c.id == Receivable.parent_id, number_has(Invoice.number, text))
    holds = of_row.limit(1).correlate(Receivable).scalar_subquery().is_not(None)
    return Condition(holds, select(Receivable.id).where(Receivable.parent_id.in_(numbered)))


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


def _postings() -> Rows:
    return (
        select(
            Posting.id, Posting.entry_id, JournalEntry.booked_on, entry_called().label("kind"), Posting.account,
            Posting.amount_cents, Posting.currency_code, Posting.customer_id, customer_name().label("customer"),
            JournalEntry.invoice_id, Invoice.number.label("invoice_number"),
        )
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .join(Customer, Customer.id == Posting.customer_id)
        .outerjoin(Invoice, Invoice.id == JournalEntry.invoice_id)
    )  # fmt: skip


def _entry_kind(value: str) -> Condition | None:
    """Invoices and payments are most of the books; what is rare stands in an index of its own."""
    if value in ("chargeback", RETURNED_DEBIT):
        return postings_called(value)
    if value not in ENTRY_KINDS:
        return None
    of_row = there_is(JournalEntry.id == Posting.entry_id, JournalEntry.kind == value)
    if value in COMMON_ENTRIES:
        return Condition(of_row)
    rare = [JournalEntry.kind != literal_column(f"'{each}'") for each in COMMON_ENTRIES]
    members = select(Posting.id).join(JournalEntry, JournalEntry.id == Posting.entry_id)
    return Condition(of_row, members.where(*rare, JournalEntry.kind == value))


def _ledger_words(text: str) -> list[Condition]:
    """By the invoice's number or the customer's words."""
    to_entry, to_invoice = JournalEntry.id == Posting.entry_id, Invoice.id == JournalEntry.invoice_id
    of_row = there_is(to_entry, to_invoice, number_has(Invoice.number, text))
    numbered = select(Posting.id).join(JournalEntry, to_entry).join(Invoice, to_invoice)
    found = Condition(of_row, numbered.where(number_begins(Invoice.number, text)))
    return number_or_customer(found, Posting.customer_id, Posting.id, text)


LEDGER = Listing(statement=_postings, key=Posting.id, narrows={"kind": _entry_kind}, search=_ledger_words)
