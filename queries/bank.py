"""Bank statements and their lines as the screen shows them: a page at a time, each by a fixed number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import aliased

from billing.bank_matching import Suggestion
from billing.bank_orders import Order
from extensions import db
from models import BankLine, BankMatch, BankStatement, Customer, Invoice, Payment, Receivable
from queries.bank_orders import OrderOffer, described, is_an_order
from queries.lists.names import customer_name
from queries.lists.owing import OPEN

PAGE = 25
FOUND = 12  # invoices that a search for the right one shows
STATES = ("open", "booked", "ignored", "out")
_undoing = aliased(Payment)
Judge = Callable[[Sequence[BankLine]], Mapping[int, tuple[Suggestion, ...]]]  # services.bank_facts.offers
Clerk = Callable[[Sequence[BankLine]], Mapping[int, tuple[Order, ...]]]  # services.bank_order_facts.orders_of


@dataclass(frozen=True, slots=True)
class Booked:
    """A payment that a line became and that stands. `number`: of its invoice, None for paid credit. `kind`: payment,
    refund, chargeback, or reversal of a refund that came back."""

    payment_id: int
    kind: str
    cents: int
    invoice_id: int | None
    number: str | None
    customer_id: int
    customer: str


@dataclass(frozen=True, slots=True)
class Part:
    """What a suggestion pays of one invoice, and what stays open of it."""

    number: str
    invoice_id: int | None
    cents: int
    open_after_cents: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A suggestion in words and figures; `mark` says which it is when it is accepted."""

    how: str
    mark: str
    customer_id: int
    customer: str
    parts: tuple[Part, ...]
    credit_cents: int


@dataclass(frozen=True, slots=True)
class LineRow:
    """`left_cents` of it wait; `offers`, and `orders` of ours that it may be, are told of lines that wait."""

    id: int
    statement_id: int
    iban: str
    booked_on: date
    amount_cents: int
    left_cents: int
    currency: str
    other_name: str
    other_iban: str
    purpose: str
    return_code: str
    state: str
    answer: str
    note: str
    booked: tuple[Booked, ...]
    offers: tuple[Offer, ...]
    orders: tuple[OrderOffer, ...]


@dataclass(frozen=True, slots=True)
class LinePage:
    """`before` is where the next, older rows begin."""

    rows: tuple[LineRow, ...]
    before: int | None


@dataclass(frozen=True, slots=True)
class StatementRow:
    id: int
    iban: str
    source: str
    opened_on: date | None
    closed_on: date
    opening_cents: int | None
    closing_cents: int | None
    currency: str
    created_at: datetime
    lines: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Found:
    """An open invoice that a person may mean."""

    invoice_id: int
    number: str
    customer_id: int
    customer: str
    open_cents: int
    currency: str
    due_on: date


def find_lines(
    judge: Judge, clerk: Clerk, state: str, search: str = "", statement: int | None = None, before: int | None = None
) -> LinePage:  # fmt: skip
    """The newest first; `state` is one of STATES, `judge` says what those that wait may pay, `clerk` what they are of
    our own orders. At most twenty-four statements, however many lines."""
    query = select(BankLine).where(*_of_state(state)).order_by(BankLine.id.desc()).limit(PAGE + 1)
    if search.strip() and search.isprintable():
        query = query.where(_has(search.strip()[:100]))
    if statement:
        query = query.where(BankLine.statement_id == statement)
    if before:
        query = query.where(BankLine.id < before)
    found = list(db.session.scalars(query))
    shown = found[:PAGE]
    return LinePage(_told(shown, judge, clerk), shown[-1].id if len(found) > PAGE else None)


def get_line(line_id: int) -> LineRow | None:
    line = db.session.get(BankLine, line_id)
    return _told([line])[0] if line else None


def count_waiting() -> int:
    """Lines that somebody has to see to. One statement."""
    return int(db.session.scalar(select(func.count()).select_from(BankLine).where(*_of_state("open"))) or 0)


def find_statements(before: int | None = None) -> tuple[tuple[StatementRow, ...], int | None]:
    """The newest first, and where the next page begins. One statement."""
    lines = select(func.count()).where(BankLine.statement_id == BankStatement.id).correlate(BankStatement)
    waiting = lines.where(*_of_state("open"))
    query = select(
        BankStatement.id, BankStatement.iban, BankStatement.source, BankStatement.opened_on, BankStatement.closed_on,
        BankStatement.opening_cents, BankStatement.closing_cents, BankStatement.currency_code,
        BankStatement.created_at, lines.scalar_subquery(), waiting.scalar_subquery(),
    ).order_by(BankStatement.id.desc()).limit(PAGE + 1)  # fmt: skip
    if before:
        query = query.where(BankStatement.id < before)
    rows = tuple(StatementRow(*row) for row in db.session.execute(query))
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def find_open(search: str, currency: str) -> tuple[Found, ...]:
    """Open invoices by the beginning of their number, or by their customer's number or name. One statement."""
    words = search.strip()[:100]
    if not words or not words.isprintable():
        return ()
    begins, has = _escaped(words) + "%", "%" + _escaped(words) + "%"
    known = or_(
        Invoice.number.ilike(begins, escape="\\"), Customer.number == words,
        customer_name().ilike(has, escape="\\"),
    )  # fmt: skip
    query = (
        select(Invoice.id, Invoice.number, Customer.id, customer_name(), Receivable.open_cents,
               Receivable.currency_code, Receivable.due_on)
        .join(Invoice, Invoice.id == Receivable.invoice_id)
        .join(Customer, Customer.id == Receivable.customer_id)
        .where(OPEN, Receivable.open_cents > 0, Receivable.currency_code == currency, known)
    )  # fmt: skip
    rows = db.session.execute(query.order_by(Receivable.due_on, Receivable.id).limit(FOUND))
    return tuple(Found(*row) for row in rows)


