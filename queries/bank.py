"""Bank statements and their lines as the screen shows them: a page at a time, each by a fixed number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import aliased

from billing.bank_matching import Suggestion
from billing.bank_orders import Order
from extensions import db
from models import BankLine, BankMatch, Customer, Invoice, Payment, Receivable
from queries.bank_batches import Apart, BatchOffer, apart, offered
from queries.bank_hints import DebitHint, Settled, hints, settled
from queries.bank_orders import OrderOffer, described, is_an_order
from queries.bank_search import escaped
from queries.lists.names import customer_name
from queries.lists.owing import what_it_is

PAGE = 25
FAILED = "failed"  # services.bank_aside.ANSWER
STATES = ("open", "booked", "ignored", "out")
_undoing, _parent = aliased(Payment), aliased(Receivable)
Judge = Callable[[Sequence[BankLine]], Mapping[int, tuple[Suggestion, ...]]]  # services.bank_facts.offers
Sums = Callable[[Collection[int]], Mapping[tuple[str, date, str], int]]  # services.bank_sums.booked_otherwise
Clerk = Callable[[Sequence[BankLine]], Mapping[int, tuple[Order, ...]]]  # services.bank_order_facts.orders_of


@dataclass(frozen=True, slots=True)
class Booked:
    """A payment that a line became and that stands. `number`: of its invoice, or of the one that a fee hangs on; None
    for paid credit. `kind`: payment, refund, chargeback, or reversal of a refund that came back."""

    payment_id: int
    kind: str
    cents: int
    invoice_id: int | None
    number: str | None
    customer_id: int
    customer: str


@dataclass(frozen=True, slots=True)
class Part:
    """What a suggestion pays of one invoice, and what stays open of it. `what`: a fee or interest that hangs on it is
    told as such, "invoice" else."""

    what: str
    number: str
    invoice_id: int | None
    cents: int
    open_after_cents: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A suggestion in words and figures; `mark` says which it is when it is accepted; `asks`: almost all
    would be credit, so a person is asked first; `settled`: what the line names though nothing is open of it."""

    how: str
    mark: str
    customer_id: int
    customer: str
    parts: tuple[Part, ...]
    credit_cents: int
    asks: bool = False
    settled: tuple[Settled, ...] = ()


@dataclass(frozen=True, slots=True)
class LineRow:
    """`left_cents` of it wait; `offers`, `orders` of ours and sums of `batches` that it may be are told of lines that
    wait; `apart`: as a sum of parts, or a part; `hint`: why it waits though it names a debit of ours;
    `sum_cents`: of a sum that stands booked and that it may be a part of; `failed`: it could not be matched because of
    an error, and nothing is suggested for it, because the suggestion may be what fails."""

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
    batches: tuple[BatchOffer, ...]
    apart: Apart
    hint: DebitHint | None = None
    sum_cents: int = 0
    failed: bool = False


@dataclass(frozen=True, slots=True)
class LinePage:
    """`before` is where the next, older rows begin."""

    rows: tuple[LineRow, ...]
    before: int | None


def find_lines(
    judge: Judge, clerk: Clerk, sums: Sums, state: str, search: str = "", statement: int | None = None,
    before: int | None = None,
) -> LinePage:  # fmt: skip
    """The newest first; `state` is one of STATES, `judge` says what those that wait may pay, `clerk` what they are of
    our own orders, `sums` whether they are parts of sums that are seen to. At most thirty statements, however many
    lines."""
    query = select(BankLine).where(*of_state(state)).order_by(BankLine.id.desc()).limit(PAGE + 1)
    if search.strip() and search.isprintable():
        query = query.where(_has(search.strip()[:100]))
    if statement:
        query = query.where(BankLine.statement_id == statement)
    if before:
        query = query.where(BankLine.id < before)
    found = list(db.session.scalars(query))
    shown = found[:PAGE]
    return LinePage(_told(shown, judge, clerk, sums), shown[-1].id if len(found) > PAGE else None)


def get_line(line_id: int, judge: Judge | None = None) -> LineRow | None:
    line = db.session.get(BankLine, line_id)
    return _told([line], judge)[0] if line else None


def count_waiting(statement: int | None = None) -> int:
    """Lines that somebody has to see to, of a statement or of all. One statement."""
    return _count(statement)


def count_failed(statement: int | None = None) -> int:
    """Those of them that an error kept from being matched. One statement."""
    return _count(statement, BankLine.answer == FAILED)


def _count(statement: int | None, *which: ColumnElement[bool]) -> int:
    mine = (BankLine.statement_id == statement,) if statement else ()
    query = select(func.count()).select_from(BankLine).where(*of_state("open"), *which, *mine)
    return int(db.session.scalar(query) or 0)


