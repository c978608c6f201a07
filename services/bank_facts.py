"""What the house knows about bank lines, looked up for many at once: a fixed number of statements however many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, cast

from sqlalchemy import and_, func, literal_column, select, union
from sqlalchemy.orm import Session, aliased

from billing.bank_matching import Known, Owing, Paid, Suggestion, suggest
from billing.bank_numbers import Mention, mentions
from extensions import db
from models import (
    BankLine,
    BankMatch,
    BankStatement,
    Customer,
    Invoice,
    Mandate,
    NumberRange,
    Payment,
    Receivable,
)
from services import hanging

MOST_OWING = 5_000  # open receivables that are looked at for one chunk of lines
_survivor = func.coalesce(Customer.survivor_id, Customer.id)
_undone = aliased(Payment)
_other, _source = aliased(BankLine), aliased(BankStatement)


def offers(lines: Sequence[BankLine]) -> dict[int, tuple[Suggestion, ...]]:
    """What each line may pay, the best first, by the line's id. Nine statements."""
    told = numbers_in(lines)
    numbers = sorted({number for each in told.values() for mention in each for number in mention.numbers})
    invoices, customers = _invoices(numbers), _customers(numbers)
    holders = holders_of({line.other_iban for line in lines if line.other_iban})
    whose = {id_ for ids in holders.values() for id_ in ids} | set(customers.values())
    known = Known(invoices, _owing(whose), holders, customers)
    twins = _told_elsewhere(lines)
    return {
        line.id: suggest(Paid(line.amount_cents, line.currency_code, line.other_iban, told[line.id],
                              line.id in twins), known)
        for line in lines
    }  # fmt: skip


def numbers_in(lines: Sequence[BankLine]) -> dict[int, tuple[Mention, ...]]:
    """The invoice numbers that each line may name, by the line's id. One statement."""
    patterns = list(db.session.scalars(select(NumberRange.pattern).where(NumberRange.code != "customer")))
    return {line.id: mentions(f"{line.purpose} {line.end_to_end_id}", patterns) for line in lines}


def _owed() -> Any:
    columns = (Receivable.id, _survivor, Invoice.number, Receivable.currency_code, Receivable.open_cents,
               Receivable.due_on)  # fmt: skip
    query = select(*columns).join(Customer, Customer.id == Receivable.customer_id)
    return query.outerjoin(Invoice, Invoice.id == Receivable.invoice_id)


def _invoices(numbers: Collection[str]) -> dict[str, Owing]:
    query = _owed().where(Invoice.number.in_(numbers), Invoice.kind == "invoice")
    return {each.number: each for each in _with_hangs(db.session.execute(query).all())}


def _customers(numbers: Collection[str]) -> dict[str, int]:
    rows = db.session.execute(select(Customer.number, _survivor).where(Customer.number.in_(numbers)))
    return dict(rows.tuples().all())


def holders_of(ibans: Collection[str]) -> Mapping[str, Sequence[int]]:
    """Whose an account is: by the record, by a mandate, and by what was booked from it before."""
    by_record = select(Customer.bank_iban, _survivor).where(Customer.bank_iban.in_(ibans))
    by_mandate = (
        select(Mandate.iban, _survivor)
        .join(Customer, Customer.id == Mandate.customer_id)
        .where(Mandate.iban.in_(ibans))
    )
    by_payment = (
        select(BankLine.other_iban, _survivor)
        .join(BankMatch, BankMatch.line_id == BankLine.id)
        .join(Payment, Payment.id == BankMatch.payment_id)
        .outerjoin(_undone, _undone.reverses_id == Payment.id)
        .join(Customer, Customer.id == Payment.customer_id)
        .where(BankLine.other_iban.in_(ibans), BankLine.other_iban != BankLine.iban, _undone.id.is_(None))
    )
    found: dict[str, set[int]] = defaultdict(set)
    for iban, customer_id in db.session.execute(union(by_record, by_mandate, by_payment)):
        found[iban].add(customer_id)
    return {iban: sorted(ids) for iban, ids in found.items()}


def _owing(customer_ids: Collection[int]) -> Mapping[int, Sequence[Owing]]:
    found: dict[int, list[Owing]] = defaultdict(list)
    mine = (_survivor.in_(customer_ids), Receivable.open_cents > literal_column("0"))
    query = _owed().where(*mine).order_by(Receivable.due_on, Receivable.id).limit(MOST_OWING)
    for each in _with_hangs(db.session.execute(query).all()):
        found[each.customer_id].append(each)
    return found


def _told_elsewhere(lines: Sequence[BankLine]) -> set[int]:
    """Lines of which a file of the other form told an equal movement: they have other words, so their keys differ."""
    alike = and_(
        _other.iban == BankLine.iban, _other.booked_on == BankLine.booked_on, _other.id != BankLine.id,
        _other.amount_cents == BankLine.amount_cents, _other.currency_code == BankLine.currency_code,
    )  # fmt: skip
    query = (
        select(BankLine.id)
        .join(BankStatement, BankStatement.id == BankLine.statement_id)
        .join(_other, alike)
        .join(_source, _source.id == _other.statement_id)
        .where(BankLine.id.in_([line.id for line in lines]), _source.source != BankStatement.source)
    )
    return set(db.session.scalars(query))


def _with_hangs(rows: Sequence[Sequence[Any]]) -> list[Owing]:
    found = hanging.hanging_on(cast(Session, db.session()), [row[0] for row in rows])
    return [_owing_of(row, found.get(row[0], ())) for row in rows]


def _owing_of(row: Sequence[Any], hangs: Sequence[tuple[int, int]]) -> Owing:
    id_, customer_id, number, currency, open_cents, due_on = row
    day: date = due_on
    return Owing(id_, customer_id, number or "", currency, open_cents, day, tuple(hangs))