def _of_state(state: str) -> Sequence[ColumnElement[bool]]:
    """What came in waits for a person, and what was given back; other money that went out is nobody's task."""
    concerns = or_(BankLine.amount_cents > 0, BankLine.return_code != "", is_an_order())
    waits = BankLine.state == "unmatched"
    return {
        "open": (waits, concerns), "out": (waits, ~concerns), "booked": (BankLine.state == "matched",),
        "ignored": (BankLine.state == "ignored",),
    }.get(state, (waits, concerns))  # fmt: skip


def _has(text: str) -> ColumnElement[bool]:
    like = f"%{_escaped(text)}%"
    return or_(*(column.ilike(like, escape="\\") for column in
                 (BankLine.purpose, BankLine.other_name, BankLine.other_iban, BankLine.end_to_end_id)))  # fmt: skip


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _told(
    lines: Sequence[BankLine], judge: Judge | None = None, clerk: Clerk | None = None
) -> tuple[LineRow, ...]:  # fmt: skip
    booked = _booked([line.id for line in lines])
    waiting = [line for line in lines if line.state == "unmatched" and not booked.get(line.id)]
    offered = _offers(judge(waiting)) if judge and waiting else {}
    ordered = described(clerk(waiting)) if clerk and waiting else {}
    return tuple(
        LineRow(
            line.id, line.statement_id, line.iban, line.booked_on, line.amount_cents,
            _left(line, booked.get(line.id, ())), line.currency_code,
            line.other_name, line.other_iban, line.purpose, line.return_code, line.state, line.answer, line.note,
            tuple(booked.get(line.id, ())), offered.get(line.id, ()),
            ordered.get(line.id, ()),
        )
        for line in lines
    )  # fmt: skip


def _left(line: BankLine, booked: Sequence[Booked]) -> int:
    """What waits of it, whichever way the money went."""
    left = abs(line.amount_cents) - sum(each.cents for each in booked)
    return left if line.amount_cents >= 0 else -left


def _booked(line_ids: Collection[int]) -> dict[int, list[Booked]]:
    query = (
        select(BankMatch.line_id, Payment.id, Payment.kind, BankMatch.amount_cents, Receivable.invoice_id,
               Invoice.number, Customer.id, customer_name())
        .join(Payment, Payment.id == BankMatch.payment_id)
        .join(Customer, Customer.id == Payment.customer_id)
        .outerjoin(Receivable, Receivable.id == Payment.receivable_id)
        .outerjoin(Invoice, Invoice.id == Receivable.invoice_id)
        .where(BankMatch.line_id.in_(line_ids), ~exists().where(_undoing.reverses_id == Payment.id))
        .order_by(BankMatch.id)
    )  # fmt: skip
    found: dict[int, list[Booked]] = defaultdict(list)
    for line_id, *values in db.session.execute(query):
        found[line_id].append(Booked(*values))
    return found


def _offers(found: Mapping[int, tuple[Suggestion, ...]]) -> dict[int, tuple[Offer, ...]]:
    every = [offer for each in found.values() for offer in each]
    owed = _owed({receivable for offer in every for receivable, _ in offer.parts})
    names = _names({offer.customer_id for offer in every})
    return {id_: tuple(_offer(offer, owed, names) for offer in each) for id_, each in found.items()}


def _owed(ids: Collection[int]) -> dict[int, Any]:
    query = select(Receivable.id, Receivable.invoice_id, Invoice.number, Receivable.open_cents)
    query = query.outerjoin(Invoice, Invoice.id == Receivable.invoice_id).where(Receivable.id.in_(ids))
    return {row.id: row for row in db.session.execute(query)}


def _names(ids: Collection[int]) -> dict[int, str]:
    rows = db.session.execute(select(Customer.id, customer_name()).where(Customer.id.in_(ids)))
    return dict(rows.tuples().all())


def _offer(offer: Suggestion, owed: dict[int, Any], names: dict[int, str]) -> Offer:
    parts = tuple(
        Part(owed[id_].number or "", owed[id_].invoice_id, cents, owed[id_].open_cents - cents)
        for id_, cents in offer.parts
    )
    return Offer(offer.how, offer.mark, offer.customer_id, names.get(offer.customer_id, ""), parts,
                 offer.credit_cents)  # fmt: skip