def of_state(state: str) -> Sequence[ColumnElement[bool]]:
    """What came in waits for a person, and what was given back; other money that went out is nobody's task."""
    concerns = or_(BankLine.amount_cents > 0, BankLine.return_code != "", is_an_order())
    waits = BankLine.state == "unmatched"
    return {
        "open": (waits, concerns), "out": (waits, ~concerns), "booked": (BankLine.state == "matched",),
        "ignored": (BankLine.state == "ignored",),
    }.get(state, (waits, concerns))  # fmt: skip


def _has(text: str) -> ColumnElement[bool]:
    like = f"%{escaped(text)}%"
    return or_(*(column.ilike(like, escape="\\") for column in
                 (BankLine.purpose, BankLine.other_name, BankLine.other_iban, BankLine.end_to_end_id)))  # fmt: skip


def _told(
    lines: Sequence[BankLine], judge: Judge | None = None, clerk: Clerk | None = None, sums: Sums | None = None
) -> tuple[LineRow, ...]:  # fmt: skip
    booked = _booked([line.id for line in lines])
    waiting = [line for line in lines if line.state == "unmatched" and not booked.get(line.id)]
    sound = [line for line in waiting if line.answer != FAILED]
    suggested = _offers(judge(sound)) if judge and sound else {}
    ordered = described(clerk(sound)) if clerk and sound else {}
    batches = offered(waiting) if waiting else {}
    parts, why = apart([line.id for line in lines]), hints(waiting)
    wholes = sums({line.statement_id for line in waiting}) if sums and waiting else {}
    return tuple(
        LineRow(
            line.id, line.statement_id, line.iban, line.booked_on, line.amount_cents,
            _left(line, booked.get(line.id, ())), line.currency_code,
            line.other_name, line.other_iban, line.purpose, line.return_code, line.state, line.answer, line.note,
            tuple(booked.get(line.id, ())), suggested.get(line.id, ()),
            ordered.get(line.id, ()), batches.get(line.id, ()), parts.get(line.id, Apart()),
            why.get(line.id), wholes.get((line.iban, line.booked_on, line.reference), 0),
            line.state == "unmatched" and line.answer == FAILED,
        )
        for line in lines
    )  # fmt: skip


def _left(line: BankLine, booked: Sequence[Booked]) -> int:
    """What waits of it, whichever way the money went."""
    left = abs(line.amount_cents) - sum(each.cents for each in booked)
    return left if line.amount_cents >= 0 else -left


def _booked(line_ids: Collection[int]) -> dict[int, list[Booked]]:
    query = (
        select(BankMatch.line_id, Payment.id, Payment.kind, BankMatch.amount_cents, Invoice.id, Invoice.number,
               Customer.id, customer_name())
        .join(Payment, Payment.id == BankMatch.payment_id)
        .join(Customer, Customer.id == Payment.customer_id)
        .outerjoin(Receivable, Receivable.id == Payment.receivable_id)
        .outerjoin(_parent, _parent.id == Receivable.parent_id)
        .outerjoin(Invoice, Invoice.id == func.coalesce(Receivable.invoice_id, _parent.invoice_id))
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
    done = settled({number for offer in every for number in offer.settled})
    return {id_: tuple(_offer(offer, owed, names, done) for offer in each) for id_, each in found.items()}


def _owed(ids: Collection[int]) -> dict[int, Any]:
    query = select(Receivable.id, what_it_is().label("what"), Invoice.id.label("invoice_id"), Invoice.number,
                   Receivable.open_cents)  # fmt: skip
    query = query.outerjoin(_parent, _parent.id == Receivable.parent_id).where(Receivable.id.in_(ids))
    query = query.outerjoin(Invoice, Invoice.id == func.coalesce(Receivable.invoice_id, _parent.invoice_id))
    return {row.id: row for row in db.session.execute(query)}


def _names(ids: Collection[int]) -> dict[int, str]:
    rows = db.session.execute(select(Customer.id, customer_name()).where(Customer.id.in_(ids)))
    return dict(rows.tuples().all())


def _offer(
    offer: Suggestion, owed: dict[int, Any], names: dict[int, str], done: Mapping[str, Settled]
) -> Offer:  # fmt: skip
    parts = tuple(
        Part(owed[id_].what, owed[id_].number or "", owed[id_].invoice_id, cents, owed[id_].open_cents - cents)
        for id_, cents in offer.parts
    )
    named = tuple(done[each] for each in offer.settled if each in done)
    return Offer(offer.how, offer.mark, offer.customer_id, names.get(offer.customer_id, ""), parts,
                 offer.credit_cents, offer.asks, named)  # fmt: skip
